"""One bounded database for a run, in UTC, gone afterwards."""

from __future__ import annotations

import duckdb
import ibis
import pytest

from wifitrain.engine import Engine
from wifitrain.errors import ConfigError


def test_the_engine_is_bounded_and_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's zone is."""
    monkeypatch.setenv("TZ", "America/New_York")
    with Engine(memory_limit="512MB", threads=1) as engine:
        settings = engine.connection.execute(
            "SELECT current_setting('TimeZone'), current_setting('threads')"
        ).fetchone()
        assert settings == ("UTC", 1)


def test_tables_are_kept_and_replaced() -> None:
    """A table can be made from its own earlier rows."""
    with Engine() as engine:
        table = engine.materialise("numbers", ibis.memtable({"x": [1, 2]}))
        engine.materialise("numbers", table.mutate(x=table.x * 10))
        rows = engine.connection.execute("SELECT x FROM numbers ORDER BY x").fetchall()
        assert rows == [(10,), (20,)]


def test_a_table_is_extended_by_the_names_of_its_columns() -> None:
    """Rows are added, whatever the order of their columns."""
    with Engine() as engine:
        numbers = ibis.memtable({"x": [1], "y": [2]})
        engine.materialise("numbers", numbers)
        engine.extend("numbers", numbers.select("y", "x"))
        assert engine.lend("numbers").to_pandas().to_dict("list") == {"x": [1, 1], "y": [2, 2]}


def test_encoded_texts_are_small_and_look_the_same() -> None:
    """Also in tables made from theirs and extended by theirs, in their order, and where null."""
    with Engine() as engine:
        letters = ibis.memtable({"x": ["b", "a", None], "n": [1, 2, 3]})
        engine.materialise("letters", letters)
        encoded = engine.encode("letters", ["x"])
        made = engine.materialise("made", encoded.filter(encoded.x.fill_null("") != "c"))
        engine.extend("made", encoded)
        for name in ("letters", "made"):
            assert _types(engine, name)["x"] == "ENUM('a', 'b')"
        texts = made.order_by("x").x.to_pyarrow().to_pylist()
        assert texts == ["a", "a", "b", "b", None, None]
        assert made.filter(made.x.isin(["b", "c"])).count().to_pandas() == 2


def test_texts_of_many_kinds_and_none_stay_texts() -> None:
    """One more than a byte can tell apart, and a column without any text."""
    with Engine() as engine:
        nothing = ibis.null("string")
        for number, kind in ((255, "ENUM("), (256, "VARCHAR")):
            texts = ibis.memtable({"x": [f"text {n}" for n in range(number)]})
            engine.materialise("texts", texts.mutate(nothing=nothing))
            engine.encode("texts", ["x", "nothing"])
            types = _types(engine, "texts")
            assert types["x"].startswith(kind)
            assert types["nothing"] == "VARCHAR"


def test_what_fails_leaves_nothing() -> None:
    """A table whose rows cannot be made, and the view that was to make them."""
    with Engine() as engine:
        words = engine.materialise("words", ibis.memtable({"x": ["one"]}))
        with pytest.raises(duckdb.ConversionException, match="one"):
            engine.materialise("numbers", words.mutate(x=words.x.cast("int64")))
        asked = "SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE 'ibis%'"
        assert engine.connection.execute(asked).fetchall() == [("words",)]


def test_a_table_has_the_types_of_its_expression() -> None:
    """DuckDB's sum of whole numbers would be wider."""
    with Engine() as engine:
        numbers = ibis.memtable({"x": [1, 2]})
        engine.materialise("sums", numbers.agg(total=numbers.x.sum()))
        assert _types(engine, "sums") == {"total": "BIGINT"}


def test_the_scratch_folder_disappears_with_the_run() -> None:
    """Also when the run fails."""
    with pytest.raises(KeyError, match="anything"), Engine() as engine:
        scratch = engine.scratch
        assert scratch.is_dir()
        raise KeyError("anything")
    assert not scratch.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"memory_limit": "lots"}, "engine.memory_limit must be a size such as 2GB"),
        ({"threads": 0}, "engine.threads must be null or at least 1, got 0"),
    ],
)
def test_unusable_values_are_named(arguments: dict[str, object], message: str) -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match=message):
        Engine(**arguments)


def test_what_is_reserved_leaves_the_engine_less_but_never_nothing() -> None:
    """A third of the limit stays, and a smaller result after the largest gives nothing back."""
    with Engine(memory_limit="1200MB", threads=1) as engine:
        whole = _limit(engine)
        assert 0.8 * 1200e6 < whole < 1200e6  # what DuckDB does not count has room, too
        engine.reserve(600_000_000)
        assert _limit(engine) == pytest.approx(whole / 2, rel=0.01)
        engine.reserve(1_000_000)
        assert _limit(engine) == pytest.approx(whole / 2, rel=0.01)
        engine.reserve(10_000_000_000)
        assert _limit(engine) == pytest.approx(whole / 3, rel=0.01)


def test_what_is_reserved_before_the_first_statement_counts_and_ends_with_the_database() -> None:
    """Windows found in the cache open no database; a renewed or reopened engine has all of it."""
    engine = Engine(memory_limit="1200MB", threads=1)
    with engine:
        engine.reserve(600_000_000)
        assert engine._backend is None
        half = _limit(engine)
        engine.renew()
        whole = _limit(engine)
        assert half == pytest.approx(whole / 2, rel=0.01)
        engine.reserve(600_000_000)
    with engine:
        assert _limit(engine) == whole


def test_a_small_engine_lends_nothing() -> None:
    """Below 300 MB joins of windows could fail."""
    with Engine(memory_limit="200MB", threads=1) as engine:
        whole = _limit(engine)
        engine.reserve(150_000_000)
        assert _limit(engine) == whole


def _limit(engine: Engine) -> float:
    setting = "SELECT current_setting('memory_limit')"
    ((text,),) = engine.connection.execute(setting).fetchall()
    number, unit = str(text).split()
    return float(number) * {"MiB": 2**20, "GiB": 2**30}[unit]


def _types(engine: Engine, table: str) -> dict[str, str]:
    asked = "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ?"
    return dict(engine.connection.execute(asked, [table]).fetchall())
