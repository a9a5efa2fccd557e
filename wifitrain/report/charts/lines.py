"""Curves: a few series over one axis, told apart by colour, dash and mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wifitrain.report.blocks import Key
from wifitrain.report.charts.canvas import Chart, Margins, canvas, plain_axes
from wifitrain.report.charts.palette import CSS_VARIABLES, MUTED, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Curve", "Frame", "curve_keys", "draw_curves"]

_DASHES = ("-", "--", "-.", ":")
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
_MANY_POINTS = 30


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One series; `bands` are the bounds of an interval around each point."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    bands: Sequence[Sequence[float]] | None = None


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Axes of a chart of curves. `level` and `diagonal` are references, drawn thin."""

    x_label: str
    y_label: str
    x_scale: Literal["linear", "log"] = "linear"
    y_scale: Literal["linear", "log"] = "linear"
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_ticks: Sequence[float] | None = None
    level: float | None = None
    diagonal: bool = False
    stepped: bool = False


def draw_curves(
    name: str, curves: Sequence[Curve], *, frame: Frame, width_in: float, height_in: float
) -> Chart:
    """One chart; the first curve is drawn thickest and on top."""
    margins = Margins()
    with canvas(name, height_in=height_in, width_in=width_in, margins=margins) as drawing:
        axes = drawing.figure.subplots()
        plain_axes(axes, grid="both")
        for place, curve in reversed(list(enumerate(curves))):
            _draw(axes, curve, place=place, stepped=frame.stepped)
        _lay_out(axes, frame)
    return drawing.chart


def curve_keys(curves: Sequence[Curve]) -> list[Key]:
    """The legend of `draw_curves` for the same curves."""
    return [
        Key(CSS_VARIABLES[SERIES[i % len(SERIES)]], "line" if i == 0 else "dash", curve.name)
        for i, curve in enumerate(curves)
    ]


def _draw(axes: Axes, curve: Curve, *, place: int, stepped: bool) -> None:
    colour = SERIES[place % len(SERIES)]
    style: dict[str, Any] = {"color": colour, "linestyle": _DASHES[place % len(_DASHES)]}
    if len(curve.x) <= _MANY_POINTS:
        style |= {"marker": _MARKS[place % len(_MARKS)], "markersize": 4.2 if place == 0 else 3.2}
    if stepped:
        style["drawstyle"] = "steps-post"
    width = 1.9 if place == 0 else 1.1
    axes.plot(curve.x, curve.y, linewidth=width, zorder=10 - place / 10, **style)
    if curve.bands is not None and place == 0:
        low, high = zip(*curve.bands, strict=True)
        axes.fill_between(curve.x, low, high, color=colour, alpha=0.14, linewidth=0)


def _lay_out(axes: Axes, frame: Frame) -> None:
    from matplotlib.ticker import NullLocator, StrMethodFormatter

    axes.set(xlabel=frame.x_label, ylabel=frame.y_label)
    axes.set_xscale(frame.x_scale)
    axes.set_yscale(frame.y_scale)
    if frame.y_scale == "log":
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_locator(NullLocator())
    if frame.x_range is not None:
        axes.set_xlim(*frame.x_range)
    if frame.x_ticks is not None:
        axes.set_xticks(frame.x_ticks, [f"{tick:g}" for tick in frame.x_ticks])
        axes.xaxis.set_minor_locator(NullLocator())
    if frame.y_range is not None:
        axes.set_ylim(*frame.y_range)
    reference = {"color": MUTED, "linewidth": 0.9, "linestyle": (0, (4, 3)), "zorder": 2}
    if frame.level is not None:
        axes.axhline(frame.level, **reference)  # type: ignore[arg-type]
    if frame.diagonal:
        low, high = axes.get_xlim()
        axes.plot([low, high], [low, high], **reference)  # type: ignore[arg-type]
        axes.set_xlim(low, high)
