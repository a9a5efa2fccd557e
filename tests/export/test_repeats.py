"""Values that stand elsewhere too are counted, whatever the parts that they are counted in."""

from __future__ import annotations

import duckdb
import pytest

from wifitrain.export import repeats
from wifitrain.export.repeats import count_repeats


@pytest.mark.parametrize("at_once", [1, 3, 7, 2_000_000])
@pytest.mark.parametrize("shared", [None, "said"])
def test_repeats_are_counted_in_any_parts(
    monkeypatch: pytest.MonkeyPatch, at_once: int, shared: str | None
) -> None:
    """Numbers of both signs, texts that few rows or most of them share."""
    monkeypatch.setattr(repeats, "_ROWS_AT_ONCE", at_once)
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE rows AS SELECT n, abs(n) // 5 AS said
            FROM (VALUES (-7), (-7), (-1), (0), (0), (0), (4), (9), (9), (3), (2)) t(n)
        """)
        assert count_repeats(connection, "n", of="rows", shared=shared) == 4


def test_an_empty_table_has_no_repeats() -> None:
    """Of nothing nothing stands twice."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows (n BIGINT)")
        assert count_repeats(connection, "n", of="rows") == 0
        assert count_repeats(connection, "n", of="rows", shared="n") == 0


def test_no_table_stays() -> None:
    """What was looked up on the way is dropped."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows AS SELECT 1 AS n")
        count_repeats(connection, "n", of="rows", shared="n")
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [
            ("rows",)
        ]
