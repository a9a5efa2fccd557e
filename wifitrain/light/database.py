"""Scored windows into a table of PostgreSQL: all of a batch or nothing, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.export.database import Server, driver

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["SCORE_COLUMNS", "ScoreTable"]

#: Column -> its type in the table; times are UTC. The first three are the key.
SCORE_COLUMNS = {
    "model": "text",
    "entity": "text",
    "window_start": "timestamp without time zone",
    "window_end": "timestamp without time zone",
    "score": "double precision",
    "estimator_score": "double precision",
    "threshold": "double precision",
    "is_anomaly": "boolean",
    "reason": "text",
}
_KEY = ("model", "entity", "window_start")
_ROWS_AT_ONCE = 50_000
_STAGED = "wifitrain_scored_batch"
_REASONS = {
    "42501": "the user may not write it",
    "42P10": f"it has no unique key of {', '.join(_KEY)}, so a batch could be in it twice",
}
_ALONE = "SELECT pg_advisory_xact_lock(hashtext('{table}')) IS NULL AS held"
_FOUND = """
SELECT a.attname::text AS name, format_type(a.atttypid, NULL)::text AS type FROM pg_attribute a
WHERE a.attrelid = to_regclass('{table}') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


@dataclass(frozen=True, kw_only=True)
class ScoreTable:
    """A table (perhaps schema.table) of `SCORE_COLUMNS` and no others; made where it is absent."""

    server: Server
    table: str

    def __post_init__(self) -> None:
        if find_spec("adbc_driver_postgresql") is None:
            raise ConfigError("output.table needs the extra: pip install 'wifitrain[postgres]'")

    def write(self, frame: pd.DataFrame, *, model: str) -> int:
        """Put the windows of `frame` (of windows.parquet) in as scored by `model`; how many.

        One transaction: after an error the table is as it was. A window that is there already for
        the same model is replaced, so a batch that is scored again leaves the rows of once.

        Raises
        ------
        ConfigError : no such server, other columns, or the server refuses; names `output.table`.
        """
        rows = _rows(frame, model)
        with self._cursor() as cursor:
            # Temporary, and gone with the connection: rows come in as fast as the server copies.
            cursor.adbc_ingest(_STAGED, rows, mode="create", temporary=True)
            self._make(cursor)
            cursor.execute(self._take_over())
        return len(frame)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """A cursor in one transaction, which is kept where the block ends well."""
        errors = driver().Error
        try:
            connection = self.server.connect()
        except errors as error:
            raise self._fault(error) from None  # the cause holds the whole URL
        try:
            with connection.cursor() as cursor:
                yield cursor
            connection.commit()
        except errors as error:
            raise self._fault(error) from error
        finally:
            with suppress(Exception):  # a lost connection cannot be closed well
                connection.close()

    def _make(self, cursor: Any) -> None:  # noqa: ANN401 - the driver's own type
        # Until the commit: of two first writers one waits, instead of making the table as well.
        cursor.execute(_ALONE.format(table=self.table.rpartition(".")[2]))
        cursor.fetch_arrow_table()
        cursor.execute(_FOUND.format(table=self.table))
        found = {one["name"]: one["type"] for one in cursor.fetch_arrow_table().to_pylist()}
        if not found:  # asked first: who may only write rows may not be allowed to make tables
            columns = ", ".join(f"{name} {kind} NOT NULL" for name, kind in SCORE_COLUMNS.items())
            cursor.execute(
                f"CREATE TABLE {self.table} ({columns}, PRIMARY KEY ({', '.join(_KEY)}))"
            )
            return
        if found != SCORE_COLUMNS:
            raise ConfigError(
                f"output.table: {self._name}: has other columns than scored windows (has:"
                f" {_told(found)}; needs: {_told(SCORE_COLUMNS)}); name another table"
            )

    def _take_over(self) -> str:
        names = ", ".join(SCORE_COLUMNS)
        changed = ", ".join(
            f"{name} = excluded.{name}" for name in SCORE_COLUMNS if name not in _KEY
        )
        # The names are this program's own; the table's was checked to be a plain one.
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM {_STAGED}"  # noqa: S608
            f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {changed}"
        )

    @property
    def _name(self) -> str:
        return f"{self.server.name} {self.table}"

    def _fault(self, error: Exception) -> ConfigError:
        said = _REASONS.get(getattr(error, "sqlstate", None) or "", self.server.said(error))
        return ConfigError(f"output.table: {self._name}: {said}; nothing was written")


def _rows(frame: pd.DataFrame, model: str) -> pa.RecordBatchReader:
    """The frame as Arrow, a batch at a time."""
    import pyarrow as pa

    named = frame.rename(columns={"start": "window_start", "end": "window_end"})
    named = named.assign(model=model, entity=named["entity"].astype(str))[list(SCORE_COLUMNS)]
    types = {"timestamp without time zone": pa.timestamp("us"), "double precision": pa.float64(),
             "boolean": pa.bool_(), "text": pa.string()}  # fmt: skip
    schema = pa.schema([(name, types[kind]) for name, kind in SCORE_COLUMNS.items()])
    table = pa.Table.from_pandas(named, schema=schema, preserve_index=False)
    return table.to_reader(max_chunksize=_ROWS_AT_ONCE)


def _told(columns: dict[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())
