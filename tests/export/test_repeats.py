"""Values that stand elsewhere too are counted, whatever the parts that they are counted in."""

from __future__ import annotations

import duckdb
import pytest

from wifitrain.export import repeats
from wifitrain.export.repeats import count_joined_repeats, count_repeats


@pytest.mark.parametrize("at_once", [1, 3, 7, 2_000_000])
def test_repeats_are_counted_in_any_parts(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """Numbers of both signs, and shared ones that few rows or most of them have."""
    monkeypatch.setattr(repeats, "_ROWS_AT_ONCE", at_once)
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE TABLE rows AS SELECT n, abs(n) // 5 AS said
            FROM (VALUES (-7), (-7), (-1), (0), (0), (0), (4), (9), (9), (3), (2)) t(n)
        """)
        assert count_repeats(connection, "n", of="rows") == 4
        found = count_joined_repeats(connection, "n", of="rows", shared="said", n_rows=11)
        assert found == 4


def test_an_empty_table_has_no_repeats() -> None:
    """Of nothing nothing stands twice."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows (n BIGINT)")
        assert count_repeats(connection, "n", of="rows") == 0
        assert count_joined_repeats(connection, "n", of="rows", shared="n", n_rows=0) == 0


def test_no_table_stays() -> None:
    """What was looked up on the way is dropped."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows AS SELECT 1 AS n")
        count_joined_repeats(connection, "n", of="rows", shared="n", n_rows=1)
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [
            ("rows",)
        ]
