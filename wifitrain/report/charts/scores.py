"""Anomaly scores over time: the estimator's line, the threshold, and who raised which alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wifitrain.report.blocks import Key
from wifitrain.report.charts.canvas import Canvas, Chart, Letters, Stroke
from wifitrain.report.charts.envelope import envelope, marks_kept
from wifitrain.report.charts.moments import microseconds, moments
from wifitrain.report.charts.palette import ACCENT, ALERT, GUARD, INK, MUTED, SHADE, TRUTH
from wifitrain.report.charts.plot import Box, Plot, labels_width
from wifitrain.report.charts.scales import Scale

__all__ = ["INCIDENT_KEYS", "SCORE_KEYS", "Scores", "draw_scores"]

SCORE_KEYS = (
    Key(ACCENT, "line", "score of the estimator"),
    Key(INK, "dash", "threshold"),
    Key(ALERT, "dot", "alert by the estimator"),
    Key(GUARD, "up", "alert by the guard"),
    Key(TRUTH, "area", "labelled anomalous"),
)
INCIDENT_KEYS = (
    Key(TRUTH, "tick", "injected incident, noticed"),
    Key(MUTED, "tick", "injected incident, missed"),
)
_PART = Letters(size=7, colour=MUTED)
_LEFT_OUT = Letters(size=7.5, colour=MUTED, anchor="end")
_LINE = Stroke(colour=ACCENT, width=0.7)
_THRESHOLD = Stroke(colour=INK, width=0.9, dash="5 3")


@dataclass(frozen=True, kw_only=True)
class Scores:
    """One access point. Arrays of shape (n,) in the order of time; spans are (start, end)."""

    start: np.ndarray  # datetime64[us]
    score: np.ndarray  # estimator alone, higher = more anomalous
    by_estimator: np.ndarray  # boolean
    by_guard: np.ndarray  # boolean
    threshold: float
    window_s: float
    parts: Mapping[str, tuple[np.datetime64, np.datetime64]]
    truth: Sequence[tuple[np.datetime64, np.datetime64]]
    noticed: np.ndarray  # starts of injected incidents that the model noticed, datetime64
    missed: np.ndarray  # and of those that it did not


def draw_scores(
    name: str,
    scores: Scores,
    *,
    span: tuple[np.datetime64, np.datetime64],
    y_range: tuple[float, float],
) -> Chart:
    """One chart over `span`; the guard's alerts stand in a lane of their own above `y_range`."""
    low, high = y_range
    room = 0.1 * (high - low)  # the lane above, and below that of injected incidents
    below = room if len(scores.noticed) + len(scores.missed) else 0.0
    plot = _axes(name, Scale(low - below, high + 1.8 * room), span)
    _background(plot, scores)
    x = microseconds(scores.start)
    plot.line(*envelope(x, scores.score, step=scores.window_s * 1e6), _LINE)
    plot.level(scores.threshold, _THRESHOLD)
    for starts, colour in ((scores.missed, MUTED), (scores.noticed, TRUTH)):
        _ticks(plot, starts, colour)
    lane = np.full(int(scores.by_guard.sum()), high + room)
    _marks(plot, x[scores.by_guard], lane, GUARD)
    _marks(plot, x[scores.by_estimator], scores.score[scores.by_estimator], ALERT)
    return plot.canvas.chart


def _axes(name: str, y: Scale, span: tuple[np.datetime64, np.datetime64]) -> Plot:
    canvas = Canvas(name, height_in=1.55)
    x = Scale(float(microseconds(span[0])), float(microseconds(span[1])))
    y_ticks = y.ticks(4)
    left = 6 + labels_width(y_ticks)
    box = Box(left=left, top=11, right=canvas.width - 16, bottom=canvas.height - 24)
    plot = Plot(canvas, box, x=x, y=y)
    plot.y_axis(y_ticks)
    x_ticks, left_out = moments(x.low, x.high)
    plot.x_axis(x_ticks)
    canvas.text((box.right, box.bottom + 20), left_out, _LEFT_OUT)
    return plot


def _background(plot: Plot, scores: Scores) -> None:
    for part, span in scores.parts.items():
        start, end = (float(microseconds(at)) for at in span)
        if part != "fit":
            plot.stretch(start, end, fill=SHADE, opacity=0.55 if part == "calibration" else 1.0)
        plot.canvas.text((float(plot.across(start)) + 3, plot.box.top - 3), part, _PART)
    for span in scores.truth:
        start, end = (float(microseconds(at)) for at in span)
        plot.stretch(start, end, fill=TRUTH, opacity=0.22)


def _marks(plot: Plot, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    bounds = (plot.x.low, plot.x.high, plot.y.low, plot.y.high)
    kept = marks_kept(x, y, bounds=bounds)
    shape, size = ("o", 4.0) if colour == ALERT else ("^", 4.8)
    plot.marks(x[kept], y[kept], shape=shape, size=size, colour=colour, edged=True)


def _ticks(plot: Plot, starts: np.ndarray, colour: str) -> None:
    """Short strokes along the bottom, longer where an incident was noticed."""
    low, high = plot.y.low, plot.y.high
    top = low + (0.08 if colour == TRUTH else 0.05) * (high - low)
    x = np.unique(microseconds(starts))
    gaps = np.full(len(x), np.nan)
    y = np.column_stack([np.full(len(x), low), np.full(len(x), top), gaps])
    plot.line(np.repeat(x, 3), y.ravel(), Stroke(colour=colour))
