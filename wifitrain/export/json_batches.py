"""Raw JSON records as batches: mostly columns of rows that are known to be well typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa

    from wifitrain.export.json_rows import RowDecoder

__all__ = ["Batches", "JsonRows", "RawRecords", "in_batches", "together"]

RawRecords = Sequence[bytes | msgspec.Raw]
#: (kind of raw record, batch): kind is the method of `Extraction` that takes the batch.
Batches = Iterator[tuple[str, "JsonRows | pa.Table"]]
_ENOUGH_BYTES = 32 << 20  # some 54,000 rows: enough for a statement, and many say the same
_FEW = 256  # records that are not worth to be divided once more


@dataclass(frozen=True, kw_only=True)
class JsonRows:
    """Records of which nothing is odd: their columns, and their text for whoever doubts one.

    `first` is the number of the first record, `columns` has `ROW_COLUMNS`, and `texts` are JSON
    arrays that hold the records one after the other.
    """

    columns: pa.Table
    texts: Sequence[bytes]
    first: int

    @property
    def num_rows(self) -> int:
        """How many records there are."""
        return int(self.columns.num_rows)

    @property
    def size(self) -> int:
        """Bytes of the records' text."""
        return sum(map(len, self.texts))

    def numbered(self) -> pa.Table:
        """The columns as `Extraction` takes them, which has no fault to find with them."""
        import pyarrow as pa

        table = self.columns.add_column(0, "record", _numbers(self.first, self.num_rows))
        nothing = pa.nulls(self.num_rows, pa.string())
        return table.append_column("broken", nothing).append_column("label", nothing)

    def raws(self) -> pa.Table:
        """Columns record, raw (one JSON text for each record)."""
        raws = [msgspec.json.decode(text, type=list[msgspec.Raw]) for text in self.texts]
        return _table(list(chain.from_iterable(raws)), self.first)


def together(batches: Batches) -> Batches:
    """Few rows at a time as one batch of some size: decoding likes them few, the engine many."""
    waiting: list[JsonRows] = []
    size = 0
    for kind, batch in batches:
        goes_with = isinstance(batch, JsonRows) and size < _ENOUGH_BYTES
        if waiting and not (goes_with and batch.columns.schema.equals(waiting[0].columns.schema)):
            yield "json_rows", _joined(waiting)
            waiting, size = [], 0
        if isinstance(batch, JsonRows):
            waiting.append(batch)
            size += batch.size
        else:
            yield kind, batch
    if waiting:
        yield "json_rows", _joined(waiting)


def _joined(batches: Sequence[JsonRows]) -> JsonRows:
    """Batches whose records follow each other as one."""
    import pyarrow as pa

    return JsonRows(
        columns=pa.concat_tables([batch.columns for batch in batches]),
        texts=[text for batch in batches for text in batch.texts],
        first=batches[0].first,
    )


def in_batches(records: RawRecords, first: int, *, decoder: RowDecoder) -> Batches:
    """`records`, of which some are odd or no JSON at all: as few as can be go on one by one.

    Whatever is no strict JSON gets a mark before it, which no laxer parser takes for JSON either.
    """
    if not records:
        return
    columns = decoder.columns_of(records)
    if columns is not None:
        array = b"[" + b",".join(records) + b"]"
        yield "json_rows", JsonRows(columns=columns, texts=[array], first=first)
    elif len(records) > _FEW:
        half = len(records) // 2
        yield from in_batches(records[:half], first, decoder=decoder)
        yield from in_batches(records[half:], first + half, decoder=decoder)
    else:
        yield "json", _marked(records, first)


def _marked(records: RawRecords, first: int) -> pa.Table:
    texts = [bytes(record) for record in records]
    numbered = [(first + at, text) for at, text in enumerate(texts) if text.strip()]
    table = _table([text if _is_json(text) else b"not json: " + text for _, text in numbered], 0)
    import pyarrow as pa

    return table.set_column(0, "record", pa.array([n for n, _ in numbered], pa.int64()))


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _table(records: RawRecords, first: int) -> pa.Table:
    """Records as one Arrow text column, without touching a record from Python."""
    import numpy as np
    import pyarrow as pa

    offsets = np.zeros(len(records) + 1, dtype=np.int32)
    sizes = map(len, map(memoryview, records))  # type: ignore[arg-type]  # a Raw is a buffer
    np.cumsum(np.fromiter(sizes, np.int32, len(records)), out=offsets[1:])
    text = pa.StringArray.from_buffers(
        len(records), pa.py_buffer(offsets), pa.py_buffer(b"".join(records))
    )
    return pa.table({"record": _numbers(first, len(records)), "raw": text})


def _numbers(first: int, count: int) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    return pa.array(np.arange(first, first + count, dtype=np.int64))
