"""The grammar tables: one row for each message pattern, read from `grammar/*.tsv`.

A row of a grammar has six columns; `-` stands for nothing.

channel : module of hostapd's logger (``IEEE 802.11``, ``WPA``, ...), written before the text.
kind    : ``equals`` (the whole text) or ``prefix`` (its beginning).
text    : the literal, as it stands behind interface, station and channel.
where   : RE2 pattern that must also be found in the text (with its channel).
event   : name from ``names.tsv``.
fields  : names from ``fields.tsv``, separated by blanks: what else the line carries.

Of all rows that match, the most specific one wins: the longest literal, then ``equals``, then the
one with a `where`. The order of the rows does not matter. Adding a pattern is adding a row here,
and a line with its event to the examples beside the tests.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

__all__ = ["Field", "Rule", "event_names", "fields", "module_names", "rules"]

_FOLDER = Path(__file__).parent / "grammar"
_GRAMMARS = ("logger.tsv", "control.tsv", "text.tsv", "wlceventd.tsv")
_LONGEST_INTERFACE = 15  # IFNAMSIZ less its end, linux/if.h


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: which text it understands and what the text means."""

    equals: bool
    literal: str  # channel and text as the stripped line shows them
    where: str | None
    event: str
    fields: tuple[str, ...]
    number: int = -1  # place in `rules`: of two rules that match, the greater one wins

    @property
    def specificity(self) -> tuple[int, bool, bool]:
        """Of two rules that match, the greater one wins."""
        return len(self.literal), self.equals, self.where is not None


@dataclass(frozen=True, kw_only=True)
class Field:
    """The column a value goes to, and the pattern whose one group is the value."""

    column: str
    pattern: str


@cache
def event_names() -> Mapping[str, str]:
    """Category of every event name: ``psk_mismatch -> auth_failure``."""
    return {row["event"]: row["category"] for row in _table("names.tsv")}


@cache
def fields() -> Mapping[str, Field]:
    """Every extraction by its name, in the order of the file."""
    return {
        row["field"]: Field(column=row["column"], pattern=row["pattern"])
        for row in _table("fields.tsv")
    }


@cache
def rules() -> Sequence[Rule]:
    """All grammar rows of all files, the most specific one last."""
    found = [_rule(row) for name in _GRAMMARS for row in _table(name)]
    found.sort(key=lambda rule: rule.specificity)
    return tuple(replace(rule, number=number) for number, rule in enumerate(found))


@cache
def module_names() -> Sequence[str]:
    """Words that stand before a colon as an interface would, but are modules: WPA, SME, nl80211."""
    heads = {rule.literal.partition(":")[0] for rule in rules() if ":" in rule.literal}
    return sorted(head for head in heads if len(head) <= _LONGEST_INTERFACE)


def _rule(row: Mapping[str, str]) -> Rule:
    channel, text, where = (
        "" if row[column] == "-" else row[column] for column in ("channel", "text", "where")
    )
    return Rule(
        equals=row["kind"] == "equals",
        literal=f"{channel}: {text}".rstrip() if channel and not text else _joined(channel, text),
        where=where or None,
        event=row["event"],
        fields=() if row["fields"] == "-" else tuple(row["fields"].split()),
    )


def _joined(channel: str, text: str) -> str:
    return f"{channel}: {text}" if channel else text


def _table(name: str) -> Iterator[Mapping[str, str]]:
    with open(_FOLDER / name, encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
