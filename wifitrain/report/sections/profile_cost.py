"""What the service's features cost, beside a detector that sees everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Block, Cell, Section, Table
from wifitrain.report.wording import count, decimal, interval, percent, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["profile_cost"]


def profile_cost(run: Run) -> Section | None:
    """Nothing where the features are not those of a service."""
    found = run.part("evaluation", "profile_cost")
    if not found:
        return None
    names = (str(found["profile"]), str(found["reference"]))
    rows: list[list[Cell]] = [
        ["features used", *map(count, found["features"])],
        ["windows of the test part that alert", *map(percent, found["alert_rate"])],
    ]
    if "recall" in found:
        shown = f"incidents noticed, of {found['trials']}"
        rows.append([shown, *map(percent, found["recall"])])
    rows += [[phrase(name), *map(decimal, both)] for name, both in found.get("metrics", {}).items()]
    blocks: list[Block] = [Table(caption="Side by side", head=("", *names), rows=rows)]
    if incidents := found.get("by_incident"):
        blocks.append(_by_incident(incidents, names=names))
    return Section(
        id="profile-cost",
        title="What these features cost",
        lead=f"{names[0]} are the columns that the service's agent computes. A second detector"
        f" over {names[1]} had the same export, parts, alert budget and incidents, and was not"
        " kept: the difference is what the agent does not see.",
        blocks=blocks,
    )


def _by_incident(incidents: Sequence[Mapping[str, Any]], *, names: Sequence[str]) -> Table:
    rows: list[list[Cell]] = [
        [
            phrase(one["incident"]),
            count(one["trials"]),
            *map(percent, one["recall"]),
            *(interval(bounds, as_percent=True) for bounds in one["recall_interval"]),
        ]
        for one in incidents
    ]
    return Table(
        caption="Share of incidents noticed, all intensities together",
        head=("incident", "trials", *names, *(f"{name}, 95 % interval" for name in names)),
        rows=rows,
    )
