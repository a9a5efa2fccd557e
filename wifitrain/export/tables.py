"""The tables of one reading: rows that can be used, their heads and texts, and refused records.

`export_typed` has a row for each record that can be used; `export_heads` says who spoke and how
loud, `export_texts` what was said, `export_refused` why a record cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["SELDOM", "make_room", "make_tables", "show_valid"]

_TABLES = """
CREATE OR REPLACE TABLE export_heads (
    head_id INTEGER, device VARCHAR, host VARCHAR, level VARCHAR);
CREATE OR REPLACE TABLE export_texts (
    text_id INTEGER, program VARCHAR, interface_hint VARCHAR, message VARCHAR);
CREATE OR REPLACE TABLE export_typed (
    file INTEGER, record BIGINT, head_id INTEGER, text_id INTEGER, time TIMESTAMP, seq BIGINT);
CREATE OR REPLACE TABLE export_refused (
    file INTEGER, record BIGINT, code VARCHAR, reason VARCHAR, text VARCHAR);
"""
#: Columns of `export_typed` that come with the first row that fills them: a column of nulls would
#: cost as much as one of numbers. `id` is there where it is more than `seq` says.
SELDOM: Mapping[str, str] = {
    "id": "VARCHAR",
    "season": "TIMESTAMP",
    "label": "BOOLEAN",
    "label_text": "VARCHAR",
    "cut": "BOOLEAN",
}
_VALID = """
CREATE OR REPLACE VIEW export_valid AS
SELECT t.* {without}, {seldom}, h.device, h.host, h.level,
    coalesce(h.host, h.device, 'unknown') AS access_point
FROM export_typed t JOIN export_heads h USING (head_id)
"""


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make them anew, without a row."""
    connection.execute(_TABLES)


def make_room(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Give `export_typed` those of the columns that come seldom that it has not yet."""
    for name in sorted(set(names).intersection(SELDOM).difference(_seldom_ones(connection))):
        connection.execute(f"ALTER TABLE export_typed ADD COLUMN {name} {SELDOM[name]}")


def show_valid(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the view `export_valid`: rows with their heads, and nulls for columns nobody filled.

    Its `id` holds until `seq` becomes a rank.
    """
    has = _seldom_ones(connection)
    seldom = {name: name if name in has else f"NULL::{kind}" for name, kind in SELDOM.items()}
    seldom["id"] = "coalesce(id, seq::VARCHAR)" if "id" in has else "seq::VARCHAR"
    connection.execute(
        _VALID.format(
            without=f"EXCLUDE ({', '.join(has)})" if has else "",
            seldom=", ".join(f"{value} AS {name}" for name, value in seldom.items()),
        )
    )


def _seldom_ones(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("DESCRIBE export_typed").fetchall()
    return [name for name, *_ in found if name in SELDOM]
