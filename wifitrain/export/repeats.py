"""How many values stand elsewhere too, counted a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["count_joined_repeats", "count_repeats"]

_ROWS_AT_ONCE = 2_000_000  # the set of so many values fits into any memory limit


def count_repeats(connection: duckdb.DuckDBPyConnection, number: str, *, of: str) -> int:
    """Rows of the table `of` whose `number`, an expression, an earlier row has already.

    A set of all values would need more memory the longer the export is.
    """
    return _count(connection, f"(SELECT {number} AS n FROM {of})")  # noqa: S608 - our own words


def count_joined_repeats(
    connection: duckdb.DuckDBPyConnection, number: str, *, of: str, shared: str, n_rows: int
) -> int:
    """The same of a join `of` about `n_rows` rows, which looks up in a part of a table at a time.

    `shared`, of the table that is looked up in, is a whole number that rows of one `number` have in
    common.
    """
    parts = n_rows // _ROWS_AT_ONCE + 1
    numbers = f"SELECT {number} AS n FROM {of} WHERE abs({shared} % {parts}) = "  # noqa: S608
    return sum(_kept_and_counted(connection, f"{numbers}{part}") for part in range(parts))


def _kept_and_counted(connection: duckdb.DuckDBPyConnection, numbers: str) -> int:
    """Rows are looked up once, however often their numbers are asked for."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE export_numbers AS {numbers}")
    found = _count(connection, "export_numbers")
    connection.execute("DROP TABLE export_numbers")
    return found


def _count(connection: duckdb.DuckDBPyConnection, numbers: str) -> int:
    count = _number(connection, f"SELECT count(*) FROM {numbers}")  # noqa: S608
    parts = count // _ROWS_AT_ONCE + 1
    question = f"SELECT count(*) - count(DISTINCT n) FROM {numbers}"  # noqa: S608
    # Remainders of negative numbers are negative: each part takes both signs.
    each = (f"{question} WHERE abs(n % {parts}) = {part}" for part in range(parts))
    return sum(_number(connection, one) for one in each)


def _number(connection: duckdb.DuckDBPyConnection, question: str) -> int:
    return int(connection.execute(question).fetchall()[0][0])
