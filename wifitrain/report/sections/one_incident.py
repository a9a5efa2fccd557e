"""One incident: when and where, why, what it resembles, its scores and its lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.report.blocks import Block, Cell, Facts, Figure, Key, Lines, Link, Section, Table
from wifitrain.report.charts.bars import Bar, draw_bars
from wifitrain.report.charts.palette import CSS_VARIABLES, TRUTH
from wifitrain.report.charts.scores import SCORE_KEYS, Scores, draw_scores
from wifitrain.report.wording import Numeral, count, decimal, duration, phrase

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OVERVIEW", "anchor", "one_incident"]

OVERVIEW = "overview"
_OTHERS = "all other features"
_AROUND = np.timedelta64(6, "h")
_KEYS = (*SCORE_KEYS[:-1], Key(CSS_VARIABLES[TRUTH], "area", "this incident"))


def anchor(one: Mapping[str, Any]) -> str:
    """Id of the section of an incident."""
    return f"incident-{one['incident']}"


def one_incident(
    one: Mapping[str, Any], *, windows: pd.DataFrame, meanings: Mapping[str, str]
) -> Section:
    """The section of an incident, as it was told when it was over.

    `windows` is the frame of windows.parquet, `meanings` of features by name.
    """
    start, end = (datetime.fromisoformat(one[side]) for side in ("start", "end"))
    until = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%Y-%m-%d %H:%M}"
    blocks: list[Block] = [Facts(_facts(one, start, end))]
    if one.get("raised_by"):  # without it nothing is known of why
        blocks.append(_answers(one))
    if len(windows):
        blocks.append(_scores(one, windows))
    if one.get("because"):
        blocks.append(_contributions(one, meanings))
    if one.get("lines"):
        blocks.append(Lines(_lines_title(one), one["lines"]))
    return Section(
        id=anchor(one),
        title=f"{one['entity']}, {start:%Y-%m-%d %H:%M} to {until}",
        lead=_lead(one),
        blocks=blocks,
        back=Link("All incidents", OVERVIEW),
    )


def _lead(one: Mapping[str, Any]) -> str:
    nearest = one.get("nearest") or {}
    if not nearest.get("kind"):
        return ""
    return f"Resembles {phrase(nearest['kind'])}: {nearest['meaning']}. A hint, not a diagnosis."


def _facts(one: Mapping[str, Any], start: datetime, end: datetime) -> list[tuple[str, Cell, str]]:
    times = one["peak_score"] / one["threshold"] if one["threshold"] else None
    return [
        ("lasted", duration((end - start).total_seconds()), "first to last alert"),
        ("windows that alert", count(one["alerts"]), ""),
        ("highest score", decimal(one["peak_score"]), f"threshold {decimal(one['threshold'])}"),
        ("score / threshold", decimal(times), "1 and below is quiet"),
    ]


def _answers(one: Mapping[str, Any]) -> Table:
    """Who raised it, what would have kept it quiet, and what it resembles, as a table."""
    by_guard = bool(one.get("reason"))
    rows: list[list[Cell]] = [
        ["raised by", f"guard: {one['reason']}" if by_guard else "estimator"],
        ["would be quiet", str(one.get("quiet") or "with no change of a single value")],
    ]
    if nearest := one.get("nearest"):
        rows.append(["compared with the bench", str(nearest["hint"])])
        if nearest.get("second"):
            second = f"{phrase(nearest['second'])}, {decimal(nearest['second_similarity'], 2)}"
            rows.append(["next nearest", second])
    peak = datetime.fromisoformat(one["peak_start"])
    head = ("", f"of the highest window, which starts at {peak:%Y-%m-%d %H:%M} UTC")
    return Table(caption="In short", head=head, rows=rows)


def _scores(one: Mapping[str, Any], windows: pd.DataFrame) -> Figure:
    """Six hours to both sides."""
    start, end = (np.datetime64(one[side], "us") for side in ("start", "end"))
    own = windows[windows["entity"].astype(str) == one["entity"]].sort_values("start")
    near = own[(own["end"] > start - _AROUND) & (own["start"] < end + _AROUND)]
    score, threshold = near["estimator_score"].to_numpy(float), float(one["threshold"])
    flagged = near["is_anomaly"].to_numpy(bool)
    low, high = min(score.min(), threshold), max(score.max(), threshold)
    margin = 0.06 * (high - low) or 0.1
    scores = Scores(
        start=near["start"].to_numpy(),
        score=score,
        by_estimator=flagged & (score > threshold),
        by_guard=flagged & near["reason"].str.startswith("guard").to_numpy(bool),
        threshold=threshold,
        window_s=(near["end"] - near["start"]).iloc[0].total_seconds(),
        parts={},
        truth=[(start, end)],
        noticed=np.array([], dtype="datetime64[us]"),
        missed=np.array([], dtype="datetime64[us]"),
    )
    span = near["start"].to_numpy().min(), near["end"].to_numpy().max()
    chart = draw_scores(
        f"scores-{one['incident']}", scores, span=span, y_range=(low - margin, high + margin)
    )
    return Figure(
        chart=chart,
        title="Score over time",
        text=f"{len(near):,} windows within six hours, {int(flagged.sum()):,} of them alert. The"
        f" threshold is {decimal(threshold)}; alerts of the guard stand in the lane above.",
        keys=_KEYS,
    )


def _contributions(one: Mapping[str, Any], meanings: Mapping[str, str]) -> Figure:
    """Parts of log2(score), which add up to it, with their numbers."""
    score = decimal(one["estimator_score"])
    guard = " The guard raised it; this is what the forest saw." if one.get("reason") else ""
    return Figure(
        chart=draw_bars(f"parts-{one['incident']}", _bars(one), label="part of log2(score)"),
        title="What made the score",
        text=f"Exact shares of the estimator's score, {score}: a part of 1 doubled it.{guard}",
        table=Table(
            caption="Parts of log2(score)",
            head=("feature", "meaning", "value", "unit", "part", "factor"),
            rows=_part_rows(one, meanings),
            note=f"The factors multiply to the estimator's score, {score}.",
        ),
    )


def _bars(one: Mapping[str, Any]) -> list[Bar]:
    named = [
        (f"{phrase(part['feature'])} = {decimal(part['value'])}", float(part["part"]))
        for part in one["because"]
    ]
    parts = [*named, (_OTHERS, float(one["others"]))]
    return [Bar(name=name, value=part, shown=_factor(part)) for name, part in parts]


def _part_rows(one: Mapping[str, Any], meanings: Mapping[str, str]) -> list[list[Cell]]:
    """A row for each feature shown, the rest, the base, and the sum of all."""
    rows: list[list[Cell]] = [
        [
            phrase(part["feature"]),
            f"{meanings.get(part['feature'], '')}",
            decimal(part["value"]),
            str(part["unit"]),
            decimal(part["part"]),
            _factor(part["part"]),
        ]
        for part in one["because"]
    ]
    others, base = float(one["others"]), one["base"]
    total = base + others + sum(part["part"] for part in one["because"])
    rows += [
        [name, meaning, decimal(None), "", decimal(part), _factor(part)]
        for name, meaning, part in (
            (_OTHERS, "", others),
            ("base", "a window of which nothing is known", base),
            ("together", "", total),
        )
    ]
    return rows


def _factor(part: float) -> Numeral:
    return Numeral(f"\N{MULTIPLICATION SIGN} {2**part:.3g}")


def _lines_title(one: Mapping[str, Any]) -> str:
    shown, total = len(one["lines"]), max(one.get("lines_in_window", 0), len(one["lines"]))
    of = "All" if shown == total else f"{shown:,} of"
    return f"{of} {total:,} lines of the highest window (UTC)"
