"""Raw JSON records as batches: mostly whole arrays that are known to be strict and well typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Batches", "JsonArray", "RawRecords", "in_batches", "together", "well_typed"]

RawRecords = Sequence[bytes | msgspec.Raw]
#: (kind of raw record, batch): kind is the method of `Extraction` that takes the batch.
Batches = Iterator[tuple[str, "JsonArray | pa.Table"]]
_ENOUGH_BYTES = 6 << 20  # some 10,000 rows: enough for a statement of the engine
_FEW = 256  # records that are not worth to be divided once more
_TEXTS = ("timestamp", "message")
_TEXTS_OR_NONE = ("log_level", "level", "process_name", "source", "raw_message")


@dataclass(frozen=True, kw_only=True)
class JsonArray:
    """Records as one JSON array, proven: strict JSON, and texts where texts belong.

    `first` is the number of the first record, `num_rows` how many there are.
    """

    text: bytes
    first: int
    num_rows: int

    def raws(self) -> pa.Table:
        """Columns record, raw (one JSON text for each record)."""
        return _table(msgspec.json.decode(self.text, type=list[msgspec.Raw]), self.first)


@cache
def _row_type() -> Any:  # noqa: ANN401 - a type made at run time
    fields: list[tuple[str, object] | tuple[str, object, object]] = [(name, str) for name in _TEXTS]
    fields += [(name, str | None, None) for name in _TEXTS_OR_NONE]
    return msgspec.defstruct("Row", fields, gc=False)


def well_typed(array: bytes) -> int | None:
    """How many records `array` holds, if all have texts where texts belong; else None."""
    try:
        return len(msgspec.json.decode(array, type=list[_row_type()]))  # type: ignore[misc]
    except (msgspec.DecodeError, RecursionError):
        return None


def _all_well_typed(records: RawRecords) -> bool:
    """Whether each is one such record: lines may hold two, or halves that their neighbour ends."""
    each = b"[[" + b"],[".join(records) + b"]]"
    try:
        msgspec.json.decode(each, type=list[tuple[_row_type()]])  # type: ignore[misc]
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def together(batches: Batches) -> Batches:
    """Small arrays in a row as one of some size: proving likes them small, the engine does not."""
    waiting: list[JsonArray] = []
    size = 0
    for kind, batch in batches:
        if isinstance(batch, JsonArray) and size < _ENOUGH_BYTES:
            waiting.append(batch)
            size += len(batch.text)
            continue
        if waiting:
            yield "json_array", _joined(waiting)
        waiting, size = ([batch], len(batch.text)) if isinstance(batch, JsonArray) else ([], 0)
        if not waiting:
            yield kind, batch
    if waiting:
        yield "json_array", _joined(waiting)


def _joined(arrays: Sequence[JsonArray]) -> JsonArray:
    """Arrays whose records follow each other as one."""
    parts: list[bytes | memoryview] = [b"["]
    for array in arrays:
        parts += (memoryview(array.text)[1:-1], b",")
    parts[-1] = b"]"
    return JsonArray(
        text=b"".join(parts), first=arrays[0].first, num_rows=sum(one.num_rows for one in arrays)
    )


def in_batches(records: RawRecords, first: int) -> Batches:
    """`records`, of which some are odd or no JSON at all: as few as can be go on one by one.

    Whatever is no strict JSON gets a mark before it, which no laxer parser takes for JSON either.
    """
    if not records:
        return
    if _all_well_typed(records):
        array = b"[" + b",".join(records) + b"]"
        yield "json_array", JsonArray(text=array, first=first, num_rows=len(records))
    elif len(records) > _FEW:
        half = len(records) // 2
        yield from in_batches(records[:half], first)
        yield from in_batches(records[half:], first + half)
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
    numbers = np.arange(first, first + len(records), dtype=np.int64)
    return pa.table({"record": pa.array(numbers), "raw": text})
