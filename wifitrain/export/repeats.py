"""How many values stand elsewhere too, counted a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["count_repeats"]

_ROWS_AT_ONCE = 2_000_000  # the set of so many values fits into any memory limit


def count_repeats(connection: duckdb.DuckDBPyConnection, number: str, *, of: str) -> int:
    """Rows of the table `of` whose `number`, an expression, an earlier row has already.

    A set of all values would need more memory the longer the export is.
    """
    rows = _number(connection, f"SELECT count(*) FROM {of}")  # noqa: S608 - our own words
    parts = rows // _ROWS_AT_ONCE + 1
    # Remainders of negative numbers are negative: each part takes both signs.
    question = (
        f"SELECT count(*) - count(DISTINCT n) FROM (SELECT {number} AS n FROM {of})"  # noqa: S608
        f" WHERE abs(n % {parts}) = ?"
    )
    return sum(_number(connection, question, part) for part in range(parts))


def _number(connection: duckdb.DuckDBPyConnection, question: str, *parameters: int) -> int:
    row = connection.execute(question, list(parameters)).fetchone()
    return int(row[0]) if row else 0
