"""Rows whose texts are kept apart have the events of the same rows with their texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.events.conftest import log_table
from wifitrain.engine import Engine
from wifitrain.events import EventExtractor, texts
from wifitrain.export import FileSource
from wifitrain.records import EVENT_COLUMNS, Apart, LogTable

STATION = "02:00:00:00:00:0{}"
LINES = [
    {"message": f"eth5: STA {STATION.format(n % 3)} IEEE 802.11: associated", "arrival": n}
    for n in range(9)
] + [
    {"message": "eth5: STA 02:00:00:00:00:01 IEEE 802.11: associated", "program": "dnsmasq"},
    {"message": "eth5: STA 02:00:00:00:00:01 IEEE 802.11: associated", "program": None},
    {"message": "nobody understands this 17", "interface_hint": "wlan0"},
    {"message": "nobody understands this 17", "interface_hint": "wlan1"},
    {"message": "nobody understands this 17"},
]


def _apart(engine: Engine, logs: LogTable) -> LogTable:
    """`logs` with every text twice, under numbers of its own for each half of the rows."""
    engine.connection.execute("""
        CREATE OR REPLACE TABLE apart_texts AS
        SELECT row_number() OVER () AS text_id, * FROM (
            SELECT DISTINCT arrival % 2 AS half, program, interface_hint, message FROM logs);
        CREATE OR REPLACE TABLE apart_rows AS
        SELECT logs.* EXCLUDE (program, interface_hint, message), text_id
        FROM logs JOIN apart_texts t
        ON t.half = logs.arrival % 2 AND t.message = logs.message
            AND t.program IS NOT DISTINCT FROM logs.program
            AND t.interface_hint IS NOT DISTINCT FROM logs.interface_hint
    """)
    apart = Apart(rows=engine.lend("apart_rows"), texts=engine.lend("apart_texts"))
    return LogTable(table=logs.table, apart=apart, account={}, digest="")


@pytest.mark.parametrize("at_once", [2, 1_000_000])
def test_texts_apart_give_the_events_of_whole_rows(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Same events, same account, for lines of which many say the same, few texts at a time too."""
    monkeypatch.setattr(texts, "_TEXTS_AT_ONCE", at_once)
    monkeypatch.setattr(texts, "_NUMBERS_AT_ONCE", at_once)
    logs = log_table(engine, [{**line, "arrival": n} for n, line in enumerate(LINES)])
    extractor = EventExtractor(pseudonymise=False)
    whole = extractor.extract(engine, logs, name="whole")
    apart = extractor.extract(engine, _apart(engine, logs), name="apart")
    rows = [one.table.order_by("arrival").to_pyarrow().to_pylist() for one in (whole, apart)]
    assert rows[0] == rows[1]
    assert whole.account == apart.account
    assert apart.account["events"] == {"associated": 9, "other": 2, "unknown": 3}
    assert dict(apart.table.schema()) == dict(whole.table.schema())


@pytest.mark.parametrize(("n_places", "kind"), [(255, "ENUM("), (256, "VARCHAR")])
def test_few_places_are_numbers_and_many_stay_texts(
    engine: Engine, n_places: int, kind: str
) -> None:
    """The events are the same; windows of the numbers are those of texts on Spark (its tests)."""
    lines = [
        {"message": f"eth{n}: STA {STATION.format(1)} IEEE 802.11: associated", "arrival": n}
        for n in range(n_places)
    ]
    logs = log_table(engine, [{**line, "access_point": f"ap-{n}"} for n, line in enumerate(lines)])
    whole = EventExtractor().extract(engine, logs, name="whole")
    apart = EventExtractor().extract(engine, _apart(engine, logs), name="apart")
    rows = [one.table.order_by("arrival").to_pyarrow().to_pylist() for one in (whole, apart)]
    assert rows[0] == rows[1]
    asked = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'apart_filled'"
    kinds = dict(engine.connection.execute(asked).fetchall())
    assert kinds["event"].startswith("ENUM(")
    assert all(kinds[name].startswith(kind) for name in ("access_point", "interface"))


def test_a_real_export_gives_the_same_both_ways(
    shared_data: Path, engine: Engine, tmp_path: Path
) -> None:
    """As the file source reads it, with its texts apart."""
    path = shared_data / "exports" / "home_ap_hostapd_3days.json"
    logs = FileSource(path=str(path)).read(engine, quarantine=tmp_path / "refused.ndjson")
    assert logs.apart is not None
    n_texts = logs.apart.texts.count().to_pandas()
    extractor = EventExtractor()
    whole = extractor.extract(engine, LogTable(table=logs.table, account={}, digest=""), name="w")
    apart = extractor.extract(engine, logs, name="a")
    columns = list(EVENT_COLUMNS)
    rows = [one.table.order_by("arrival").select(columns).to_pyarrow() for one in (whole, apart)]
    assert rows[0].equals(rows[1])
    assert whole.account == apart.account
    assert n_texts < rows[0].num_rows


def test_one_name_serves_both_ways(engine: Engine) -> None:
    """A table takes the place of a view, and a view that of a table; then it can be dropped."""
    logs = log_table(engine, [{**line, "arrival": n} for n, line in enumerate(LINES)])
    for one in (logs, _apart(engine, logs), logs, _apart(engine, logs)):
        found = EventExtractor().extract(engine, one, name="either")
        assert found.table.count().to_pandas() == len(LINES)
    engine.drop("either")


def test_only_texts_of_kept_rows_are_read(engine: Engine, tmp_path: Path) -> None:
    """Those of rows left out by `max_records` are not understood in vain."""
    path = tmp_path / "log.json"
    rows = [
        {"id": n, "device_ip": "ap", "timestamp": f"2025-06-23T01:02:{n:02}Z", "level": "info",
         "process_name": "hostapd", "message": f"text {n}"}
        for n in range(40)
    ]  # fmt: skip
    path.write_text(json.dumps(rows))
    source = FileSource(path=str(path), max_records=3)
    logs = source.read(engine, quarantine=tmp_path / "refused.ndjson")
    assert logs.apart is not None
    assert sorted(logs.apart.texts.to_pandas()["message"]) == ["text 37", "text 38", "text 39"]
    count = engine.connection.execute("SELECT count(*) FROM export_texts").fetchall()
    assert count == [(40,)]  # once each, although the stamps go the careful way


def test_no_table_with_raw_names_stays(engine: Engine) -> None:
    """Of what was needed on the way nothing stays but the rows of the events."""
    logs = log_table(engine, [{**line, "arrival": n} for n, line in enumerate(LINES)])
    apart = _apart(engine, logs)
    before = _tables(engine)
    EventExtractor().extract(engine, apart, name="only")
    assert _tables(engine) - before == {"only_filled"}


def _tables(engine: Engine) -> set[str]:
    found = engine.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return {name for (name,) in found}
