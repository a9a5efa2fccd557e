"""Rows of a log table, batch by batch in the order of `id`, in bounded memory.

One cursor streams them. A lost connection is opened again and the cursor goes on behind the last
row that arrived, up to the row that was the last at the beginning: no row comes twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError
from wifitrain.export.database import ConnectionLost, Server, Transaction
from wifitrain.log import get_logger

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Selection", "TableReader", "condition_of"]

_log = get_logger("wifitrain")

_FIRST_WAIT_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which rows: of `table`, for which `condition` (SQL) holds, at most the `most` latest."""

    table: str
    condition: str
    most: int | None
    label: str | None  # column that says whether a row is anomalous

    @property
    def source(self) -> str:
        """The table's name as an identifier."""
        return ".".join(f'"{part}"' for part in self.table.split("."))


def condition_of(
    bounds: tuple[datetime | None, datetime | None], *, programs: Sequence[str]
) -> str:
    """Inclusive bounds, and of `programs` (empty: all) more rather than less: rows without one."""
    first, last = bounds
    terms = [] if first is None else [f"\"timestamp\" >= '{first.isoformat(' ')}'"]
    terms += [] if last is None else [f"\"timestamp\" <= '{last.isoformat(' ')}'"]
    if programs:
        named = " OR ".join(
            f"strpos(lower(process_name), {_literal(program)}) > 0" for program in programs
        )
        terms.append(f"(coalesce(process_name, '') = '' OR {named})")
    return " AND ".join(terms) or "true"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, kw_only=True)
class _Survey:
    """What there is to come."""

    columns: Sequence[str]  # expressions of the wanted columns, as text
    matching: int  # rows for which the condition holds
    first_id: int
    last_id: int


@dataclass(kw_only=True)
class TableReader:
    """Streams a selection; a lost connection is opened again up to `retries` times in a row."""

    server: Server
    selection: Selection
    wanted: Sequence[str]  # columns, null where the table has none of that name
    batch_size: int
    retries: int
    _survey: _Survey | None = field(default=None, init=False)
    _behind: int | None = field(default=None, init=False)  # id of the last row that arrived

    @property
    def survey(self) -> _Survey:
        """The first question to the server, which proves table and columns.

        Raises
        ------
        ExportError : no server, no table, columns that are missing or of another type.
        """
        if self._survey is None:
            try:
                with self.server.transaction(about=self.selection.table) as transaction:
                    self._survey = self._ask(transaction)
            except ConnectionLost as lost:
                raise ExportError(f"{self.server.name}: cannot be read: {lost}") from lost
        return self._survey

    @property
    def left_out(self) -> int:
        """Older rows beyond `most`."""
        most = self.selection.most
        return 0 if most is None else max(self.survey.matching - most, 0)

    def batches(self) -> Iterator[pa.Table]:
        """The rows, `batch_size` at a time, every column as text.

        Raises
        ------
        ExportError : the connection was lost for good, or a statement took too long.
        """
        left = self.retries
        while self.survey.matching:
            try:
                for batch in self._stream():
                    self._behind = int(batch.column("id")[-1].as_py())
                    left = self.retries
                    yield batch
            except ConnectionLost as lost:
                left = self._wait(left, lost)
            else:
                return

    def _ask(self, transaction: Transaction) -> _Survey:
        chosen = self.selection
        schema = transaction.run(f"SELECT * FROM {chosen.source} LIMIT 0").schema
        columns = _columns(schema, wanted=self.wanted, selection=chosen)
        count = f"SELECT count(*) FROM {chosen.source} WHERE {chosen.condition}"
        matching = int(transaction.run(count).column(0)[0].as_py())
        limit = "" if chosen.most is None else f" ORDER BY id DESC LIMIT {chosen.most}"
        ends = transaction.run(
            "SELECT min(id), max(id) FROM (SELECT id FROM"
            f" {chosen.source} WHERE {chosen.condition}{limit}) AS chosen"
        )
        first, last = (ends.column(at)[0].as_py() or 0 for at in (0, 1))
        return _Survey(columns=columns, matching=matching, first_id=first, last_id=last)

    def _stream(self) -> Iterator[pa.Table]:
        chosen, survey = self.selection, self.survey
        first = survey.first_id if self._behind is None else self._behind + 1
        with self.server.transaction(about=chosen.table) as transaction:
            transaction.run(
                "DECLARE wifitrain_rows NO SCROLL CURSOR FOR"
                f" SELECT {', '.join(survey.columns)} FROM {chosen.source} AS rows"
                f" WHERE id BETWEEN {first} AND {survey.last_id} AND {chosen.condition}"
                " ORDER BY rows.id"  # the column, not its text
            )
            while True:
                batch = transaction.run(f"FETCH {self.batch_size} FROM wifitrain_rows")
                if not batch.num_rows:
                    return
                yield batch

    def _wait(self, left: int, lost: ConnectionLost) -> int:
        if not left:
            raise ExportError(
                f"{self.selection.table}: the connection was lost behind id {self._behind} and"
                f" could not be opened again {self.retries} times: {lost}"
            ) from lost
        _log.warning("connection lost, opening it again", behind_id=self._behind, left=left)
        time.sleep(_FIRST_WAIT_S * 2 ** (self.retries - left))
        return left - 1


def _columns(schema: pa.Schema, *, wanted: Sequence[str], selection: Selection) -> Sequence[str]:
    """Expressions of `wanted` and the label, as text; the types of what rows need are proven."""
    import pyarrow.types as kinds

    needed: dict[str, tuple[Callable[[pa.DataType], bool], str]] = {
        "id": (kinds.is_integer, "a whole number"),
        "timestamp": (kinds.is_timestamp, "a timestamp"),
        "message": (kinds.is_string, "text"),
    }
    needed |= {} if selection.label is None else {selection.label: (lambda _: True, "")}
    has = f"(has: {', '.join(schema.names[:20])})"
    if missing := [name for name in needed if name not in schema.names]:
        raise ExportError(f"{selection.table}: no column {' and '.join(missing)} {has}")
    for name, (is_right, expected) in needed.items():
        kind = schema.field(name).type
        if not is_right(kind):
            raise ExportError(f"{selection.table}: column {name} is {kind}, expected {expected}")
    named = {name: name if name in schema.names else None for name in wanted}
    named["label"] = selection.label
    return [
        f'NULL::text AS "{name}"' if column is None else f'"{column}"::text AS "{name}"'
        for name, column in named.items()
    ]
