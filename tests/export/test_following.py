"""A log taken in pieces becomes the log table of the whole file, wherever it is cut."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from wifitrain.engine import Engine
from wifitrain.export import FileSource, LineStream
from wifitrain.records import LOG_COLUMNS
from wifitrain.simulation import Simulator, write_export

SYSLOGS = Path(__file__).resolve().parents[3] / "shared/data/syslogs"
#: How a log is cut: sizes of pieces, drawn at random where there are several.
CUTS: Sequence[Sequence[int]] = ((10**9,), (150,), (1, 2, 3, 40, 200))
Rows = list[tuple[Any, ...]]


def rows_of(engine: Engine, table: str) -> Rows:
    """All columns but `arrival`, which counts other things, in its order."""
    columns = ", ".join(name for name in LOG_COLUMNS if name != "arrival")
    return engine.connection.execute(f"SELECT {columns} FROM {table} ORDER BY arrival").fetchall()  # noqa: S608


def pieces(lines: list[bytes], cut: Sequence[int]) -> Iterator[list[bytes]]:
    """The lines in pieces of these sizes, the same for the same cut."""
    rng, start = random.Random(3), 0
    while start < len(lines):
        size = rng.choice(cut)
        yield lines[start : start + size]
        start += size


def whole(engine: Engine, source: FileSource, quarantine: Path) -> Rows:
    """One reading of the file."""
    source.read(engine, quarantine=quarantine)
    return rows_of(engine, "log_rows")


def followed(
    engine: Engine, source: FileSource, path: Path, cut: Sequence[int], *, saved: bool = False
) -> Rows:
    """The pieces through a stream; with `saved` each by a new one that goes on from the last."""
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)
    stream = LineStream(source=source, name=str(path), modified=modified)
    found: Rows = []
    parts = list(pieces(path.read_bytes().splitlines(), cut))
    for number, part in enumerate(parts, start=1):
        if saved:
            state = stream.to_json()
            stream = LineStream(source=source, name=str(path))
            stream.restore(state)
        stream.take(engine, part, last=number == len(parts))
        found += rows_of(engine, "stream_rows")
    return found


def in_order(rows: Rows) -> Rows:
    """By number of the record: lines that wait for their clock come a piece later."""
    place = list(LOG_COLUMNS).index("record") - 1
    return sorted(rows, key=lambda row: row[place])


@pytest.mark.parametrize("year", [2014, None])
@pytest.mark.parametrize(
    "name",
    ["chromebook_day1", "home_ap_wlceventd", "laptop_journal", "raspberry_boots",
     "raspberry_hotspot_4days"],
)  # fmt: skip
def test_real_logs_in_pieces_are_the_whole(
    engine: Engine, quarantine: Path, name: str, year: int | None
) -> None:
    """ISO stamps and stamps without a year, boots with a clock from the past; at every cut."""
    path = SYSLOGS / f"{name}.log"
    if not path.exists():
        pytest.skip("the real logs are not here")
    source = FileSource(path=str(path), year=year)
    expected = whole(engine, source, quarantine)
    for cut in CUTS if len(expected) < 1_000 else (CUTS[0], (1, 2, 300, 800)):
        assert in_order(followed(engine, source, path, cut)) == in_order(expected), cut


def simulated(folder: Path, start: str, **incidents: Any) -> Path:
    """A site as syslog text without years."""
    path = folder / "site.log"
    simulator = Simulator(
        days=1, access_points=2, stations_per_access_point=5, start=start, seed=21,
        dialects=["hostapd_openwrt", "wlceventd"], **incidents,
    )  # fmt: skip
    write_export(simulator, path, "E9")
    return path


@pytest.mark.parametrize("cut", CUTS)
def test_simulated_logs_with_clock_resets_in_pieces_are_the_whole(
    engine: Engine, quarantine: Path, tmp_path: Path, cut: Sequence[int]
) -> None:
    """Reboots with the firmware's date, at two access points."""
    resets = [
        {"kind": "clock_reset", "access_point": where, "hour": hour, "duration_s": 600}
        for where, hour in (("ap-01", 5), ("ap-02", 5.1), ("ap-01", 17))
    ]
    path = simulated(tmp_path, "2026-05-02T00:00:00", incidents=resets)
    source = FileSource(path=str(path), year=2026)
    expected = whole(engine, source, quarantine)
    reset = [row for row in expected if row[list(LOG_COLUMNS).index("clock_reset") - 1]]
    assert len(reset) > 10, "there is something to repair"
    assert in_order(followed(engine, source, path, cut)) == in_order(expected)
    assert in_order(followed(engine, source, path, cut, saved=True)) == in_order(expected)


@pytest.mark.parametrize("year", [2025, None])
def test_new_year_without_years_in_pieces_is_the_whole(
    engine: Engine, quarantine: Path, tmp_path: Path, year: int | None
) -> None:
    """The lines after midnight belong to the next year, whichever piece they are in."""
    path = simulated(tmp_path, "2025-12-31T12:00:00")
    source = FileSource(path=str(path), year=year)
    expected = whole(engine, source, quarantine)
    years = {row[list(LOG_COLUMNS).index("time") - 1].year for row in expected}
    assert len(years) == 2
    for cut in CUTS:
        assert in_order(followed(engine, source, path, cut)) == in_order(expected), cut


@pytest.mark.parametrize("clock_reset", ["repair", "quarantine", "keep"])
def test_one_line_at_a_time_is_the_whole(
    engine: Engine, quarantine: Path, tmp_path: Path, clock_reset: str
) -> None:
    """The finest cut, over the few lines around a boot whose clock comes back."""
    path = tmp_path / "boot.log"
    stamps = ("May  2 10:00:00", "May  2 10:01:00", "Mar 14 00:00:05", "Mar 14 00:00:09",
              "Mar 14 00:00:30", "May  2 10:05:00", "May  2 10:06:00", "not a line")  # fmt: skip
    said = "ap-01 hostapd: wlan0: STA 02:00:00:00:00:01 IEEE 802.11: associated"
    path.write_text("".join(f"{stamp} {said}\n" for stamp in stamps))
    source = FileSource(path=str(path), year=2026, clock_reset=clock_reset, max_invalid_ratio=1)
    expected = whole(engine, source, quarantine)
    assert in_order(followed(engine, source, path, (1,))) == in_order(expected)
