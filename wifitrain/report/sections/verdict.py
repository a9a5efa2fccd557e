"""The verdict first: what was shown, what it costs, which gates stand in the way, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Facts, Prose, Section, Table
from wifitrain.report.wording import count, decimal, interval, percent, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["gates_table", "verdict"]

_STATES = {
    "passed": Badge("passed", "good"),
    "failed": Badge("failed", "bad"),
    "not_measured": Badge("not measured", "open"),
}


def verdict(run: Run) -> Section:
    """Always there; the page shows the sentence itself in its header."""
    evaluation = run.part("evaluation")
    blocks: list[Block] = [Facts(_facts(run))]
    if checks := evaluation.get("threshold_checks"):
        blocks.append(gates_table(checks))
    advice = [one["text"] for one in evaluation.get("recommendations", ())]
    if advice:
        blocks += [Prose(("What to do next:",)), Prose(advice, listed=True)]
    return Section(id="summary", title="In short", blocks=blocks)


def gates_table(checks: dict[str, Any]) -> Table:
    """Every release gate with its state and number."""
    rows: list[list[Cell]] = [
        [
            phrase(check["name"]),
            _STATES.get(check["state"], Badge(phrase(check["state"]))),
            decimal(check.get("value")),
            check.get("required", ""),
            check.get("why") or "",
        ]
        for check in checks.values()
    ]
    return Table(
        caption="Release gates",
        head=("gate", "state", "measured", "required", "why"),
        rows=rows,
        note="A gate that was not measured keeps a model a candidate, unless configured otherwise.",
    )


def _facts(run: Run) -> list[tuple[str, Cell, str]]:
    volume, data = run.part("evaluation", "alert_volume"), run.part("data")
    facts: list[tuple[str, Cell, str]] = []
    if volume:
        day = volume["per_access_point_and_day"]
        allowed = run.part("calibration").get("alerts_per_day")
        facts += [
            (
                "alerts per access point and day",
                decimal(day),
                f"budget {decimal(allowed)}; 95 % interval"
                f" {interval(volume['per_access_point_and_day_interval'])}",
            ),
            (
                "times the budget",
                decimal(volume["ratio_to_budget"]),
                f"95 % interval {interval(volume['ratio_interval'])}",
            ),
        ]
    if (jaccard := run.part("evaluation", "stability").get("jaccard")) is not None:
        facts.append(
            ("agreement of seeds", percent(jaccard), "of the alerts of two seeds are the same")
        )
    if "rows" in data:
        span = f" over {decimal(data['span_days'], 2)} days" if data.get("span_days") else ""
        facts.append(("log lines", count(data["rows"]), f"read{span}"))
    if data.get("understood_ratio") is not None:
        facts.append(("understood", percent(data["understood_ratio"]), "of the WiFi lines"))
    return facts
