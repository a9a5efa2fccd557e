"""Horizontal bars with names at their left, a reference line, and whiskers where known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.report.charts.canvas import LETTER_IN, WIDTH_IN, Chart, Margins, canvas, plain_axes
from wifitrain.report.charts.palette import ACCENT, ALERT, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Bar", "draw_bars"]

_LONGEST_NAME = 34


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. `stands_out`: in the alert's colour and marked by its value in bold."""

    name: str
    value: float
    shown: str
    whisker: Sequence[float] | None = None
    stands_out: bool = False


def draw_bars(
    name: str,
    bars: Sequence[Bar],
    *,
    label: str,
    reference: float | None = None,
    width_in: float = WIDTH_IN,
) -> Chart:
    """First bar on top; values at the end of each bar."""
    names = [_short(bar.name) for bar in bars]
    margins = Margins(left=0.15 + LETTER_IN * max(map(len, names), default=0))
    height_in = 0.55 + 0.2 * len(bars)
    with canvas(name, height_in=height_in, width_in=width_in, margins=margins) as drawing:
        axes = drawing.figure.subplots()
        plain_axes(axes, grid="x")
        places = range(len(bars))
        colours = [ALERT if bar.stands_out else ACCENT for bar in bars]
        axes.barh(places, [bar.value for bar in bars], color=colours, height=0.62, alpha=0.88)
        axes.set_yticks(places, names)
        axes.tick_params(axis="y", labelcolor=INK, labelsize=8)
        axes.set(xlabel=label, ylim=(len(bars) - 0.5, -0.5))
        for place, bar in enumerate(bars):
            _end(axes, bar, place)
        if reference is not None:
            axes.axvline(reference, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        axes.margins(x=0.12)
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    return drawing.chart


def _end(axes: Axes, bar: Bar, place: int) -> None:
    """The whisker, and the value in words."""
    end = max(bar.value, bar.whisker[1]) if bar.whisker else bar.value
    if bar.whisker:
        axes.plot(bar.whisker, [place, place], color=INK, linewidth=1.1)
    axes.annotate(
        bar.shown,
        (max(end, 0), place),
        xytext=(4, 0),
        textcoords="offset points",
        va="center",
        fontsize=7.5,
        fontweight="bold" if bar.stands_out else "normal",
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
