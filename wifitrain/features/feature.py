"""What a feature is: its name, meaning, unit and range, what feeds it, how it is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "GROUPS",
    "Feature",
    "Feed",
    "Formula",
    "Group",
    "derived",
    "plain",
    "ratio",
    "seconds",
]

_MILLISECONDS = 1_000

Group = Literal["numeric", "categorical", "temporal", "derived", "counts"]
GROUPS: tuple[Group, ...] = ("numeric", "categorical", "temporal", "derived", "counts")

#: Facts of each window (integers; see `facts`) -> one value a window.
Formula = Callable[["ir.Table"], "ir.Value"]

#: When an export can feed a feature:
#: `lines` any line does; `possible` a program of this export is able to log one of the inputs;
#: `occurs` one of the inputs occurs; `column` one of the inputs, a column, is filled somewhere;
#: `never` no program logs what it would need.
Feed = Literal["lines", "possible", "occurs", "column", "never"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One entry of the catalogue; it gives one column, or several where the value is no number."""

    name: str
    group: Group
    meaning: str
    unit: str
    range: str
    feed: Feed
    inputs: tuple[str, ...]  # event names, or columns of the event table; empty: every line
    facts: tuple[str, ...]  # what the formulas read
    columns: Mapping[str, Formula]  # column of X -> its value from the facts of a window
    also_count: bool = False  # may stand in `features.counts` as well


def plain(fact: str) -> Formula:
    """The fact itself."""
    return lambda facts: facts[fact]


def ratio(part: str, whole: str) -> Formula:
    """`part` / `whole`, undefined where the whole is zero."""
    return lambda facts: facts[part].cast("float64") / facts[whole].nullif(0)


def seconds(fact: str) -> Formula:
    """The fact, which is in milliseconds, in seconds."""
    return lambda facts: facts[fact].cast("float64") / _MILLISECONDS


def derived(
    name: str,
    meaning: str,
    formula: Formula,
    *,
    facts: tuple[str, ...],
    of: tuple[str, str, Feed] = ("count", "[0, inf)", "possible"),
    inputs: tuple[str, ...] = (),
) -> Feature:
    """A feature of the group `derived`; `of` is its unit, its range and what feeds it."""
    unit, span, feed = of
    return Feature(
        name=name,
        group="derived",
        meaning=meaning,
        unit=unit,
        range=span,
        feed=feed,
        inputs=inputs,
        facts=facts,
        columns={name: formula},
    )
