"""Drift between what was fitted and what came last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.report.blocks import Badge, Figure, Section, Table
from wifitrain.report.charts.bars import Bar, draw_bars
from wifitrain.report.wording import decimal, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["drift"]

_BARS = 12


def drift(run: Run) -> Section | None:
    """Nothing where drift detection is off."""
    found = run.part("monitoring", "drift")
    features = found.get("features") if found else None
    if not features:
        return None
    bars = [
        Bar(
            name=phrase(one["feature"]),
            value=one["distance"],
            shown=decimal(one["distance"], 2),
            stands_out=bool(one["drifted"]),
        )
        for one in features[:_BARS]
    ]
    drifted = [phrase(name) for name in found["drifted"]]
    told = f"Drifted: {', '.join(drifted)}." if drifted else "No feature drifted."
    states = {True: Badge("drifted", "bad"), False: Badge("as before", "good")}
    figure = Figure(
        chart=draw_bars("drift", bars, label="distance", reference=found["threshold"]),
        title="Distance of each feature between fit and test part",
        text=f"{told} The broken line is the threshold of {decimal(found['threshold'])}; drifted"
        " features are in another colour and bold.",
        table=Table(
            caption="Drift of features",
            head=("feature", "distance", "certainly at least", "state"),
            rows=[
                [
                    phrase(o["feature"]),
                    decimal(o["distance"]),
                    decimal(o.get("at_least")),
                    states[bool(o["drifted"])],
                ]
                for o in features
            ],
        ),
    )
    return Section(id="drift", title="Drift", blocks=[figure])
