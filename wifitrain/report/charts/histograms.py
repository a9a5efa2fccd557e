"""Distributions: small multiples of features, and the scores of each part over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wifitrain.report.charts.canvas import Canvas, Chart, Letters, Stroke
from wifitrain.report.charts.palette import ACCENT, ALERT, INK, MUTED, TRUTH
from wifitrain.report.charts.plot import Box, Plot, labels_width
from wifitrain.report.charts.scales import Scale, Tick, around

__all__ = ["draw_feature_histograms", "draw_score_histogram"]

_COLUMNS = 4
_ROW_IN = 0.95
_PART_COLOURS = {"fit": ACCENT, "calibration": TRUTH, "test": ALERT}
_LONGEST_NAME = 28
_TITLE = Letters(size=7.5)
_FIRST, _LAST = (Letters(size=6.5, colour=MUTED, anchor=side) for side in ("start", "end"))


def draw_feature_histograms(name: str, features: Mapping[str, Mapping[str, Any]]) -> Chart:
    """One small chart for each feature: shares of the fit part filled, of the test part a line."""
    rows = -(-len(features) // _COLUMNS)
    canvas = Canvas(name, height_in=_ROW_IN * rows + 0.1)
    wide, high = canvas.width / _COLUMNS, canvas.height / max(rows, 1)
    for i, (feature, found) in enumerate(features.items()):
        left, top = wide * (i % _COLUMNS), high * (i // _COLUMNS)
        box = Box(left=left + 3, top=top + 13, right=left + wide - 6, bottom=top + high - 13)
        _feature(canvas, box, feature, found)
    return canvas.chart


def draw_score_histogram(
    name: str, scores: Mapping[str, np.ndarray], *, threshold: float, width_in: float
) -> Chart:
    """Scores of each part as stepped lines over common bins, and the threshold."""
    edges = np.histogram_bin_edges(np.concatenate(list(scores.values())), bins=50)
    shares = {
        part: np.histogram(found, edges)[0] / max(len(found), 1) for part, found in scores.items()
    }
    canvas = Canvas(name, height_in=2.3, width_in=width_in)
    highest = max(float(share.max()) for share in shares.values())
    x, y = around([*edges[[0, -1]], threshold]), Scale(0, 1.05 * highest or 1)
    y_ticks = _percents(y.ticks(5))
    left = 20 + labels_width(y_ticks)
    box = Box(left=left, top=4, right=canvas.width - 4, bottom=canvas.height - 28)
    plot = Plot(canvas, box, x=x, y=y)
    plot.y_axis(y_ticks, label="share of windows")
    plot.x_axis(x.ticks(8), label="anomaly score of the estimator")
    for part, share in shares.items():
        colour = _PART_COLOURS.get(part, MUTED)
        _stairs(plot, share, edges, colour=colour, filled=0.35 if part == "fit" else 0)
    plot.upright(threshold, Stroke(colour=INK, dash="5 3"))
    return canvas.chart


def _percents(ticks: Sequence[Tick]) -> list[Tick]:
    """Shares as percent, with a decimal only where two would be told alike."""
    told = [f"{value:.0%}" for value, _ in ticks]
    if len(set(told)) < len(told):
        told = [f"{value:.1%}" for value, _ in ticks]
    return [(value, words) for (value, _), words in zip(ticks, told, strict=True)]


def _feature(canvas: Canvas, box: Box, feature: str, found: Mapping[str, Any]) -> None:
    edges, counts = found["edges"], found["counts"]
    shares = {part: _shares(counts[part]) for part in ("fit", "test") if part in counts}
    highest = max((float(share.max()) for share in shares.values()), default=0.0)
    plot = Plot(canvas, box, x=Scale(0, len(edges) - 1), y=Scale(0, 1.05 * highest or 1))
    for part, share in shares.items():
        filled = 0.45 if part == "fit" else 0
        _stairs(plot, share, np.arange(len(edges)), colour=_PART_COLOURS[part], filled=filled)
    plot.x_axis(())
    canvas.text((box.left, box.bottom + 7.5), _tick(edges[0]), _FIRST)
    canvas.text((box.right, box.bottom + 7.5), _tick(edges[-1]), _LAST)
    shown = feature if len(feature) <= _LONGEST_NAME else f"{feature[: _LONGEST_NAME - 1]}…"
    canvas.text((box.left, box.top - 4), shown, _TITLE)


def _stairs(
    plot: Plot, heights: np.ndarray, edges: np.ndarray, *, colour: str, filled: float
) -> None:
    """A height for each bin: an area of the opacity `filled`, or a line where that is 0."""
    x, y = np.repeat(edges, 2), np.concatenate([[0], np.repeat(heights, 2), [0]])
    if filled:
        plot.area(x, (np.zeros(len(x)), y), fill=colour, opacity=filled)
    else:
        plot.line(x, y, Stroke(colour=colour, width=1.1))


def _tick(value: float) -> str:
    if 1e4 <= abs(value) < 1e6:
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e4 else f"{value:.3g}"


def _shares(counts: Sequence[int]) -> np.ndarray:
    found = np.asarray(counts, dtype=float)
    shares: np.ndarray = np.sqrt(found / max(found.sum(), 1.0))
    return shares
