"""Facts of each window, joined from the passes that the wanted facts need, and no other pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.features.grid import (
    RUNNING_FACTS,
    Span,
    numbered_windows,
    silent_windows,
    steps_between_windows,
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

    windows: ir.Table  # entity, window, row
    table: ir.Table  # the same windows with the wanted facts
    gap_windows: ir.Value


def facts_of_windows(stage: Stage, rows: ir.Table, *, wanted: Iterable[str], span: Span) -> Facts:
    """Rows -> one row for each window that exists, with the facts of `wanted` among its columns."""
    names = frozenset(wanted) | _ALWAYS
    lines = line_facts(rows, names=names & LINE_FACTS.keys())
    lines = stage.materialise("feature_lines", lines)
    steps = steps_between_windows(lines, max_silence_s=span.max_silence_s)
    steps = stage.materialise("feature_steps", steps)
    peers = _peers(stage, rows, names)
    sessions, handshakes = _moves(stage, rows, names)
    signs = [
        lines.select("entity", "window", "last_event_ms", exists=True),
        silent_windows(steps).mutate(exists=True),
    ]
    if "entity_key_lines" in names and handshakes is not None:
        signs.append(handshakes.select("entity", "window", "key_lines"))
    if "present" in names and peers is not None:
        signs.append(presence_changes(peers, window_s=span.window_s))
    windows = stage.materialise("feature_windows", numbered_windows(signs, span=span))
    parts = [lines, sessions, handshakes, _peer_facts(peers, names)]
    return Facts(
        windows=windows,
        table=_joined(windows, [part for part in parts if part is not None]),
        gap_windows=steps.between.sum(where=steps.is_gap).fill_null(0),
    )


def _joined(windows: ir.Table, parts: Iterable[ir.Table]) -> ir.Table:
    table = windows
    for part in parts:
        table = table.left_join(part, ["entity", "window"]).drop("entity_right", "window_right")
    return table.fill_null(dict.fromkeys(_ZERO & frozenset(table.columns), 0))


def _moves(
    stage: Stage, rows: ir.Table, names: frozenset[str]
) -> tuple[ir.Table | None, ir.Table | None]:
    """Facts of sessions and of handshakes, where they are wanted."""
    wanted = names & SESSION_FACTS.keys()
    with_handshakes = not names.isdisjoint((*_HANDSHAKE_FACTS, "entity_key_lines"))
    if not wanted and not with_handshakes:
        return None, None
    moves = stage.materialise("feature_moves", moves_of_stations(rows))
    sessions = session_facts(moves, names=wanted) if wanted else None
    if not with_handshakes:
        return sessions, None
    handshakes = handshake_facts(rows, moves=moves)
    return sessions, stage.materialise("feature_handshakes", handshakes)


def _peers(stage: Stage, rows: ir.Table, names: frozenset[str]) -> ir.Table | None:
    if "present" not in names and names.isdisjoint(PEER_FACTS):
        return None
    return stage.materialise("feature_peers", peers_of_windows(rows))


def _peer_facts(peers: ir.Table | None, names: frozenset[str]) -> ir.Table | None:
    wanted = names & PEER_FACTS.keys()
    return peer_facts(peers, names=wanted) if peers is not None and wanted else None
