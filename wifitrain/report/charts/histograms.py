"""Distributions: small multiples of features, and the scores of each part over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.report.charts.canvas import WIDTH_IN, Chart, Margins, canvas, plain_axes
from wifitrain.report.charts.palette import ACCENT, ALERT, GRID, INK, MUTED, TRUTH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["draw_feature_histograms", "draw_score_histogram"]

_COLUMNS = 4
#: Inches: of a feature's place and of the bars in it.
_CELL_IN, _HIGH_IN, _FOOT_IN = 0.95, 0.5, 0.2
_STRIDE_IN, _GAP_IN = WIDTH_IN / _COLUMNS, 0.08
_BARS_IN = _STRIDE_IN - 2 * _GAP_IN
_PART_COLOURS = {"fit": ACCENT, "calibration": TRUTH, "test": ALERT}
_LONGEST_NAME = 28


def draw_feature_histograms(name: str, features: Mapping[str, Mapping[str, Any]]) -> Chart:
    """One small chart for each feature: shares of the fit part filled, of the test part a line.

    All are drawn into one pair of axes, in inches: axes of their own would each take as long to
    set up as everything that they show.
    """
    rows = -(-len(features) // _COLUMNS)
    height_in = _CELL_IN * rows + 0.1
    margins = Margins(left=0, right=0, top=0, bottom=0)
    with canvas(name, height_in=height_in, margins=margins) as drawing:
        axes = drawing.figure.subplots()
        axes.set_axis_off()
        axes.set(xlim=(0, WIDTH_IN), ylim=(0, height_in))
        cells = [
            _Cell(axes, left=column * _STRIDE_IN + _GAP_IN, bottom=height_in - (row + 1) * _CELL_IN)
            for row in range(rows)
            for column in range(_COLUMNS)
        ]
        for cell, (feature, found) in zip(cells, features.items(), strict=False):
            cell.draw(feature, found)
        _add(axes, cells)
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


class _Cell:
    """The place of one feature: `left` and `bottom` of its bars in inches."""

    def __init__(self, axes: Axes, *, left: float, bottom: float) -> None:
        self._axes, self._left, self._bottom = axes, left, bottom + _FOOT_IN
        self.shapes: dict[str, np.ndarray] = {}  # part -> corners of its steps, shape (n, 2)
        self.base = np.array([(left, self._bottom), (left + _BARS_IN, self._bottom)])

    def draw(self, feature: str, found: Mapping[str, Any]) -> None:
        """Write the name above and the range below; steps are kept, to be drawn with all others."""
        edges, counts = found["edges"], found["counts"]
        shares = {part: _shares(counts[part]) for part in ("fit", "test") if part in counts}
        highest = max((float(one.max(initial=0.0)) for one in shares.values()), default=0.0) or 1.0
        x = self._left + np.linspace(0, _BARS_IN, len(edges))
        for part, share in shares.items():
            y = self._bottom + _HIGH_IN * np.concatenate(([0], np.repeat(share / highest, 2), [0]))
            self.shapes[part] = np.column_stack((np.repeat(x, 2), y))
        shown = feature if len(feature) <= _LONGEST_NAME else f"{feature[: _LONGEST_NAME - 1]}…"
        top, foot = self._bottom + _HIGH_IN + 0.05, self._bottom - 0.04
        self._axes.text(self._left, top, shown, fontsize=7.5, va="bottom")
        ends = ((self._left, edges[0], "left"), (self._left + _BARS_IN, edges[-1], "right"))
        for place, value, side in ends:
            self._axes.text(place, foot, _tick(value), fontsize=6.5, color=MUTED, va="top", ha=side)


def _add(axes: Axes, cells: Sequence[_Cell]) -> None:
    """The steps of all features: matplotlib draws many at once nearly as fast as one."""
    from matplotlib.collections import LineCollection, PolyCollection

    drawn = [cell for cell in cells if cell.shapes]
    filled = [cell.shapes["fit"] for cell in drawn if "fit" in cell.shapes]
    lines = [cell.shapes["test"] for cell in drawn if "test" in cell.shapes]
    axes.add_collection(PolyCollection(filled, facecolor=ACCENT, alpha=0.45, linewidth=0))
    axes.add_collection(LineCollection([cell.base for cell in drawn], color=GRID, linewidth=0.8))
    axes.add_collection(LineCollection(lines, color=ALERT, linewidth=1.0))


def _tick(value: float) -> str:
    if 1e4 <= abs(value) < 1e6:
        return f"{value / 1000:.3g}k"
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e4 else f"{value:.3g}"


def _shares(counts: Sequence[int]) -> np.ndarray:
    found = np.asarray(counts, dtype=float)
    shares: np.ndarray = np.sqrt(found / max(found.sum(), 1.0))
    return shares
