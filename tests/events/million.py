"""Simulated lines through engine and reference: python -m tests.events.million [--lines 1000000].

Sites of every dialect, each with another seed and every kind of incident it can tell of. Each tenth
line also comes bruised: cut off, with a letter too many, doubled, in capitals. Every column of
the event table must be what the slow reference says; status 1 where it is not.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import pyarrow as pa

from tests.events.conftest import open_engine
from tests.events.reference import understand
from wifitrain.events import EventExtractor
from wifitrain.records import EVENT_COLUMNS, LOG_COLUMNS, LogTable
from wifitrain.simulation import KINDS, Simulator, expressible

if TYPE_CHECKING:
    from wifitrain.engine import Engine

PIECE = 20_000  # lines at once
_DIALECTS = ("hostapd_broadcom", "hostapd_openwrt", "wpa_supplicant", "wlceventd")
_GIVEN = ("arrival", "access_point", "time", "level", "program", "label")  # the line's own
_BRUISED = 10  # one of so many
_HOURS = 24
_SHOWN = 10
_STRANGER = {"event": "other", "category": "other"}  # a line of a program nobody asked for


@dataclass
class Agreement:
    """What was compared, and every place where the two differ (the first of them in words)."""

    lines: Counter[str] = field(default_factory=Counter)  # event -> lines
    differing: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        """Lines so far."""
        return self.lines.total()


def simulated(seed: int) -> Iterator[pa.Table]:
    """A day at four sites in one, three of them access points, with every incident there is."""
    hosts = {1: "hostapd_broadcom", 2: "hostapd_openwrt", 3: "wpa_supplicant"}
    incidents = [
        {"kind": kind, "access_point": number, "hour": hour % (_HOURS - 1), "intensity": 1.0}
        for hour, (kind, (number, dialect)) in enumerate(itertools.product(KINDS, hosts.items()))
        if expressible(kind, dialect) is None and kind != "access_point_silent"
    ]
    habits = {"eap": seed % 2 == 1, "noise_share": 0.05, "roaming_share": 0.3}
    site = Simulator(
        days=_HOURS / 24,
        access_points=6,
        stations_per_access_point=60,
        dialects=_DIALECTS,
        seed=seed,
        incidents=incidents,
        background=habits,
    )
    yield from site.lines(batch_rows=PIECE)


def bruised(lines: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Each tenth line once more, not quite as it was."""
    some = lines.take(np.arange(rng.integers(_BRUISED), len(lines), _BRUISED))
    texts = pa.array([_bruise(text, rng) for text in some["message"].to_pylist()], pa.string())
    return some.set_column(some.schema.get_field_index("message"), "message", texts)


def _bruise(text: str, rng: np.random.Generator) -> str:
    at = int(rng.integers(len(text) + 1))
    letter = "x0:[]()' =-/\t\u00e9"[int(rng.integers(13))]
    return (
        text[:at],
        text[at:],
        text[:at] + letter + text[at:],
        text[:at] + text[at + 1 :],
        text.upper(),
        text.replace(" ", "  "),
        f"{text} {text}",
    )[int(rng.integers(7))]


def log_rows(lines: pa.Table, *, first_arrival: int) -> pa.Table:
    """Simulated lines as `LOG_COLUMNS`; one in three comes with an interface in its tag."""
    n = len(lines)
    hints = pa.array(["wlan7", None, None] * (n // 3 + 1), pa.string())[:n]
    columns = {
        "arrival": pa.array(np.arange(first_arrival, first_arrival + n), pa.int64()),
        "source_file": pa.repeat(pa.scalar("simulated"), n),
        "record": pa.array(np.arange(1, n + 1), pa.int64()),
        "access_point": lines["host"],
        "time": lines["time"],
        "clock_reset": pa.repeat(pa.scalar(False), n),
        "level": lines["level"],
        "program": lines["program"],
        "interface_hint": hints,
        "message": lines["message"],
        "label": pa.array([True, None, False] * (n // 3 + 1), pa.bool_())[:n],
    }
    return pa.table({name: columns[name] for name in LOG_COLUMNS})


def compare(engine: Engine, rows: pa.Table, agreement: Agreement) -> None:
    """Add one piece to what was compared."""
    extractor = EventExtractor(pseudonymise=False)
    table = engine.materialise("logs", ibis.memtable(rows))
    events = extractor.extract(engine, LogTable(table=table, account={}, digest=""))
    found = events.table.order_by("arrival").to_pyarrow()
    wanted = _reference(rows, extractor.wifi_programs)
    agreement.lines.update(found["event"].to_pylist())
    unequal = np.zeros(len(rows), dtype=bool)
    for name in EVENT_COLUMNS:
        unequal |= np.array(
            [one != other for one, other in zip(found[name].to_pylist(), wanted[name], strict=True)]
        )
    for row in np.flatnonzero(unequal):
        _note(agreement, rows["message"][int(row)].as_py(), int(row), found, wanted)


def _reference(rows: pa.Table, programs: Sequence[str]) -> dict[str, list[Any]]:
    """Every column of the event table, as the slow reference has it."""
    known = [
        understand(message, hint) if program in programs else {**_STRANGER, "interface": hint}
        for message, hint, program in zip(
            *(rows[name].to_pylist() for name in ("message", "interface_hint", "program")),
            strict=True,
        )
    ]
    given = {name: rows[name].to_pylist() for name in _GIVEN}
    told = {name: [one.get(name) for one in known] for name in EVENT_COLUMNS if name not in _GIVEN}
    return given | told


def _note(
    agreement: Agreement, message: str, row: int, found: pa.Table, wanted: dict[str, list[Any]]
) -> None:
    agreement.differing += 1
    if len(agreement.examples) < _SHOWN:
        pairs = {name: (found[name][row].as_py(), wanted[name][row]) for name in EVENT_COLUMNS}
        parts = [f"{n} {one!r}, not {other!r}" for n, (one, other) in pairs.items() if one != other]
        agreement.examples.append(f"{message!r}: {'; '.join(parts)}")


def agree(lines: int, *, seed: int = 1) -> Agreement:
    """At least so many simulated lines, and the bruised ones beside them."""
    agreement, plain = Agreement(), 0
    with open_engine() as engine:
        for number in itertools.count(seed):
            rng = np.random.default_rng(number)
            for simulated_piece in simulated(number):
                piece = simulated_piece[: lines - plain]
                rows = pa.concat_tables([piece, bruised(piece, rng)])
                compare(engine, log_rows(rows, first_arrival=agreement.compared), agreement)
                plain += len(piece)
                if plain >= lines:
                    return agreement
    raise AssertionError("seeds do not end")


def main() -> None:
    """Print the counts and what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    agreement = agree(asked.lines, seed=asked.seed)
    for event, count in agreement.lines.most_common():
        sys.stdout.write(f"{count:9,}  {event}\n")
    sys.stdout.write(
        f"{agreement.compared:9,}  lines with the bruised ones, {len(EVENT_COLUMNS)} columns,"
        f" {agreement.differing} differ\n"
    )
    sys.stdout.write("".join(f"  {example}\n" for example in agreement.examples))
    sys.exit(agreement.differing > 0)


if __name__ == "__main__":
    main()
