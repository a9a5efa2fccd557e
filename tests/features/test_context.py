"""What a follower keeps is enough: every later window has the features of the whole log."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from tests.features.made_up import build, choose, every_feature, frame_of, line, random_events
from wifitrain.engine import Engine
from wifitrain.features import context_of
from wifitrain.records import EVENT_COLUMNS

_DAY_MS = 86_400_000
_FAR = 400 * _DAY_MS
_AHEAD = 8  # windows of which lines are there already when the windows before are over


def _kept(table, *, cut, window_s, forget_ms=_FAR, entity="access_point"):
    """Of all rows up to some windows after `cut`, those that are kept, as a frame."""
    closed = int((cut - pd.Timestamp(0)) / pd.Timedelta(milliseconds=1))
    before = table[table["time"] < cut + pd.Timedelta(seconds=_AHEAD * window_s)]
    with Engine(threads=2) as engine:
        source = ibis.memtable(before, schema=ibis.schema(dict(EVENT_COLUMNS)))
        events = engine.materialise("events", source)
        hosts = [(name, closed) for name in table["access_point"].dropna().unique()]
        over = ibis.memtable(hosts, schema={"of_host": "string", "closed_ms": "int64"})
        kept = context_of(
            events, entity=entity, window_s=window_s, closed=over, forget_ms=forget_ms
        )
        arrivals = kept.select("arrival").to_pandas()["arrival"]
    return before[before["arrival"].isin(arrivals)]


def _later(windows, cut):
    rows = (windows.index["start"] >= cut).to_numpy()
    return windows.X[rows].reset_index(drop=True), windows.index[rows].reset_index(drop=True)


@pytest.mark.parametrize("entity", ["access_point", "interface"])
@pytest.mark.parametrize(("seed", "window_s"), [(1, 300), (3, 900)])
def test_windows_after_a_cut_are_those_of_the_whole_log(seed, window_s, entity):
    """Cut in three places, kept again from what was kept: every feature stays as it was."""
    table = random_events(seed, count=500)
    features = every_feature(window_s=window_s, entity=entity)
    whole = build(table, features=features)
    columns = list(whole.X.columns)
    times = table["time"].sort_values()
    remembered = table.iloc[:0]
    begin = pd.Timestamp(0)
    for share in (0.3, 0.5, 0.8):
        cut = times.iloc[int(len(times) * share)].floor(f"{window_s}s")
        new = table[(table["time"] >= begin) & ~table["arrival"].isin(remembered["arrival"])]
        known = pd.concat([remembered, new]) if len(remembered) else new
        remembered = _kept(known, cut=cut, window_s=window_s, entity=entity)
        begin = cut + pd.Timedelta(seconds=_AHEAD * window_s)
        rest = pd.concat([remembered, table[table["time"] >= begin]])
        expected, where = _later(whole, cut)
        found, at = _later(build(rest, features=features, columns=columns), cut)
        pd.testing.assert_frame_equal(at, where)
        pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_next_to_nothing_is_kept():
    """Of a thousand lines of two stations that came and went, a handful remains."""
    rows = [
        line(at, event, station)
        for turn in range(250)
        for station in ("a", "b")
        for at, event in ((turn * 100, "associated"), (turn * 100 + 50, "disassociated"))
    ]
    table = frame_of(rows)
    cut = pd.Timestamp("2026-03-02 08:00:00")
    assert len(_kept(table, cut=cut, window_s=300)) < 10


def test_open_session_is_kept_until_it_is_forgotten():
    """A station that came two days ago still has its session's length, unless that is too long."""
    table = frame_of([line(0, "associated", "a"), line(1, "other", program="dnsmasq")])
    cut = pd.Timestamp("2026-03-04 00:00:00")
    assert set(_kept(table, cut=cut, window_s=300)["arrival"]) == {0, 1}
    assert not len(_kept(table, cut=cut, window_s=300, forget_ms=_DAY_MS))


def test_handshakes_to_come_say_nothing_of_windows_before():
    """Completion is undefined until the access point has logged a handshake."""
    rows = [line(0, "associated", "a"), line(600, "associated", "a"),
            line(601, "handshake_completed", "a")]  # fmt: skip
    X = build(rows, features=choose("handshake_completion")).X["handshake_completion"]
    assert X.isna().tolist() == [True, True, False]
