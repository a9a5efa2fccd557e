"""Facts of each window, joined from the passes that the wanted facts need, and no other pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.features.grid import (
    RUNNING_FACTS,
    grid_of_windows,
    steps_between_windows,
    with_keys_so_far,
    with_presence,
    with_silence,
)
from wifitrain.features.lines import LINE_FACTS, ZERO_LINE_FACTS, line_facts
from wifitrain.features.peers import PEER_FACTS, peer_facts, peers_of_windows, presence_changes
from wifitrain.features.sessions import (
    SESSION_FACTS,
    ZERO_SESSION_FACTS,
    handshake_facts,
    moves_of_stations,
    session_facts,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.features.stage import Stage

__all__ = ["KNOWN_FACTS", "Facts", "facts_of_windows"]

_ALWAYS = frozenset(
    ("n_lines", "n_events", "first_line_ms", "last_line_ms", "last_event_ms", "label")
)
_HANDSHAKE_FACTS = ("completed_handshakes", "key_lines")
_ZERO = frozenset((*ZERO_LINE_FACTS, *ZERO_SESSION_FACTS, *PEER_FACTS, *_HANDSHAKE_FACTS))
KNOWN_FACTS = frozenset(
    (*LINE_FACTS, *SESSION_FACTS, *PEER_FACTS, *_HANDSHAKE_FACTS, *RUNNING_FACTS)
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of every window that exists, and how many do not because of a gap."""

    table: ir.Table
    gap_windows: ir.Value


@dataclass(frozen=True, kw_only=True)
class Span:
    """How long a window is and how long a silence may be, both in seconds."""

    window_s: int
    max_silence_s: int


def facts_of_windows(stage: Stage, rows: ir.Table, *, wanted: Iterable[str], span: Span) -> Facts:
    """Rows -> one row for each window that exists, with the facts of `wanted` among its columns."""
    names = frozenset(wanted) | _ALWAYS
    lines = line_facts(rows, names=names & LINE_FACTS.keys())
    lines = stage.materialise("feature_lines", lines)
    steps = steps_between_windows(lines, max_silence_s=span.max_silence_s)
    steps = stage.materialise("feature_steps", steps)
    peers = _peers(stage, rows, names)
    parts = [lines, *_moves(stage, rows, names)]
    if peers is not None and (wanted_of_peers := names & PEER_FACTS.keys()):
        parts.append(peer_facts(peers, names=wanted_of_peers))
    table = grid_of_windows(steps)
    for part in parts:
        table = table.left_join(part, ["entity", "window"])
        table = table.drop("entity_right", "window_right")
    table = table.fill_null(dict.fromkeys(_ZERO & frozenset(table.columns), 0))
    table = _running(table, peers, names, span)
    return Facts(
        table=stage.materialise("feature_facts", table),
        gap_windows=steps.between.sum(where=steps.is_gap).fill_null(0),
    )


def _moves(stage: Stage, rows: ir.Table, names: frozenset[str]) -> list[ir.Table]:
    sessions = names & SESSION_FACTS.keys()
    handshakes = names & {*_HANDSHAKE_FACTS, "entity_key_lines"}
    if not sessions and not handshakes:
        return []
    moves = stage.materialise("feature_moves", moves_of_stations(rows))
    parts = [session_facts(moves, names=sessions)] if sessions else []
    if handshakes:
        parts.append(handshake_facts(rows, moves=moves))
    return parts


def _peers(stage: Stage, rows: ir.Table, names: frozenset[str]) -> ir.Table | None:
    if "present" not in names and names.isdisjoint(PEER_FACTS):
        return None
    return stage.materialise("feature_peers", peers_of_windows(rows))


def _running(
    table: ir.Table, peers: ir.Table | None, names: frozenset[str], span: Span
) -> ir.Table:
    if "silence_ms" in names:
        table = with_silence(table, window_s=span.window_s, max_silence_s=span.max_silence_s)
    if "entity_key_lines" in names:
        table = with_keys_so_far(table)
    if peers is not None and "present" in names:
        table = with_presence(table, changes=presence_changes(peers, window_s=span.window_s))
    return table
