"""What occurred in each window, by name: so that a kind never seen in training can be noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.features.stage import Stage

__all__ = ["kinds_of_windows"]


def kinds_of_windows(stage: Stage, rows: ir.Table, *, facts: ir.Table) -> ir.Table:
    """Counts of `event:NAME` and, for lines that no grammar knows, of `template:TEXT`.

    Columns: window (row number of X, from 0), kind, count; in the order of (window, kind).
    """
    import ibis

    order = ibis.window(order_by=["entity", "window"])
    numbered = facts.select("entity", "window", row=ibis.row_number().over(order).cast("int64"))
    numbered = stage.materialise("feature_rows", numbered)
    is_template = (rows.event == "unknown") & rows.template.notnull()
    name = ibis.ifelse(is_template, rows.template, rows.event)
    kind = ibis.ifelse(is_template, "template:", "event:").concat(name)
    kinds = rows.filter(rows.wifi).select("entity", "window", kind=kind)
    counts = kinds.group_by("entity", "window", "kind").agg(count=lambda t: t.count().cast("int64"))
    joined = counts.inner_join(numbered, ["entity", "window"])
    joined = joined.select("kind", "count", window="row").order_by("window", "kind")
    return joined.select("window", "kind", "count")
