"""Facts of windows -> the values of X and what its index is made of, as one expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.features.feature import Feature

__all__ = ["PREFIX", "matrix_of"]

#: A column of X may bear the name of a fact or of a key (n_events): in between it has this prefix.
PREFIX = "x_"
_KEYS = ("row", "entity", "window", "n_events", "label")


def matrix_of(facts: ir.Table, *, features: Sequence[Feature]) -> ir.Table:
    """The columns of X and of its index, one row for each window, in no order: `row` says it."""
    formulas = {
        f"{PREFIX}{column}": formula(facts).cast("float64")
        for one in features
        for column, formula in one.columns.items()
    }
    return facts.select(*_KEYS, **formulas)
