"""Scripted incidents: the share noticed by the model and by each baseline, by intensity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Facts, Prose, Section, Table, anything
from wifitrain.report.sections.incident_curves import incident_figure
from wifitrain.report.wording import count, decimal, duration, interval, percent, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["incidents"]

_OWN = ("model", "estimator", "guard")
_SHOWN = {
    "recalls", "overall", "incidents", "mixture", "gate", "context", "inexpressible", "no_place",
    "not_measured",
}  # fmt: skip
Recall = Mapping[str, Any]


def incidents(run: Run) -> Section | None:
    """Nothing where no bench ran."""
    found = run.part("evaluation", "incidents")
    if isinstance(found, list):
        found = {"recalls": found}
    if not found:
        return None
    recalls: list[Recall] = _ordered(found.get("recalls", ()))
    accounts = {one["incident"]: one for one in found.get("incidents", ())}
    blocks: list[Block] = []
    if recalls:
        names = list(dict.fromkeys(one["incident"] for one in recalls))
        by_name = {name: [one for one in recalls if one["incident"] == name] for name in names}
        scorers = _scorers(recalls)
        blocks += [*_overall(found), _overview(by_name, accounts, scorers=scorers)]
        blocks += [incident_figure(by_name, scorers=scorers), _full(recalls)]
    if accounts:
        blocks.append(_accounts(list(accounts.values())))
    blocks += _left_out(found)
    if context := found.get("context"):
        blocks.append(_context(context))
    for key, content in found.items():
        if key not in _SHOWN and content:
            blocks += anything(phrase(key).capitalize(), content)
    return Section(
        id="incidents",
        title="Scripted incidents",
        lead="Each incident was written as log lines into real background that the model had not"
        " seen, and went through the same grammars, features and threshold as any export. Every"
        " scorer has the same alert budget.",
        blocks=blocks,
    )


def _ordered(recalls: Sequence[Recall]) -> list[Recall]:
    """By incident; of each the model and its halves, then baselines, then chance."""

    def place(one: Recall) -> tuple[str, int, str]:
        scorer = one["scorer"]
        rank = _OWN.index(scorer) if scorer in _OWN else 9 if scorer == "random" else 5
        return one["incident"], rank, scorer

    return sorted(recalls, key=place)


def _overall(found: Mapping[str, Any]) -> list[Block]:
    facts: list[tuple[str, Cell, str]] = [
        (
            phrase(one["scorer"]),
            percent(one["recall"]),
            f"{one['detected']} of {one['trials']} noticed,"
            f" {interval(one['recall_interval'], as_percent=True)}",
        )
        for one in _ordered(found.get("overall", ()))
    ]
    return [Facts(facts)] if facts else []


def _scorers(recalls: Sequence[Recall]) -> list[str]:
    everyone = _ordered([{"scorer": one["scorer"], "incident": ""} for one in recalls])
    return list(dict.fromkeys(one["scorer"] for one in everyone))


def _overview(
    by_name: Mapping[str, Sequence[Recall]], accounts: Mapping[str, Any], *, scorers: Sequence[str]
) -> Table:
    rows: list[list[Cell]] = []
    for name, own in by_name.items():
        by = {one["scorer"]: one["recall"] for one in own}
        chance = percent(accounts.get(name, {}).get("chance_recall"), digits=0)
        rows.append(
            [phrase(name), *(percent(by.get(s), digits=0) for s in scorers), chance, _against(by)]
        )
    return Table(
        caption="Share of incidents noticed, all intensities together",
        head=("incident", *map(phrase, scorers), "budget alone", "model against best other"),
        rows=rows,
    )


def _against(by: Mapping[str, float]) -> Badge:
    mine = by.get("model")
    rivals = {name: recall for name, recall in by.items() if name not in _OWN}
    if mine is None or not rivals:
        return Badge("no comparison")
    best = max(rivals, key=lambda name: (rivals[name], name))
    if rivals[best] > mine:
        return Badge(f"{phrase(best)} is better", "bad")
    return Badge("ahead", "good") if rivals[best] < mine else Badge("equal", "open")


def _full(recalls: Sequence[Recall]) -> Table:
    rows: list[list[Cell]] = [
        [
            phrase(one["incident"]),
            phrase(one["scorer"]),
            count(one.get("detected")),
            count(one.get("trials")),
            percent(one["recall"]),
            interval(one.get("recall_interval"), as_percent=True),
            duration(one.get("median_delay_s")),
            decimal(one.get("intensity_at_50")),
            decimal(one.get("intensity_at_90")),
        ]
        for one in recalls
    ]
    return Table(
        caption="Every incident and scorer, with intervals and delays",
        head=(
            "incident", "scorer", "noticed", "trials", "recall", "95 % interval (Wilson)",
            "median delay", "intensity for 50 %", "intensity for 90 %",
        ),
        rows=rows,
        folded=True,
    )  # fmt: skip


def _accounts(accounts: Sequence[Mapping[str, Any]]) -> Table:
    rows: list[list[Cell]] = [
        [
            phrase(one["incident"]),
            str(one.get("meaning", "")),
            ", ".join(map(phrase, one.get("dialects", ()))),
            count(one.get("trials")),
            decimal(one.get("windows")),
            ", ".join(map(phrase, one.get("one_rule", ()))),
            "; ".join(f"{phrase(k)} ({n})" for k, n in one.get("named_by_guard", {}).items()),
        ]
        for one in accounts
    ]
    return Table(
        caption="What was played",
        head=(
            "incident", "meaning", "told by", "trials", "windows touched", "its rule watches",
            "the guard named first",
        ),
        rows=rows,
        folded=True,
    )  # fmt: skip


def _left_out(found: Mapping[str, Any]) -> list[Block]:
    """What was not played or not measured, and why."""
    rows: list[list[Cell]] = [
        [phrase(incident), phrase(dialect), why]
        for incident, reasons in found.get("inexpressible", {}).items()
        for dialect, why in reasons.items()
    ]
    rows += [[phrase(incident), "", why] for incident, why in found.get("no_place", {}).items()]
    rows += [[phrase(scorer), "", why] for scorer, why in found.get("not_measured", {}).items()]
    head = ("what", "dialect", "why")
    return [Table(caption="Not played or not measured", head=head, rows=rows)] if rows else []


def _context(context: Mapping[str, Any]) -> Prose:
    differing = ", ".join(map(phrase, context.get("differing", ())))
    return Prose(
        (
            f"Control: of {count(context['compared'])} windows made again from copied background"
            f" without an incident, {count(context['equal'])} equal those of the full run"
            f" ({decimal(context['hours'])} hours of background before each)."
            + (f" Features that differ: {differing}." if differing else ""),
        )
    )
