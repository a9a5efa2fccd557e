"""Raw records of any shape into tables of typed rows, batch by batch, inside the engine.

Each kind of raw record (JSON text, text columns, a syslog line) is first laid out as the same text
fields; one statement then turns text into time, level and program, or names what is wrong. Who
speaks, and what is said, comes again and again: each batch keeps it once, and rows say where.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wifitrain.export.careful import CAREFUL
from wifitrain.export.combinations import combinations_of
from wifitrain.export.fields import COLUMN_FIELDS, JSON_FIELDS, JSON_PARAMETERS, LINE_FIELDS
from wifitrain.export.grammar import install_grammar
from wifitrain.export.tables import SELDOM, make_room, make_tables, show_valid
from wifitrain.export.usual import (
    RAW_HEAD,
    RAW_TEXT,
    USUAL,
    USUAL_HEADS,
    USUAL_STAMP,
    USUAL_TEXTS,
)

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pyarrow as pa

    from wifitrain.export.json_batches import JsonRows

__all__ = ["Extraction"]

_Parameter = str | int | list[str] | None

_HEAD, _TEXT = ("device", "host", "level"), ("program", "interface_hint", "message")
_HEADS = """
INSERT INTO export_heads BY NAME SELECT * RENAME (number AS head_id) FROM export_batch
RETURNING head_id
"""
_TEXTS = """
INSERT INTO export_texts BY NAME SELECT * RENAME (number AS text_id) FROM export_batch
RETURNING text_id
"""
_ROWS = "INSERT INTO export_typed BY NAME SELECT $file AS file, * FROM export_batch"
_REFUSED = "INSERT INTO export_refused BY NAME SELECT $file AS file, * FROM export_batch"
_OF_REFUSED = ("code", "reason", "text")


@dataclass
class _Next:
    """The number that the next head or text gets."""

    number: int = 0


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """Puts batches of raw records of one run into tables of the engine.

    The tables are those of `tables`. A head or text may stand there several times, under other
    numbers.
    """

    connection: duckdb.DuckDBPyConnection
    timezone: str
    max_message_chars: int
    labels_field: str | None
    _next: _Next = field(default_factory=_Next)

    def begin(self) -> None:
        """Make the empty tables, and the macros, which every connection to its database sees."""
        install_grammar(self.connection)
        make_tables(self.connection)

    def finish(self) -> None:
        """All records are in: the view `export_valid` shows those that can be used."""
        show_valid(self.connection)

    def json_rows(self, batch: JsonRows, *, file: int) -> None:
        """Take in records of which nothing is odd but what their texts say."""
        if self.labels_field is not None:
            self.json(batch.raws(), file=file)
        elif self._usual(batch.numbered(), file=file) < batch.num_rows:
            taken = self._taken(file, batch.first, batch.first + batch.num_rows - 1)
            self.json(_without(batch.raws(), taken), file=file)

    def json(self, batch: pa.Table, *, file: int) -> None:
        """Take in a batch with columns record, raw (one JSON text for each record)."""
        name = self.labels_field
        path = None if name is None else "/" + name.replace("~", "~0").replace("/", "~1")
        self._careful(JSON_FIELDS, batch, file=file, label_path=path, **JSON_PARAMETERS)

    def columns(self, batch: pa.Table, *, file: int) -> None:
        """Take in a batch with columns record, broken, label and `COLUMN_NAMES`, all of text."""
        if self._usual(batch, file=file) < batch.num_rows:
            records = batch.column("record").to_numpy()
            taken = self._taken(file, records.min(), records.max())
            self._careful(COLUMN_FIELDS, _without(batch, taken), file=file)

    def lines(self, batch: pa.Table, *, file: int) -> None:
        """Take in a batch with columns record, line."""
        self._careful(LINE_FIELDS, batch, file=file)

    def typed(self, batch: pa.Table, *, file: int) -> None:
        """Take in rows as `CAREFUL` gives them; columns that come seldom may be missing."""
        import pyarrow.compute as pc

        is_good = pc.is_null(batch["code"])
        refused = batch.select(["record", *_OF_REFUSED]).filter(pc.invert(is_good))
        good = batch.drop_columns(list(_OF_REFUSED)).filter(is_good)
        if refused.num_rows:
            self._insert(_REFUSED, refused, file=file)
        if good.num_rows:
            heads, _ = self._apart(good, _HEAD, _HEADS)
            texts, _ = self._apart(good, _TEXT, _TEXTS)
            rows = _filled(good.drop_columns([*_HEAD, *_TEXT]))
            make_room(self.connection, rows.column_names)
            self._insert(_ROWS, _refer(rows, heads, texts), file=file)

    def _careful(
        self, fields: str, batch: pa.Table, *, file: int, **parameters: _Parameter
    ) -> None:
        if batch.num_rows:
            self.typed(self._select(fields + CAREFUL, batch, **parameters), file=file)

    def _usual(self, batch: pa.Table, *, file: int) -> int:
        """How many rows of `batch` were usual, and are taken in.

        What turns out to be odd leaves as early as can be: it comes again, the careful way.
        """
        rows = _only(batch, _looks_usual(batch))
        heads, is_usual = self._apart(rows, RAW_HEAD, USUAL_HEADS)
        rows, heads = _only(rows, is_usual), heads[is_usual]
        texts, is_usual = self._apart(rows, RAW_TEXT, USUAL_TEXTS)
        rows = _only(_refer(rows.select(["record", "id", "timestamp"]), heads, texts), is_usual)
        if not rows.num_rows:
            return 0
        rows, more = _numbered(rows)
        make_room(self.connection, ["id"] if more else [])
        return int(self._insert(USUAL.format(id=more), rows, file=file)[0])

    def _apart(
        self, batch: pa.Table, columns: Sequence[str], statement: str
    ) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of what the `columns` of each row say, and whether `statement` took it."""
        import numpy as np
        import pyarrow as pa

        codes, first = combinations_of([batch[name] for name in columns])
        if not len(first):
            return codes.astype(np.int32), codes.astype(bool)
        start = self._next.number
        self._next.number += len(first)
        numbers = pa.array(np.arange(start, start + len(first), dtype=np.int32))
        apart = batch.select(columns).take(first).append_column("number", numbers)
        taken = np.zeros(len(first), dtype=bool)
        taken[self._insert(statement, apart) - start] = True
        return (codes + start).astype(np.int32), taken[codes]

    def _taken(self, file: int, first: int, last: int) -> np.ndarray:
        """Numbers of the records from `first` to `last` that the table holds already."""
        import numpy as np

        found = self.connection.execute(
            "SELECT record FROM export_typed WHERE file = ? AND record BETWEEN ? AND ?",
            [file, int(first), int(last)],
        ).fetchnumpy()
        return np.asarray(found["record"])

    def _insert(self, statement: str, batch: pa.Table, **more: _Parameter) -> np.ndarray:
        """What `statement` returns of `batch`: how many rows it took, or their numbers."""
        import numpy as np

        with self._lent(batch):
            done = self.connection.execute(statement, self._used(statement, more)).fetchnumpy()
        (column,) = done.values()
        return np.asarray(column)

    def _select(self, statement: str, batch: pa.Table, **more: _Parameter) -> pa.Table:
        """The rows that `statement` makes of `batch`."""
        with self._lent(batch):
            found = self.connection.sql(statement, params=self._used(statement, more))
            return found.to_arrow_table()

    @contextmanager
    def _lent(self, batch: pa.Table) -> Iterator[None]:
        self.connection.register("export_batch", batch)
        try:
            yield
        finally:
            self.connection.unregister("export_batch")

    def _used(self, statement: str, more: Mapping[str, _Parameter]) -> dict[str, _Parameter]:
        """The parameters that `statement` names: the engine takes no others."""
        given = {"zone": self.timezone, "max_chars": self.max_message_chars, **more}
        return {name: value for name, value in given.items() if f"${name}" in statement}


def _refer(rows: pa.Table, heads: np.ndarray, texts: np.ndarray) -> pa.Table:
    """`rows` with the numbers of their heads and texts."""
    import pyarrow as pa

    rows = rows.append_column("head_id", pa.array(heads))
    return rows.append_column("text_id", pa.array(texts))


def _looks_usual(batch: pa.Table) -> np.ndarray:
    """Which rows have a usual stamp, and nothing against them or to be said of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_stamp = pc.match_substring_regex(batch["timestamp"].cast(pa.string()), USUAL_STAMP)
    is_plain = pc.and_(pc.is_null(batch["broken"]), pc.is_null(batch["label"]))
    looks: np.ndarray = pc.and_(pc.fill_null(is_stamp, fill_value=False), is_plain).to_numpy()
    return looks


def _only(rows: pa.Table, mask: np.ndarray) -> pa.Table:
    return rows if mask.all() else rows.filter(mask)


def _numbered(rows: pa.Table) -> tuple[pa.Table, str]:
    """`rows` with ids as numbers, where all are some, and else what to select beside `seq`."""
    import pyarrow as pa

    ids = rows["id"]
    if pa.types.is_integer(ids.type):
        return rows, ""
    try:
        numbers = ids.cast(pa.int64())
    except pa.ArrowInvalid:
        return rows, ", nullif(id, '') AS id"
    if not numbers.cast(pa.string()).equals(ids.cast(pa.string())):
        return rows, ", nullif(id, '') AS id"
    return rows.set_column(rows.column_names.index("id"), "id", numbers), ""


def _filled(rows: pa.Table) -> pa.Table:
    """`rows` without columns of nulls that come seldom."""
    names = [name for name in rows.column_names if name in SELDOM]
    return rows.drop_columns([name for name in names if rows[name].null_count == rows.num_rows])


def _without(batch: pa.Table, taken: np.ndarray) -> pa.Table:
    import numpy as np

    return batch.filter(~np.isin(batch.column("record").to_numpy(), taken))
