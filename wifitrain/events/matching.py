"""From the text of a line to its grammar row: rows that begin alike are looked up, then compared.

The engine finds the few rows with the same first letters as a text through one join, and keeps the
most specific one of those that match in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from wifitrain.events.rows import rules

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.events.rows import Rule

__all__ = ["match_rules"]

#: Lengths of the beginnings that are looked up: of a literal the longest one that it has. With
#: these a text of a busy site is compared with five rows on average.
_STEMS = (3, 16)
_EVERYWHERE = -1  # `where` of a row without one


def match_rules(lines: ir.Table) -> ir.Table:
    """`lines` with a column `rule`: number of the most specific row that matches `text`, or null.

    Needs `text` and `arrival`, which is unique.
    """
    import ibis

    stems = (lines.select("arrival", "text", stem=lines.text.left(length)) for length in _STEMS)
    patterns = sorted({rule.where for rule in rules() if rule.where is not None})
    compared = ibis.union(*stems).inner_join(_table(patterns), "stem")
    matching = compared.filter(
        compared.text.startswith(compared.literal)
        & (~compared.is_whole | (compared.text == compared.literal))
        & _holds(compared, patterns)
    )
    found = matching.group_by("arrival").agg(rule=matching.number.max())
    return lines.left_join(found, "arrival").drop("arrival_right")


def _holds(compared: ir.Table, patterns: Sequence[str]) -> ir.BooleanValue:
    """Whether the row's `where` is found in the text."""
    import ibis

    found: ir.BooleanValue = ibis.cases(
        *(
            (compared.where == number, compared.text.re_search(pattern))
            for number, pattern in enumerate(patterns)
        ),
        else_=True,
    )
    return found


def _table(patterns: Sequence[str]) -> ir.Table:
    """All grammar rows; `where` is a place in `patterns`."""
    import ibis

    return ibis.memtable(
        [
            (
                _stem(rule),
                rule.literal,
                rule.equals,
                _EVERYWHERE if rule.where is None else patterns.index(rule.where),
                rule.number,
            )
            for rule in rules()
        ],
        schema={
            "stem": "string",
            "literal": "string",
            "is_whole": "boolean",
            "where": "int16",
            "number": "int16",
        },
    )


def _stem(rule: Rule) -> str:
    return rule.literal[: max(length for length in _STEMS if length <= len(rule.literal))]
