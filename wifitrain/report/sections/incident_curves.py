"""Recall against intensity, one chart for each incident: the model beside the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Cell, Figure, Table
from wifitrain.report.charts.lines import Curve, Frame, curve_keys, draw_curves
from wifitrain.report.wording import count, decimal, interval, percent, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["incident_figure"]


def incident_figure(number: int, incident: str, recalls: Sequence[Mapping[str, Any]]) -> Figure:
    """`recalls` of one incident, one for each scorer, the model first. `number` names the chart."""
    curves = [_curve(one) for one in recalls if one.get("by_intensity")]
    levels = sorted({x for curve in curves for x in curve.x})
    frame = Frame(
        x_label="intensity",
        y_label="share noticed",
        x_scale="log" if levels and levels[0] > 0 else "linear",
        y_range=(-0.04, 1.04),
        x_ticks=levels,
    )
    return Figure(
        chart=draw_curves(f"incident-{number}", curves, frame=frame, width_in=4.3, height_in=2.2),
        title=phrase(incident).capitalize(),
        text=_told(recalls),
        keys=curve_keys(curves),
        table=_points(incident, recalls),
        narrow=True,
    )


def _curve(one: Mapping[str, Any]) -> Curve:
    points = one["by_intensity"]
    bands = [p["recall_interval"] for p in points if p.get("recall_interval")]
    return Curve(
        name=phrase(one["scorer"]),
        x=[p["intensity"] for p in points],
        y=[p["recall"] for p in points],
        bands=bands if len(bands) == len(points) else None,
    )


def _points(incident: str, recalls: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[list[Cell]] = [
        [
            phrase(one["scorer"]),
            decimal(point["intensity"]),
            count(point.get("detected")),
            count(point.get("trials")),
            percent(point["recall"]),
            interval(point.get("recall_interval"), as_percent=True),
        ]
        for one in recalls
        for point in one.get("by_intensity", ())
    ]
    head = ("scorer", "intensity", "noticed", "trials", "recall", "95 % interval")
    return Table(caption=f"Recall on {phrase(incident)}", head=head, rows=rows)


def _told(recalls: Sequence[Mapping[str, Any]]) -> str:
    mine = next((one for one in recalls if one["scorer"] == "model"), None)
    if mine is None:
        return "Share noticed by intensity."
    half = mine.get("intensity_at_50")
    reached = f"half of them from intensity {decimal(half)} on" if half else "never half of them"
    return f"The model notices {percent(mine['recall'])} in all, {reached}."
