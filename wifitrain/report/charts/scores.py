"""Anomaly scores over time: the estimator's line, the threshold, and who raised which alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.report.blocks import Key
from wifitrain.report.charts.canvas import Chart, Margins, canvas, plain_axes
from wifitrain.report.charts.envelope import envelope, marks_kept
from wifitrain.report.charts.palette import (
    ACCENT,
    ALERT,
    CARD,
    CSS_VARIABLES,
    GUARD,
    INK,
    MUTED,
    SHADE,
    TRUTH,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["INCIDENT_KEYS", "SCORE_KEYS", "Scores", "draw_scores"]

SCORE_KEYS = (
    Key(CSS_VARIABLES[ACCENT], "line", "score of the estimator"),
    Key(CSS_VARIABLES[INK], "dash", "threshold"),
    Key(CSS_VARIABLES[ALERT], "dot", "alert by the estimator"),
    Key(CSS_VARIABLES[GUARD], "up", "alert by the guard"),
    Key(CSS_VARIABLES[TRUTH], "area", "labelled anomalous"),
)
INCIDENT_KEYS = (
    Key(CSS_VARIABLES[TRUTH], "tick", "injected incident, noticed"),
    Key(CSS_VARIABLES[MUTED], "tick", "injected incident, missed"),
)


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
    margins = Margins(left=0.4, top=0.2, bottom=0.3)
    with canvas(name, height_in=1.55, margins=margins) as drawing:
        axes = drawing.figure.subplots()
        plain_axes(axes)
        low, high = y_range
        lane = high + 0.10 * (high - low)
        ticks = len(scores.noticed) + len(scores.missed) > 0
        axes.set_ylim(low - 0.1 * (high - low) * ticks, high + 0.18 * (high - low))
        axes.set_xlim(span[0], span[1])  # type: ignore[arg-type]
        _background(axes, scores)
        x = scores.start.astype("datetime64[us]").astype(np.int64).astype(float)
        line_x, line_y = envelope(x, scores.score, step=scores.window_s * 1e6)
        axes.plot(_days(line_x), line_y, color=ACCENT, linewidth=0.7, zorder=3)
        axes.axhline(scores.threshold, color=INK, linewidth=0.9, linestyle=(0, (5, 3)), zorder=4)
        _marks(axes, x[scores.by_guard], np.full(int(scores.by_guard.sum()), lane), GUARD)
        _marks(axes, x[scores.by_estimator], scores.score[scores.by_estimator], ALERT)
        for starts, colour in ((scores.missed, MUTED), (scores.noticed, TRUTH)):
            _ticks(axes, starts, colour)
        _time_axis(axes)
    return drawing.chart


def _background(axes: Axes, scores: Scores) -> None:
    for part, (start, end) in scores.parts.items():
        if part != "fit":
            shade = 0.55 if part == "calibration" else 1.0
            axes.axvspan(start, end, color=SHADE, alpha=shade, linewidth=0, zorder=0)  # type: ignore[arg-type]
        axes.annotate(
            part,
            (start, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, 2),
            textcoords="offset points",
            fontsize=7,
            color=MUTED,
            annotation_clip=False,
        )
    for start, end in scores.truth:
        axes.axvspan(start, end, color=TRUTH, alpha=0.22, linewidth=0.8, zorder=1)  # type: ignore[arg-type]


def _marks(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    left, right = (edge * 86_400e6 for edge in axes.get_xlim())
    kept = marks_kept(x, y, bounds=(left, right, *axes.get_ylim()))
    axes.plot(
        _days(x[kept]),
        y[kept],
        linestyle="none",
        marker="o" if colour == ALERT else "^",
        markersize=4.0 if colour == ALERT else 4.8,
        color=colour,
        markeredgecolor=CARD,
        markeredgewidth=0.5,
        zorder=6,
        clip_on=False,
    )


def _ticks(axes: Axes, starts: np.ndarray, colour: str) -> None:
    """Short strokes along the bottom, longer where an incident was noticed."""
    low, high = axes.get_ylim()
    length = (0.08 if colour == TRUTH else 0.05) * (high - low)
    x = np.unique(_days(starts.astype("datetime64[us]").astype(np.int64).astype(float)))
    axes.vlines(x, low, low + length, color=colour, linewidth=1.0, zorder=5)


def _days(microseconds: np.ndarray) -> np.ndarray:
    """Matplotlib's dates: days since 1970."""
    days: np.ndarray = microseconds / 86_400e6
    return days


def _time_axis(axes: Axes) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=4, maxticks=10)  # type: ignore[no-untyped-call]
    formatter = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator,
        formats=["%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%S.%f"],
        zero_formats=["", "%Y", "%-d %b", "%-d %b", "%H:%M", "%H:%M"],
        offset_formats=["", "", "%Y", "%Y", "%-d %b %Y", "%-d %b %Y %H:%M"],
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.locator_params(axis="y", nbins=4)
