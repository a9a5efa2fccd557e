"""The page of a scored export: the incidents at a glance, then each for somebody on call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Facts, Link, Prose, Section, Table
from wifitrain.report.rendering import Page, render, write_whole
from wifitrain.report.sections.one_incident import OVERVIEW, anchor, one_incident
from wifitrain.report.wording import count, decimal, duration, moment, percent, phrase

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ScoredExport", "render_score_report", "write_score_report"]

_LISTED = 500
_FIRST_WORDS = 90  # letters


@dataclass(frozen=True, kw_only=True)
class ScoredExport:
    """A scored export, as its page needs it.

    `windows` is the frame of windows.parquet, `incidents` what was told of each when it was over
    (incidents.jsonl, closed). `pages`: so many incidents, those with the highest scores, have a
    section of their own. `meanings` of features by name, `data` is the account of the export.
    """

    version: str
    windows: pd.DataFrame
    incidents: Sequence[Mapping[str, Any]]
    pages: int
    meanings: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def write_score_report(scored: ScoredExport, path: Path) -> None:
    """Write the page to `path`, whole or not at all.

    Raises
    ------
    WifitrainError : the file cannot be written.
    """
    write_whole(path, render_score_report(scored))


def render_score_report(scored: ScoredExport) -> str:
    """The page as text; the same arguments give the same bytes."""
    latest_first = sorted(
        scored.incidents, key=lambda one: (one["start"], one["entity"]), reverse=True
    )
    highest = sorted(latest_first, key=lambda one: -one["peak_score"])
    shown = {one["incident"] for one in highest[: scored.pages]}
    pages = [
        one_incident(one, windows=scored.windows, meanings=scored.meanings)
        for one in latest_first
        if one["incident"] in shown
    ]
    page = Page(
        title=_incidents(len(latest_first)),
        subtitle=f"Logs scored with {scored.version}",
        headline=_headline(scored, highest),
        badge=None if latest_first else Badge("quiet", "good"),
        sections=[_overview(scored, latest_first, shown), *pages],
    )
    return render(page)


def _incidents(n: int) -> str:
    return "No incident" if n == 0 else "1 incident" if n == 1 else f"{n:,} incidents"


def _headline(scored: ScoredExport, highest: Sequence[Mapping[str, Any]]) -> str:
    frame = scored.windows
    entities = frame["entity"].nunique()
    where = f"{entities:,} access point{'s' * (entities != 1)}"
    if not highest:
        return f"Nothing to tell of {len(frame):,} windows at {where}."
    first = highest[0]
    kind = (first.get("nearest") or {}).get("kind")
    like = f", like {phrase(kind)}" if kind else ""
    return (
        f"{_incidents(len(highest))} at {len({one['entity'] for one in highest}):,} of {where};"
        f" the highest score: {first['entity']}, {moment(first['start'])}{like}."
    )


def _overview(
    scored: ScoredExport, incidents: Sequence[Mapping[str, Any]], shown: set[str]
) -> Section:
    blocks: list[Block] = [Facts(_facts(scored, incidents))]
    if incidents:
        blocks.append(_table(incidents[:_LISTED], shown))
    if unlisted := max(0, len(incidents) - _LISTED):
        blocks.append(Prose((f"{unlisted:,} earlier ones are in incidents.jsonl alone.",)))
    return Section(
        id=OVERVIEW,
        title="Overview",
        lead="Alerts of an access point that belong together are one incident. What one resembles"
        " is a hint from scripted incidents, not a diagnosis.",
        blocks=blocks,
    )


def _facts(
    scored: ScoredExport, incidents: Sequence[Mapping[str, Any]]
) -> list[tuple[str, Cell, str]]:
    frame, data = scored.windows, scored.data
    alerts = int(frame["is_anomaly"].sum())
    told = sum(one["alerts"] for one in incidents)
    kept = f"{count(alerts - told)} not told" if told < alerts else "all in incidents"
    facts: list[tuple[str, Cell, str]] = [
        ("incidents", count(len(incidents)), ""),
        ("windows that alert", count(alerts), kept),
        ("of all windows", percent(alerts / len(frame) if len(frame) else None), count(len(frame))),
    ]
    if data.get("first_time") and data.get("last_time"):
        span = duration(float(data.get("span_days") or 0) * 86_400)
        told_of = f"{moment(data['first_time'])} to {moment(data['last_time'])}"
        facts.append(("logs of", span, told_of))
    return facts


def _table(incidents: Sequence[Mapping[str, Any]], shown: set[str]) -> Table:
    return Table(
        caption="Incidents, the latest first",
        head=("start (UTC)", "access point", "lasted", "alerts", "peak score", "resembles", "why"),
        rows=[_row(one, linked=one["incident"] in shown) for one in incidents],
        note=""
        if len(shown) == len(incidents)
        else "Those with the highest scores have a page of their own below.",
    )


def _row(one: Mapping[str, Any], *, linked: bool) -> list[Cell]:
    start = moment(one["start"]).removesuffix(" UTC")
    nearest = one.get("nearest") or {}
    return [
        Link(start, anchor(one)) if linked else start,
        str(one["entity"]),
        duration(_lasted(one)),
        count(one["alerts"]),
        decimal(one["peak_score"]),
        phrase(nearest["kind"]) if nearest.get("kind") else "",
        _why(one),
    ]


def _lasted(one: Mapping[str, Any]) -> float:
    from datetime import datetime

    start, end = (datetime.fromisoformat(one[side]) for side in ("start", "end"))
    return (end - start).total_seconds()


def _why(one: Mapping[str, Any]) -> str:
    """What led to the highest alert, in a few words."""
    if one.get("reason"):
        told = str(one["reason"])
        return told if len(told) <= _FIRST_WORDS else f"{told[: _FIRST_WORDS - 1]}…"
    return ", ".join(
        f"{phrase(part['feature'])} {decimal(part['value'])}" for part in one.get("because", ())[:2]
    )
