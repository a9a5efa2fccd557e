"""Curves: a few series over one axis, told apart by colour, dash and mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from wifitrain.report.blocks import Key
from wifitrain.report.charts.canvas import Canvas, Chart, Stroke
from wifitrain.report.charts.palette import MUTED, SERIES
from wifitrain.report.charts.plot import Box, Plot, labels_width
from wifitrain.report.charts.scales import Scale, around

__all__ = ["Curve", "Frame", "curve_keys", "draw_curves"]

_DASHES = ("", "4.5 2", "6 2 1.5 2", "1.4 1.8")
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
_MANY_POINTS = 30
_REFERENCE = Stroke(colour=MUTED, width=0.9, dash="4 3")


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
    canvas = Canvas(name, height_in=height_in, width_in=width_in)
    x, y = _scales(curves, frame)
    y_ticks = y.ticks(6)
    left = 20 + labels_width(y_ticks)
    box = Box(left=left, top=5, right=canvas.width - 8, bottom=canvas.height - 28)
    plot = Plot(canvas, box, x=x, y=y)
    plot.y_axis(y_ticks, label=frame.y_label)
    asked = frame.x_ticks
    x_ticks = x.ticks(7) if asked is None else [(tick, f"{tick:g}") for tick in asked]
    plot.x_axis(x_ticks, grid=True, label=frame.x_label)
    if frame.level is not None:
        plot.level(frame.level, _REFERENCE)
    if frame.diagonal:
        ends = [x.low, x.high] if frame.x_range is None else [0.0, 1.0]
        plot.line(ends, ends, _REFERENCE)
    for place, curve in reversed(list(enumerate(curves))):
        _draw(plot, curve, place=place, stepped=frame.stepped)
    return canvas.chart


def curve_keys(curves: Sequence[Curve]) -> list[Key]:
    """The legend of `draw_curves` for the same curves."""
    return [
        Key(SERIES[i % len(SERIES)], "line" if i == 0 else "dash", curve.name)
        for i, curve in enumerate(curves)
    ]


def _scales(curves: Sequence[Curve], frame: Frame) -> tuple[Scale, Scale]:
    """As the frame says, else around what is drawn."""
    x = around(
        [value for curve in curves for value in curve.x],
        log=frame.x_scale == "log",
    )
    drawn = [value for curve in curves for value in (*curve.y, *_ends(curve))]
    if frame.diagonal and frame.y_range is None:
        drawn += [x.low, x.high]
    y = around(np.array(drawn, dtype=float), log=frame.y_scale == "log")
    x = x if frame.x_range is None else Scale(*frame.x_range, log=x.log)
    y = y if frame.y_range is None else Scale(*frame.y_range, log=y.log)
    return x, y


def _ends(curve: Curve) -> list[float]:
    return [end for band in curve.bands or () for end in band]


def _draw(plot: Plot, curve: Curve, *, place: int, stepped: bool) -> None:
    colour = SERIES[place % len(SERIES)]
    x, y = np.array(curve.x, dtype=float), np.array(curve.y, dtype=float)
    if curve.bands is not None and place == 0:
        low, high = np.array(curve.bands, dtype=float).T
        plot.area(x, (low, high), fill=colour, opacity=0.14)
    width = 1.9 if place == 0 else 1.1
    stroke = Stroke(colour=colour, width=width, dash=_DASHES[place % len(_DASHES)])
    line = (np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]) if stepped else (x, y)
    plot.line(*line, stroke)
    if len(x) <= _MANY_POINTS:
        size = 4.2 if place == 0 else 3.4
        plot.marks(x, y, shape=_MARKS[place % len(_MARKS)], size=size, colour=colour)
