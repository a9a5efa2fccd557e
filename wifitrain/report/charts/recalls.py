"""Recall against intensity as small multiples: the model before baselines and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.report.blocks import Key
from wifitrain.report.charts.canvas import Chart, Margins, canvas, plain_axes
from wifitrain.report.charts.palette import ACCENT, CSS_VARIABLES, MUTED, SERIES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RecallCurve", "draw_recalls", "recall_keys"]

_COLUMNS = 3
_DASHES = ((4, 1.5), (1.2, 1.2), (5, 1.5, 1, 1.5))
_MARKS = "s^DvPX*"


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
    margins = Margins(left=0.45, top=0.25, bottom=0.5)
    with canvas(name, height_in=1.35 * rows + 0.25, margins=margins) as drawing:
        gaps = {"hspace": 0.55, "wspace": 0.1}
        grid = drawing.figure.subplots(
            rows, _COLUMNS, squeeze=False, sharey=True, gridspec_kw=gaps
        ).ravel()
        for axes, (incident, curves) in zip(grid, incidents.items(), strict=False):
            for curve in reversed(curves):
                _draw(axes, curve, place=scorers.index(curve.scorer))
            _lay_out(axes, incident, curves)
        for axes in grid[len(incidents) :]:
            axes.set_axis_off()
        drawing.figure.supxlabel("intensity", fontsize=8, color=MUTED)
    return drawing.chart


def recall_keys(scorers: Sequence[str], shown: Sequence[str]) -> list[Key]:
    """The legend: `shown` are the words for `scorers`."""
    return [
        Key(CSS_VARIABLES[_colour(scorer, i)], "line" if scorer == "model" else "dash", words)
        for i, (scorer, words) in enumerate(zip(scorers, shown, strict=True))
    ]


def _colour(scorer: str, place: int) -> str:
    if scorer == "model":
        return ACCENT
    return MUTED if scorer == "random" else SERIES[1:][(place - 1) % len(SERIES[1:])]


def _draw(axes: Axes, curve: RecallCurve, *, place: int) -> None:
    own = curve.scorer == "model"
    axes.plot(
        curve.intensity,
        curve.recall,
        color=_colour(curve.scorer, place),
        linestyle="-" if own else (0, _DASHES[place % len(_DASHES)]),
        marker="o" if own else _MARKS[place % len(_MARKS)],
        linewidth=2.0 if own else 1.0,
        markersize=3.8 if own else 2.8,
        zorder=10 if own else 4,
        clip_on=False,
    )
    if own and curve.bounds:
        low, high = zip(*curve.bounds, strict=True)
        axes.fill_between(curve.intensity, low, high, color=ACCENT, alpha=0.13, linewidth=0)


def _lay_out(axes: Axes, incident: str, curves: Sequence[RecallCurve]) -> None:
    from matplotlib.ticker import NullLocator, PercentFormatter

    plain_axes(axes)
    levels = sorted({level for curve in curves for level in curve.intensity})
    if levels and levels[0] > 0:
        axes.set_xscale("log")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(levels, [f"{level:g}" for level in levels])
    axes.set_ylim(0, 1.02)
    axes.set_yticks([0, 0.5, 1])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_title(incident, fontsize=8, loc="left", pad=4)
