"""A heat map with its numbers written in: one value for each pair of two settings."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from wifitrain.report.charts.canvas import Canvas, Chart, Letters, Stroke, text_width
from wifitrain.report.charts.palette import GRID, HEAT, HEAT_INK, INK, MUTED

__all__ = ["draw_heat"]

Place = tuple[str, str]

_ROW_IN, _BELOW = 0.38, 30  # height of a row; units below the rows
_CHOSEN, _PLAIN = Stroke(colour=INK, width=2.0), Stroke(colour=GRID, width=0.6)
_NAME = Letters(colour=MUTED, anchor="middle")
_COLUMN, _ROW = (Letters(size=7.5, colour=MUTED, anchor=side) for side in ("middle", "end"))


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
    canvas = Canvas(name, height_in=0.48 + _ROW_IN * len(rows), width_in=4.3)
    left = 22 + max((text_width(row, size=7.5) for row in rows), default=0)
    wide = (canvas.width - left - 4) / max(len(columns), 1)
    high = (canvas.height - _BELOW - 4) / max(len(rows), 1)
    # Framed cells last: their frame lies over their neighbours'.
    for place in sorted(values, key=lambda place: place in chosen):
        corner = (left + columns.index(place[1]) * wide, 4 + rows.index(place[0]) * high)
        step = _step(values[place], list(values.values()))
        _cell(canvas, (*corner, wide, high), step=step, is_chosen=place in chosen)
        middle = (corner[0] + wide / 2, corner[1] + high / 2 + 2.9)
        canvas.text(middle, show(values[place]), Letters(colour=HEAT_INK[step], anchor="middle"))
    for i, row in enumerate(rows):
        canvas.text((left - 6, 4 + (i + 0.5) * high + 2.7), row, _ROW)
    for i, column in enumerate(columns):
        canvas.text((left + (i + 0.5) * wide, canvas.height - _BELOW + 10), column, _COLUMN)
    canvas.text((10, 4 + len(rows) * high / 2), labels[0], _NAME, turned=True)
    canvas.text((left + len(columns) * wide / 2, canvas.height - 7), labels[1], _NAME)
    return canvas.chart


def _cell(
    canvas: Canvas, at: tuple[float, float, float, float], *, step: int, is_chosen: bool
) -> None:
    """A rectangle: left, top, width and height."""
    left, top, wide, high = at
    inside = (
        f"M{left + 0.02 * wide:.1f} {top + 0.04 * high:.1f}h{0.96 * wide:.1f}v{0.92 * high:.1f}"
    )
    stroke = _CHOSEN if is_chosen else _PLAIN
    canvas.path(f"{inside}h{-0.96 * wide:.1f}Z", stroke=stroke, fill=HEAT[step])


def _step(value: float, everything: Sequence[float]) -> int:
    low, high = min(everything), max(everything)
    if math.isclose(low, high):
        return 2
    return min(int((value - low) / (high - low) * len(HEAT)), len(HEAT) - 1)
