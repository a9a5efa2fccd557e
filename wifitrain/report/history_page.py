"""The page of a version over time: what every later batch looked like beside its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wifitrain.report.blocks import Badge, Block, Cell, Facts, Figure, Prose, Section, Table
from wifitrain.report.charts.lines import Curve, Frame, curve_keys, draw_curves
from wifitrain.report.rendering import Page, render, write_whole
from wifitrain.report.wording import count, decimal, moment, percent, phrase

__all__ = ["render_history_report", "write_history_report"]

_BADGES = {
    "stable": Badge("stable", "good"),
    "drifting": Badge("drifting", "open"),
    "broken input": Badge("broken input", "bad"),
}
_FEATURES_SHOWN = 8
_MOST_ENTRIES = 500
_CHARTS = (
    ("alert_rate", "Alert rate", "share of windows"),
    ("mean_score", "Mean score", "score of the estimator"),
)


def write_history_report(version: str, entries: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the page to `path`, whole or not at all.

    `entries`: the lines of the version's history, oldest first; the latest 500 are drawn.

    Raises
    ------
    WifitrainError : the file cannot be written.
    """
    write_whole(path, render_history_report(version, entries))


def render_history_report(version: str, entries: Sequence[Mapping[str, Any]]) -> str:
    """The page as text; the same entries give the same bytes."""
    entries = entries[-_MOST_ENTRIES:]
    judged = [entry for entry in entries if entry.get("verdict")]
    last = judged[-1] if judged else {}
    sections = [_latest(last), *_curves(entries), _drift(judged), _batches(entries)]
    page = Page(
        title=version,
        subtitle=f"History: {len(entries)} batches since the training",
        headline=_headline(last),
        badge=_BADGES.get(str(last.get("verdict"))),
        sections=[section for section in sections if section is not None],
    )
    return render(page)


def _headline(last: Mapping[str, Any]) -> str:
    if not last:
        return "No batch was compared with the training yet."
    reasons = "; ".join(last["reasons"][:3])
    return f"Last batch: {last['verdict']}{': ' if reasons else ''}{reasons}."


def _latest(last: Mapping[str, Any]) -> Section | None:
    if not last:
        return None
    quality = last.get("quality") or {}
    facts: list[tuple[str, Cell, str]] = [("compared", moment(last["at"]), "")]
    facts += [(phrase(name), percent(share), "") for name, share in quality.items()]
    blocks: list[Block] = [Facts(facts)]
    if last["reasons"]:
        blocks.append(Prose(last["reasons"], listed=True))
    return Section(id="latest", title="The latest batch", blocks=blocks)


def _curves(entries: Sequence[Mapping[str, Any]]) -> list[Section]:
    """Alert rate and mean score with their control limits, batch by batch."""
    figures: list[Block] = []
    for key, title, unit in _CHARTS:
        points = [(n, entry) for n, entry in enumerate(entries, start=1) if key in entry]
        if len(points) < 2:
            continue
        curves = [Curve(name=title, x=[n for n, _ in points], y=[e[key] for _, e in points])]
        curves += _limits(points, key)
        chart = draw_curves(
            key,
            curves,
            frame=Frame(x_label="batch", y_label=unit),
            width_in=7.0,
            height_in=2.4,
        )
        figures.append(
            Figure(
                chart=chart,
                title=f"{title}, batch by batch",
                text="Between the limits chance alone explains the differences.",
                keys=curve_keys(curves),
            )
        )
    return [Section(id="curves", title="Over time", blocks=figures)] if figures else []


def _limits(points: Sequence[tuple[int, Mapping[str, Any]]], key: str) -> list[Curve]:
    limited = [(n, e["limits"][key]) for n, e in points if (e.get("limits") or {}).get(key)]
    if not limited:
        return []
    numbers = [n for n, _ in limited]
    return [
        Curve(name=f"{bound} limit", x=numbers, y=[limits[side] for _, limits in limited])
        for side, bound in (("low", "lower"), ("high", "upper"))
    ]


def _drift(judged: Sequence[Mapping[str, Any]]) -> Section | None:
    """What moved most in any batch, batch by batch."""
    with_drift = [entry for entry in judged if entry.get("drift")]
    if not with_drift:
        return None
    largest: dict[str, float] = {}
    for entry in with_drift:
        for name, distance in entry["drift"].items():
            largest[name] = max(distance, largest.get(name, 0.0))
    names = sorted(largest, key=lambda name: (-largest[name], name))[:_FEATURES_SHOWN]
    table = Table(
        caption="Kolmogorov-Smirnov distance to the training",
        head=("compared", *(phrase(name) for name in names)),
        rows=[
            [moment(entry["at"]), *(decimal(entry["drift"].get(name), 2) for name in names)]
            for entry in reversed(with_drift)
        ],
    )
    return Section(id="drift", title="What moved most", blocks=[table])


def _batches(entries: Sequence[Mapping[str, Any]]) -> Section | None:
    if not entries:
        return None
    rows: list[list[Cell]] = [
        [
            moment(entry["at"]),
            str(entry.get("what", "")),
            _BADGES.get(str(entry.get("verdict")), Badge("not compared")),
            f"{moment(entry.get('first_time'))} to {moment(entry.get('last_time'))}",
            count(entry.get("windows")),
            count(entry.get("alerts")),
            percent(entry.get("alert_rate")),
            decimal(entry.get("mean_score")),
            count(entry["windows"] / entry["seconds"]) if entry.get("seconds") else count(None),
        ]
        for entry in reversed(entries)
    ]
    head = (
        "when",
        "what",
        "verdict",
        "logs",
        "windows",
        "alerts",
        "rate",
        "mean score",
        "windows a second",
    )
    return Section(
        id="batches",
        title="Every batch",
        blocks=[Table(caption="Batches, the latest first", head=head, rows=rows)],
    )
