"""The data: what arrived, what was repaired or refused, what was not understood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Code, Facts, Prose, Section, Table
from wifitrain.report.wording import count, decimal, moment, percent, phrase, size

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["arrival"]

_TEMPLATES = 25
_REPAIRED = {
    "valid": "lines used",
    "invalid": "lines that cannot be used",
    "quarantined": "lines put aside with their reason (quarantine.ndjson)",
    "exact_repeats": "exact repeats of another line, kept",
    "duplicates_removed": "duplicates by record number, removed",
    "clock_reset_rows": "lines of a reset clock, dated by their neighbours",
    "cut_messages": "messages cut to 4,096 characters",
}


def arrival(run: Run) -> Section | None:
    """Everything that is known of the export."""
    data = run.part("data")
    if not data:
        return None
    blocks: list[Block] = [Facts(_facts(data)), _repaired(data)]
    blocks += _findings(data)
    blocks += _understood(data)
    if files := data.get("files"):
        blocks.append(_files(files))
    return Section(id="data", title="The data", blocks=blocks)


def _facts(data: dict[str, Any]) -> list[tuple[str, Cell, str]]:
    facts: list[tuple[str, Cell, str]] = []
    if "rows" in data:
        facts.append(("lines", count(data["rows"]), "that arrived"))
    if "wifi_rows" in data:
        facts.append(
            ("WiFi lines", count(data["wifi_rows"]), f"{percent(data.get('wifi_ratio'))} of all")
        )
    if data.get("span_days") is not None:
        facts.append(
            (
                "days",
                decimal(data["span_days"]),
                f"{moment(data.get('first_time'))} to {moment(data.get('last_time'))}",
            )
        )
    if "stations" in data:
        local = data.get("station_local_share")
        told = f"{percent(local)} with a randomised address" if local is not None else ""
        facts.append(("stations", count(data["stations"]), told))
    return facts


def _repaired(data: dict[str, Any]) -> Table:
    rows = [
        [words, count(data[key]), percent(data[key] / data["rows"] if data.get("rows") else None)]
        for key, words in _REPAIRED.items()
        if key in data
    ]
    return Table(caption="What became of the lines", head=("", "lines", "share"), rows=rows)


def _findings(data: dict[str, Any]) -> list[Block]:
    tones = (("errors", Badge("error", "bad")), ("warnings", Badge("warning", "open")))
    rows: list[list[Cell]] = [
        [
            badge,
            Code(str(found.get("code", ""))),
            str(found.get("message", "")),
            count(found.get("count")),
            "; ".join(str(one) for one in found.get("examples", ())[:3]),
        ]
        for key, badge in tones
        for found in data.get(key, ())
    ]
    if not rows:
        return []
    head = ("", "code", "finding", "count", "first examples")
    return [Table(caption="Findings of the validation", head=head, rows=rows)]


def _understood(data: dict[str, Any]) -> list[Block]:
    blocks: list[Block] = []
    if "unknown_templates" in data:
        templates = data["unknown_templates"]
        if templates:
            rows: list[list[Cell]] = [
                [Code(str(t["template"])), count(t["count"])] for t in templates[:_TEMPLATES]
            ]
            blocks.append(
                Table(
                    caption="Not understood: WiFi lines as masked templates",
                    head=("template", "lines"),
                    rows=rows,
                    note=f"{len(templates)} templates are known; none is dropped.",
                )
            )
        else:
            blocks.append(Prose(("Every WiFi line was understood by a grammar.",)))
    for key, caption in (
        ("events", "Events"),
        ("programs", "Programs"),
        ("interfaces", "Interfaces"),
    ):
        if found := data.get(key):
            ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
            listed: list[list[Cell]] = [[phrase(name), count(n)] for name, n in ordered]
            head = (key[:-1], "lines")
            blocks.append(
                Table(caption=f"{caption} in the log", head=head, rows=listed, folded=True)
            )
    return blocks


def _files(files: list[dict[str, Any]]) -> Table:
    rows: list[list[Cell]] = [
        [
            str(one.get("path", "")),
            phrase(str(one.get("shape", ""))),
            count(one.get("rows")),
            size(one.get("bytes")),
            Code(str(one.get("sha256", ""))[:16]),
        ]
        for one in files
    ]
    head = ("file", "shape", "lines", "size", "SHA-256, first 16")
    return Table(caption="Files", head=head, rows=rows, folded=len(rows) > 5)
