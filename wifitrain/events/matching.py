"""From the text of a line to the number of its grammar row, as nested cases on literal beginnings.

One level of cases tells texts apart by a few characters, the next one by the characters behind
them; only a handful of literals is compared in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.events.rows import Rule

__all__ = ["match_rule"]

_FEW = 6  # rules that are compared one after the other
_STEP = 3  # characters that tell the branches of one level apart


def match_rule(text: ir.StringValue, rules: Sequence[Rule]) -> ir.IntegerValue:
    """Number of the most specific rule that matches `text`, or null."""
    if len(rules) <= _FEW:
        return _compare(text, rules)
    at = _shared_length([rule.literal for rule in rules]) + _STEP
    branches: dict[str, list[Rule]] = {}
    short: list[Rule] = []
    for rule in rules:
        into = branches.setdefault(rule.literal[:at], []) if len(rule.literal) >= at else short
        into.append(rule)
    if len(branches) == 1 and not short:  # same literal throughout: nothing left to split by
        return _compare(text, rules)
    return _branch(text, branches, short)


def _shared_length(literals: Sequence[str]) -> int:
    """Length of the beginning that all literals share."""
    first, last = min(literals), max(literals)
    different = (at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1)
    return next(different, min(len(first), len(last)))


def _branch(
    text: ir.StringValue, branches: dict[str, list[Rule]], short: list[Rule]
) -> ir.IntegerValue:
    import ibis

    found = ibis.cases(
        *((text.startswith(head), match_rule(text, inner)) for head, inner in branches.items()),
        else_=ibis.null("int16"),
    )
    # a longer literal is more specific: the short ones are asked where no branch knew the text
    return ibis.coalesce(found, _compare(text, short)) if short else found


def _compare(text: ir.StringValue, rules: Sequence[Rule]) -> ir.IntegerValue:
    import ibis

    ordered = sorted(rules, key=lambda rule: rule.specificity, reverse=True)
    return ibis.cases(
        *((_matches(text, rule), ibis.literal(rule.number, "int16")) for rule in ordered),
        else_=ibis.null("int16"),
    )


def _matches(text: ir.StringValue, rule: Rule) -> ir.BooleanValue:
    begins = text == rule.literal if rule.equals else text.startswith(rule.literal)
    return begins if rule.where is None else begins & text.re_search(rule.where)
