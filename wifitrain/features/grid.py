"""Which windows exist, and what only their sequence tells: silence and presence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.rows import MILLISECONDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "RUNNING_FACTS",
    "grid_of_windows",
    "steps_between_windows",
    "with_keys_so_far",
    "with_presence",
    "with_silence",
]

#: Facts that `with_silence` and `with_presence` add, and the handshake lines so far.
RUNNING_FACTS = ("silence_ms", "present", "entity_key_lines")


def steps_between_windows(lines: ir.Table, *, max_silence_s: int) -> ir.Table:
    """From each window with a line to the next one: how many lie between, and whether they exist.

    They do not where the silence between two lines is longer than `max_silence_s`: nothing then
    says that the access point was up.
    """
    import ibis

    order = ibis.window(group_by="entity", order_by="window")
    silence_ms = lines.first_line_ms.lead().over(order) - lines.last_line_ms
    following = lines.window.lead().over(order)
    return lines.select(
        "entity",
        "window",
        following=following,
        between=(following - lines.window - 1).fill_null(0),
        is_gap=(silence_ms > max_silence_s * MILLISECONDS).fill_null(False),
    )


def grid_of_windows(steps: ir.Table) -> ir.Table:
    """Every (entity, window) that exists: those with lines, and the silent ones between them."""
    import ibis

    silent = steps.filter((steps.between > 0) & ~steps.is_gap)
    between = ibis.range(silent.window + 1, silent.following).unnest()
    return steps.select("entity", "window").union(silent.select("entity", window=between))


def with_silence(facts: ir.Table, *, window_s: int, max_silence_s: int) -> ir.Table:
    """Adds `silence_ms`: from the last WiFi line so far to the window's end, capped."""
    import ibis

    end_ms = (facts.window + 1) * (window_s * MILLISECONDS)
    last_ms = facts.last_event_ms.max().over(_so_far())
    cap = ibis.literal(max_silence_s * MILLISECONDS, "int64")
    return facts.mutate(
        silence_ms=ibis.ifelse(
            last_ms.notnull(), ibis.least(end_ms - last_ms, cap), ibis.null("int64")
        )
    )


def with_presence(facts: ir.Table, *, changes: ir.Table) -> ir.Table:
    """Adds `present`: the addresses present at the window's end, as a running sum of `changes`.

    Changes also fall on windows that do not exist (inside a gap); they count all the same.
    """
    import ibis

    existing = facts.select("entity", "window", change=ibis.literal(0, "int64"), exists=True)
    moves = changes.select("entity", "window", "change", exists=False)
    every = existing.union(moves).group_by("entity", "window")
    every = every.agg(change=lambda t: t.change.sum(), exists=lambda t: t.exists.any())
    summed = every.mutate(present=every.change.sum().over(_so_far()).cast("int64"))
    present = summed.filter(summed.exists).select("entity", "window", "present")
    return facts.inner_join(present, ["entity", "window"])


def with_keys_so_far(facts: ir.Table) -> ir.Table:
    """Adds `entity_key_lines`: handshake lines of the entity up to the window's end.

    Up to there and not ever: whoever follows a log cannot know what is still to come.
    """
    return facts.mutate(entity_key_lines=facts.key_lines.sum().over(_so_far()))


def _so_far() -> ir.Value:
    import ibis

    return ibis.cumulative_window(group_by="entity", order_by="window")
