"""Large exports in groups of entities: the same windows to the last bit, in bounded memory."""

from __future__ import annotations

import hashlib
import json

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.features.made_up import build, choose, every_feature, frame_of, line, random_events
from wifitrain.engine import Engine
from wifitrain.features import digest, windows, x_digest
from wifitrain.features.groups import groups_of
from wifitrain.features.kinds import coded
from wifitrain.features.rows import ENTITIES, rows_of_entities
from wifitrain.records import EVENT_COLUMNS, EventTable


def _in_groups(monkeypatch: pytest.MonkeyPatch, weight: int) -> None:
    monkeypatch.setattr(windows, "ONE_GROUP_ROWS", 0)
    monkeypatch.setattr(windows, "GROUP_WEIGHT", weight)


@pytest.mark.parametrize("entity", ENTITIES)
def test_groups_give_the_bits_of_one_pass(entity: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """X, index, kinds, account and what is unavailable, of groups of one entity and of several."""
    rows = random_events(11, count=900)
    features = every_feature(entity=entity, window_s=600)
    at_once = build(rows, features=features)
    for weight in (1, 6_000):
        _in_groups(monkeypatch, weight)
        divided = build(rows, features=features)
        assert x_digest(divided) == x_digest(at_once)
        pd.testing.assert_frame_equal(divided.index, at_once.index)
        pd.testing.assert_frame_equal(divided.kinds, at_once.kinds)
        assert divided.account == at_once.account
        assert divided.unavailable == at_once.unavailable


def test_what_no_group_defines_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feature that one access point alone defines stays, one that none defines does not."""
    rows = [line(at, "roam", access_point=name) for name in "ab" for at in (0, 400)]
    rows += [line(500, "handshake_completed", "s", access_point="b")]
    rows += [line(490, "associated", "s", access_point="b")]
    features = choose("handshake_completion", "session_p50_s", "n_events")
    _in_groups(monkeypatch, 1)
    found = build(rows, features=features)
    assert list(found.X.columns) == ["n_events", "handshake_completion"]
    assert found.X["handshake_completion"].isna().tolist() == [True, True, True, False]
    assert found.unavailable == {"session_p50_s": "undefined in every window of this export"}


def test_groups_hold_whole_entities_in_their_order() -> None:
    """Their windows are counted with the silent ones and without those in gaps."""
    at = {"b": (0, 700), "a": (0, 400, 90_000), "c": (5,)}
    rows = [line(one, "roam", access_point=name) for name, times in at.items() for one in times]
    with Engine() as engine:
        source = ibis.memtable(frame_of(rows), schema=ibis.schema(dict(EVENT_COLUMNS)))
        table = rows_of_entities(
            engine.materialise("events", source), entity="access_point", window_s=300
        )
        groups = groups_of(engine, table, entity="access_point", max_silence_s=3_600, most=35)
        named = groups.entities.order_by("entity").to_pandas()
        assert named["entity"].tolist() == ["a", "b", "c"]
        assert named["number"].is_monotonic_increasing
        assert groups.n_windows == 3 + 3 + 1
        found = [
            sorted(set(some.to_pandas()["access_point"])) for some in groups.events(engine, table)
        ]
        assert found == [["a"], ["b", "c"]]


def test_no_table_of_features_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine is left with the events, whether they came in groups or not."""
    source = ibis.memtable(random_events(12, count=300), schema=ibis.schema(dict(EVENT_COLUMNS)))
    with Engine() as engine:
        events = EventTable(table=engine.materialise("events", source), account={})
        every_feature().build(engine, events)
        _in_groups(monkeypatch, 1)
        every_feature().build(engine, events)
        names = engine.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert [name for (name,) in names if name.startswith("feature_")] == []


def test_results_count_within_the_memory_limit() -> None:
    """The engine's own limit is lower by what X takes, also when fewer windows came after it."""
    source = ibis.memtable(random_events(13), schema=ibis.schema(dict(EVENT_COLUMNS)))
    with Engine(memory_limit="1GB") as engine:
        events = EventTable(table=engine.materialise("events", source), account={})
        before = _limit(engine)
        X = every_feature(window_s=1).build(engine, events).X
        assert X.to_numpy().nbytes > 20e6
        after = _limit(engine)
        assert after <= before - X.to_numpy().nbytes * 5 / 6
        every_feature(window_s=3600).build(engine, events)
        assert _limit(engine) == after


def _limit(engine: Engine) -> float:
    """Bytes, rounded as DuckDB rounds them."""
    setting = "SELECT current_setting('memory_limit')"
    ((text,),) = engine.connection.execute(setting).fetchall()
    number, unit = str(text).split()
    return float(number) * {"MiB": 2**20, "GiB": 2**30}[unit]


def test_nothing_stays_where_the_groups_are_given_up() -> None:
    """What fails on one group leaves the engine without the tables of all."""
    source = ibis.memtable(random_events(12, count=300), schema=ibis.schema(dict(EVENT_COLUMNS)))
    with Engine() as engine:
        table = rows_of_entities(
            engine.materialise("events", source), entity="access_point", window_s=300
        )
        groups = groups_of(engine, table, entity="access_point", max_silence_s=3_600, most=1)
        with pytest.raises(KeyError, match="given up"):
            for _ in groups.events(engine, table):
                raise KeyError("given up")
        names = engine.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert [name for (name,) in names if name.startswith("feature_")] == []


def test_texts_of_more_than_two_gibibytes_are_coded() -> None:
    """In pieces they may be longer than one array of them; codes go by first appearance."""
    long, short = pa.array(["x" * 2**25]), pa.array(["b", "a"])
    names, codes = coded(pa.chunked_array([short, *[long] * 64, pa.array(["c", "a"])]))
    assert [name[:2] for name in names] == ["b", "a", "xx", "c"]
    assert codes.tolist() == [0, 1, *[2] * 64, 3, 1]


def test_no_text_has_no_code() -> None:
    """An answer may come without any piece."""
    names, codes = coded(pa.chunked_array([], pa.string()))
    assert (names, codes.tolist()) == ([], [])


def test_the_digest_is_that_of_the_whole_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few windows are hashed at a time."""
    found = build(random_events(14, count=200), features=every_feature(window_s=3600))
    index = found.index
    head = {
        "columns": list(found.X.columns),
        "window_s": found.window_s,
        "entity": index["entity"].tolist(),
        "start": index["start"].astype("int64").tolist(),
        "end": index["end"].astype("int64").tolist(),
    }
    values = np.where(found.X.isna(), np.nan, found.X.to_numpy() + 0.0)
    whole = json.dumps(head, separators=(",", ":")).encode() + values.astype("<f8").tobytes()
    monkeypatch.setattr(digest, "_AT_A_TIME", 7)
    assert x_digest(found) == hashlib.sha256(whole).hexdigest()
