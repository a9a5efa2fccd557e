"""A heat map with its numbers written in: one value for each pair of two settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.report.charts.canvas import LETTER_IN, Chart, Margins, canvas
from wifitrain.report.charts.palette import GRID, HEAT, HEAT_INK, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_heat"]

Place = tuple[str, str]


def draw_heat(
    name: str,
    values: Mapping[Place, float],
    *,
    labels: tuple[str, str],
    show: Callable[[float], str],
    chosen: Sequence[Place] = (),
) -> Chart:
    """`values` by (row, column) in the order they should appear; `chosen` cells are framed.

    Colours are `HEAT` steps between the lowest and the highest value; a missing pair stays empty.
    """
    rows = list(dict.fromkeys(row for row, _ in values))
    columns = list(dict.fromkeys(column for _, column in values))
    margins = Margins(left=0.4 + LETTER_IN * max(map(len, rows), default=0))
    height_in = 0.75 + 0.38 * len(rows)
    with canvas(name, height_in=height_in, width_in=4.3, margins=margins) as drawing:
        axes = drawing.figure.subplots()
        for (row, column), value in values.items():
            at = (columns.index(column), rows.index(row))
            step = _step(value, list(values.values()))
            frame = (INK, 2.0, 3) if (row, column) in chosen else (GRID, 0.6, 2)
            _cell(axes, at, fill=HEAT[step], frame=frame)
            axes.text(
                *at,
                show(value),
                ha="center",
                va="center",
                color=HEAT_INK[step],
                fontsize=8,
                zorder=4,
            )
        _lay_out(axes, rows, columns, labels=labels)
    return drawing.chart


def _lay_out(
    axes: Axes, rows: Sequence[str], columns: Sequence[str], *, labels: tuple[str, str]
) -> None:
    axes.set(
        xlim=(-0.55, len(columns) - 0.45),
        ylim=(len(rows) - 0.45, -0.55),
        ylabel=labels[0],
        xlabel=labels[1],
    )
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0, labelcolor=MUTED)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell(axes: Axes, at: tuple[int, int], *, fill: str, frame: tuple[str, float, int]) -> None:
    from matplotlib.patches import Rectangle

    colour, width, order = frame
    box = Rectangle(
        (at[0] - 0.48, at[1] - 0.46),
        0.96,
        0.92,
        facecolor=fill,
        edgecolor=colour,
        linewidth=width,
        zorder=order,
    )
    axes.add_patch(box)


def _step(value: float, everything: Sequence[float]) -> int:
    low, high = min(everything), max(everything)
    if math.isclose(low, high):
        return 2
    return min(int((value - low) / (high - low) * len(HEAT)), len(HEAT) - 1)
