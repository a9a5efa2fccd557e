"""Which windows exist, and what only their sequence tells: silence and presence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.features.rows import MILLISECONDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["RUNNING_FACTS", "Span", "numbered_windows", "silent_windows", "steps_between_windows"]

#: Facts that depend on the windows before: silence, presence, and the handshake lines so far.
RUNNING_FACTS = ("silence_ms", "present", "entity_key_lines")

#: What a part may bring to `numbered_windows`, and what it is where a part does not.
_BROUGHT: Mapping[str, tuple[str, object]] = {
    "exists": ("boolean", False),
    "last_event_ms": ("int64", None),
    "key_lines": ("int64", 0),
    "change": ("int64", 0),
}


@dataclass(frozen=True, kw_only=True)
class Span:
    """How long a window is and how long a silence may be, both in seconds."""

    window_s: int
    max_silence_s: int


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
        "n_lines",
        following=following,
        between=(following - lines.window - 1).fill_null(0),
        is_gap=(silence_ms > max_silence_s * MILLISECONDS).fill_null(False),
    )


def silent_windows(steps: ir.Table) -> ir.Table:
    """Every (entity, window) that exists although it has no line: those between two that have."""
    import ibis

    silent = steps.filter((steps.between > 0) & ~steps.is_gap)
    return silent.select("entity", window=ibis.range(silent.window + 1, silent.following).unnest())


def numbered_windows(parts: Iterable[ir.Table], *, span: Span) -> ir.Table:
    """Parts -> every window that exists, with its `row` and the running facts.

    Parts have the columns entity, window, and some of: `exists`; `last_event_ms`, of the last WiFi
    line; `key_lines`, handshake lines; `change` of the number of present addresses. Rows of one
    window add up. Changes also fall on windows that do not exist (inside a gap), and count.
    `row` is the place in the order of (entity, window), from 0. `silence_ms` lasts from the last
    WiFi line so far to the window's end, capped. `entity_key_lines` are those of the entity up to
    the window's end, and not ever: whoever follows a log cannot know what is still to come.
    """
    import ibis

    every = ibis.union(*(_with_every_column(part) for part in parts))
    windows = every.group_by("entity", "window").agg(
        exists=every.exists.any(),
        last_event_ms=every.last_event_ms.max(),
        key_lines=every.key_lines.sum(),
        change=every.change.sum(),
    )
    so_far = ibis.cumulative_window(group_by="entity", order_by="window")
    running = windows.select(
        "entity",
        "window",
        "exists",
        last_ms=windows.last_event_ms.max().over(so_far),
        entity_key_lines=windows.key_lines.sum().over(so_far).cast("int64"),
        present=windows.change.sum().over(so_far).cast("int64"),
    )
    there = running.filter(running.exists)
    place = ibis.row_number().over(ibis.window(order_by=["entity", "window"]))
    columns = ("entity", "window", "entity_key_lines", "present")
    return there.select(*columns, row=place.cast("int64"), silence_ms=_silence(there, span))


def _with_every_column(part: ir.Table) -> ir.Table:
    import ibis

    columns = {
        name: part[name] if name in part.columns else ibis.literal(value, kind)
        for name, (kind, value) in _BROUGHT.items()
    }
    return part.select("entity", "window", **columns)


def _silence(windows: ir.Table, span: Span) -> ir.Value:
    import ibis

    end_ms = (windows.window + 1) * (span.window_s * MILLISECONDS)
    cap = ibis.literal(span.max_silence_s * MILLISECONDS, "int64")
    silence_ms = ibis.least(end_ms - windows.last_ms, cap)
    return ibis.ifelse(windows.last_ms.notnull(), silence_ms, ibis.null("int64"))
