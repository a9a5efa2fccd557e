"""Distributions: small multiples of features, and the scores of each part over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.report.charts.canvas import Chart, Margins, canvas, plain_axes
from wifitrain.report.charts.palette import ACCENT, ALERT, INK, MUTED, TRUTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_feature_histograms", "draw_score_histogram"]

_COLUMNS = 4
_PART_COLOURS = {"fit": ACCENT, "calibration": TRUTH, "test": ALERT}
_LONGEST_NAME = 28


def draw_feature_histograms(name: str, features: Mapping[str, Mapping[str, Any]]) -> Chart:
    """One small chart for each feature: shares of the fit part filled, of the test part a line."""
    rows = -(-len(features) // _COLUMNS)
    margins = Margins(left=0.08, right=0.08, top=0.2, bottom=0.2)
    with canvas(name, height_in=0.95 * rows + 0.1, margins=margins) as drawing:
        gaps = {"hspace": 0.7, "wspace": 0.08}
        grid = drawing.figure.subplots(rows, _COLUMNS, squeeze=False, gridspec_kw=gaps).ravel()
        for axes, (feature, found) in zip(grid, features.items(), strict=False):
            _feature(axes, feature, found)
        for axes in grid[len(features) :]:
            axes.set_axis_off()
    return drawing.chart


def draw_score_histogram(
    name: str, scores: Mapping[str, np.ndarray], *, threshold: float, width_in: float
) -> Chart:
    """Scores of each part as stepped lines over common bins, and the threshold."""
    everything = np.concatenate(list(scores.values()))
    edges = np.histogram_bin_edges(everything, bins=50)
    with canvas(name, height_in=2.3, width_in=width_in, margins=Margins()) as drawing:
        axes = drawing.figure.subplots()
        plain_axes(axes)
        for part, found in scores.items():
            share = np.histogram(found, edges)[0] / max(len(found), 1)
            filled = part == "fit"
            axes.stairs(
                share,
                edges,
                fill=filled,
                alpha=0.35 if filled else 1,
                color=_PART_COLOURS.get(part, MUTED),
                linewidth=1.3,
            )
        axes.axvline(threshold, color=INK, linewidth=1, linestyle=(0, (5, 3)))
        axes.set(xlabel="anomaly score of the estimator", ylabel="share of windows")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    return drawing.chart


def _feature(axes: Axes, feature: str, found: Mapping[str, Any]) -> None:
    edges, counts = found["edges"], found["counts"]
    places = np.arange(len(edges))
    for part, colour, filled in (("fit", ACCENT, True), ("test", ALERT, False)):
        if part in counts:
            axes.stairs(
                _shares(counts[part]),
                places,
                color=colour,
                fill=filled,
                alpha=0.45 if filled else 1,
                linewidth=1.0,
            )
    for side in ("left", "top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    axes.tick_params(length=0, pad=1.5)
    axes.set_xlim(0, len(edges) - 1)
    axes.set_ylim(bottom=0)
    axes.set_xticks([0, len(edges) - 1], [_tick(edges[0]), _tick(edges[-1])], fontsize=6.5)
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    shown = feature if len(feature) <= _LONGEST_NAME else f"{feature[: _LONGEST_NAME - 1]}…"
    axes.set_title(shown, fontsize=7.5, loc="left", pad=2.5)


def _tick(value: float) -> str:
    if 1e4 <= abs(value) < 1e6:
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e4 else f"{value:.3g}"


def _shares(counts: Sequence[int]) -> np.ndarray:
    found = np.asarray(counts, dtype=float)
    shares: np.ndarray = np.sqrt(found / max(found.sum(), 1.0))
    return shares
