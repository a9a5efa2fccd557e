"""Recall against intensity for every incident: the model beside the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wifitrain.report.blocks import Cell, Figure, Table
from wifitrain.report.charts.recalls import RecallCurve, draw_recalls, recall_keys
from wifitrain.report.wording import count, decimal, interval, percent, phrase

__all__ = ["incident_figure"]

Recall = Mapping[str, Any]


def incident_figure(recalls: Mapping[str, Sequence[Recall]], *, scorers: Sequence[str]) -> Figure:
    """`recalls` by incident; `scorers` of all of them, the model first."""
    curves = {
        phrase(incident): [_curve(one) for one in own if one.get("by_intensity")]
        for incident, own in recalls.items()
    }
    return Figure(
        chart=draw_recalls("recalls", curves, scorers=scorers),
        title="Recall against intensity",
        text="Share noticed, from the faintest to the strongest. The band is the 95 % interval of"
        f" the model. {_told(recalls)}",
        keys=recall_keys(scorers, [phrase(scorer) for scorer in scorers]),
        table=_points(recalls),
    )


def _curve(one: Recall) -> RecallCurve:
    points = one["by_intensity"]
    bounds = [p["recall_interval"] for p in points if p.get("recall_interval")]
    return RecallCurve(
        scorer=one["scorer"],
        intensity=[p["intensity"] for p in points],
        recall=[p["recall"] for p in points],
        bounds=bounds if len(bounds) == len(points) else (),
    )


def _points(recalls: Mapping[str, Sequence[Recall]]) -> Table:
    rows: list[list[Cell]] = [
        [
            phrase(incident),
            phrase(one["scorer"]),
            decimal(point["intensity"]),
            count(point.get("detected")),
            count(point.get("trials")),
            percent(point["recall"]),
            interval(point.get("recall_interval"), as_percent=True),
        ]
        for incident, own in recalls.items()
        for one in own
        for point in one.get("by_intensity", ())
    ]
    head = ("incident", "scorer", "intensity", "noticed", "trials", "recall", "95 % interval")
    return Table(caption="Recall by incident, scorer and intensity", head=head, rows=rows)


def _told(recalls: Mapping[str, Sequence[Recall]]) -> str:
    mine = [one for own in recalls.values() for one in own if one["scorer"] == "model"]
    never = [phrase(one["incident"]) for one in mine if one.get("intensity_at_50") is None]
    if not mine:
        return ""
    if not never:
        return "It reaches half of every incident at an intensity that was tried."
    return f"It never reaches half of: {', '.join(never)}."
