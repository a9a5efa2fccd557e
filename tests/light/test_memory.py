"""Whoever follows a log for months stays as large as on the first day."""

from __future__ import annotations

import ctypes
import gc

import pytest

from tests.light.made import follower_of
from wifitrain.engine import Engine
from wifitrain.light.heap import give_back
from wifitrain.simulation import Simulator
from wifitrain.simulation.shapes import syslog_texts

_PIECE = 1_200
_RENEWED_AFTER = 4  # instead of 20, so that some 20,000 lines say as much as 100,000
_EARLY, _LATE = _RENEWED_AFTER + 1, 4 * _RENEWED_AFTER + 1  # pieces of which a new engine is told


class _MallInfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks",
                     "uordblks", "fordblks", "keepcost")
    ]  # fmt: skip


def _live_bytes():
    """What the program holds of the C library's memory, whatever the system has lent it."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _MallInfo
    found = mallinfo2()
    return found.uordblks + found.hblkhd


def _resident_bytes():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


def _lines(count):
    site = Simulator(access_points=3, stations_per_access_point=60, days=10, seed=5)
    for table in site.lines(batch_rows=_PIECE):
        if table.num_rows == _PIECE:  # the last one of a day is shorter
            yield [text.encode() for text in syslog_texts(table, pri=True).to_pylist()]
            count -= 1
        if not count:
            return


def _measured(engine):
    gc.collect()
    give_back()
    query = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()"
    return {
        "tables": sorted(name for (name,) in engine.connection.execute(query).fetchall()),
        "live": _live_bytes(),
        "resident": _resident_bytes(),
        "objects": len(gc.get_objects()),
    }


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="no glibc")
def test_memory_and_tables_are_the_same_after_thousands_of_lines(show, monkeypatch):
    """Of twelve pieces no table, view or object stays, and no more than a megabyte or two."""
    monkeypatch.setattr("wifitrain.light.follower._RENEWED_AFTER", _RENEWED_AFTER)
    found = {}
    with Engine(memory_limit="512MB", threads=1) as engine:
        follower = follower_of(show, engine)
        for number, lines in enumerate(_lines(_LATE), start=1):
            follower.take(lines)
            if number in (_EARLY, _LATE):
                found[number] = _measured(engine)
    early, late = found[_EARLY], found[_LATE]
    assert follower.windows > 1_000
    assert late["tables"] == early["tables"]
    assert late["objects"] - early["objects"] < 2_000
    assert late["live"] - early["live"] < 2_000_000
    assert late["resident"] - early["resident"] < 60_000_000
