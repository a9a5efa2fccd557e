"""Recall against intensity as small multiples: the model before baselines and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wifitrain.report.blocks import Key
from wifitrain.report.charts.canvas import Canvas, Chart, Letters, Stroke
from wifitrain.report.charts.palette import ACCENT, MUTED, SERIES
from wifitrain.report.charts.plot import Box, Plot
from wifitrain.report.charts.scales import Scale, around

__all__ = ["RecallCurve", "draw_recalls", "recall_keys"]

_COLUMNS = 3
_ROW_IN, _LEFT, _BELOW = 1.35, 28, 14  # units left of the plots for percents, and below for a name
_DASHES = ("4 1.5", "1.2 1.2", "5 1.5 1 1.5")
_MARKS = "s^DvPX*"
_PERCENTS = ((0.0, "0%"), (0.5, "50%"), (1.0, "100%"))
_NAME = Letters(colour=MUTED, anchor="middle")


@dataclass(frozen=True, kw_only=True)
class RecallCurve:
    """One scorer on one incident; `bounds` of an interval are drawn for the model alone."""

    scorer: str
    intensity: Sequence[float]
    recall: Sequence[float]
    bounds: Sequence[Sequence[float]] = ()


def draw_recalls(
    name: str, incidents: Mapping[str, Sequence[RecallCurve]], *, scorers: Sequence[str]
) -> Chart:
    """One small chart for each incident; `scorers` in the order of their colours."""
    rows = -(-len(incidents) // _COLUMNS)
    canvas = Canvas(name, height_in=_ROW_IN * rows + 0.25)
    wide, high = (canvas.width - _LEFT) / _COLUMNS, (canvas.height - _BELOW) / max(rows, 1)
    for i, (incident, curves) in enumerate(incidents.items()):
        left, top = _LEFT + wide * (i % _COLUMNS), high * (i // _COLUMNS)
        box = Box(left=left + 5, top=top + 16, right=left + wide - 12, bottom=top + high - 14)
        canvas.text((box.left, box.top - 6), incident, Letters())
        plot = _axes(canvas, box, curves, numbers=i % _COLUMNS == 0)
        for curve in reversed(curves):
            _draw(plot, curve, place=scorers.index(curve.scorer))
    middle = _LEFT + wide * min(len(incidents), _COLUMNS) / 2
    canvas.text((middle, canvas.height - 5), "intensity", _NAME)
    return canvas.chart


def recall_keys(scorers: Sequence[str], shown: Sequence[str]) -> list[Key]:
    """The legend: `shown` are the words for `scorers`."""
    return [
        Key(_colour(scorer, i), "line" if scorer == "model" else "dash", words)
        for i, (scorer, words) in enumerate(zip(scorers, shown, strict=True))
    ]


def _colour(scorer: str, place: int) -> str:
    if scorer == "model":
        return ACCENT
    return MUTED if scorer == "random" else SERIES[1:][(place - 1) % len(SERIES[1:])]


def _axes(canvas: Canvas, box: Box, curves: Sequence[RecallCurve], *, numbers: bool) -> Plot:
    levels = sorted({level for curve in curves for level in curve.intensity})
    x = around(levels, log=bool(levels) and levels[0] > 0)
    plot = Plot(canvas, box, x=x, y=Scale(0, 1.02))
    plot.y_axis(_PERCENTS, numbers=numbers)
    plot.x_axis([(level, f"{level:g}") for level in levels])
    return plot


def _draw(plot: Plot, curve: RecallCurve, *, place: int) -> None:
    own, colour = curve.scorer == "model", _colour(curve.scorer, place)
    x, y = np.array(curve.intensity, dtype=float), np.array(curve.recall, dtype=float)
    if own and curve.bounds:
        low, high = np.array(curve.bounds, dtype=float).T
        plot.area(x, (low, high), fill=ACCENT, opacity=0.13)
    dash = "" if own else _DASHES[place % len(_DASHES)]
    plot.line(x, y, Stroke(colour=colour, width=2.0 if own else 1.0, dash=dash))
    shape = "o" if own else _MARKS[place % len(_MARKS)]
    plot.marks(x, y, shape=shape, size=3.8 if own else 3.0, colour=colour)
