"""Well-typed JSON records as columns of text: decoded once, and proven strict on the way.

The decoder knows which keys a record has and of what type their values are, learnt from the first
record of a piece. It takes the last of two values under one key, so quotes are counted too: those
of an array whose keys stand once are twice its keys and its texts, and no more.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from wifitrain.export.fields import COLUMN_NAMES
from wifitrain.export.quotes import QuoteCounter

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ROW_COLUMNS", "RowDecoder"]

#: Columns of what `RowDecoder` gives: all that a record without a fault needs.
ROW_COLUMNS = tuple(name for name in COLUMN_NAMES if name not in {"raw_message", "structured_data"})
_NEEDED = ("timestamp", "message")
_NUMBERED = ("id", "device_id")
_NO_FIELD = re.compile(r'["\\\x00-\x1f]')  # what msgspec wants in no name
_BIGINT = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
_TYPES: Mapping[str, Any] = {
    "needed": str,
    "text": str | None,
    "number": _BIGINT | None,
    "plain": bool | int | float | None,
    "raw": msgspec.Raw,
}
_TEXTS = frozenset(("needed", "text"))
_Kinds = tuple[tuple[str, str], ...]  # key -> one of `_TYPES`


class _Form(NamedTuple):
    """How records look: their keys, the type of each value, and a decoder of such records."""

    kinds: _Kinds
    is_even: bool  # each record has all the keys
    row: Any  # a type made at run time, from `kinds`

    def rows(self, array: bytes, *, seal: int | None) -> Sequence[msgspec.Struct] | None:
        """The records of `array`, sealed ones where there is a seal; None where one looks odd."""
        try:
            if seal is None:
                return list(_decoder(self.row).decode(array))
            pairs = _decoder(tuple[self.row, int]).decode(array)  # type: ignore[name-defined]
            return [row for row, number in pairs if number == seal]
        except msgspec.ValidationError:
            return None


class RowDecoder:
    """Decodes arrays of records that look alike; what it learnt from one serves the next."""

    def __init__(self) -> None:
        self._known: _Form | None = None
        self._counter = QuoteCounter()
        self._seal = secrets.randbits(53)

    def columns(self, array: bytes) -> pa.Table | None:
        """The records of `array` as `ROW_COLUMNS`, or None where one of them is odd.

        Odd is whatever is no strict JSON, has no text where text belongs, or holds a key twice.
        """
        return self._decoded(array, seal=None)

    def columns_of(self, records: Sequence[bytes | msgspec.Raw]) -> pa.Table | None:
        """Like `columns`, of texts that must each be one record.

        Lines may hold two records, or halves that their neighbour ends. So each stands in an array
        of its own, before a number that no text can know, and as many must come out.
        """
        seal = b",%d]" % self._seal
        array = b"[[" + (seal + b"\n,[").join(records) + seal + b"]"
        found = self._decoded(array, seal=self._seal)
        return found if found is not None and found.num_rows == len(records) else None

    def _decoded(self, array: bytes, *, seal: int | None) -> pa.Table | None:
        known = () if self._known is None else (self._known,)
        try:
            for form in chain(known, _forms_of(array, is_sealed=seal is not None)):
                rows = form.rows(array, seal=seal)
                if rows is not None:
                    self._known = form
                    return _columns(rows, form, array, counter=self._counter)
        except (msgspec.DecodeError, RecursionError):  # no JSON, whatever form it may have
            return None
        return None


def _forms_of(array: bytes, *, is_sealed: bool) -> Iterator[_Form]:
    """Two guesses from the first record: all records have its keys, or some of them have not."""
    records = msgspec.json.decode(array, type=list[msgspec.Raw])
    if not records:
        return
    first = (
        msgspec.json.decode(records[0], type=tuple[msgspec.Raw, int])[0]
        if is_sealed
        else records[0]
    )
    values = msgspec.json.decode(first, type=dict[str, msgspec.Raw])
    seen = {key: _kind(key, bytes(value)) for key, value in values.items()}
    if not seen.keys() >= set(_NEEDED) or any(map(_NO_FIELD.search, seen)):
        return
    any_known = {key: "needed" if key in _NEEDED else "text" for key in COLUMN_NAMES}
    strange = {key: "raw" for key in seen if key not in any_known}
    numbered = {key: seen[key] for key in _NUMBERED if key in seen}
    uneven = any_known | strange | numbered | {"structured_data": "raw"}
    yield _form(tuple(seen.items()), is_even=True)
    yield _form(tuple(uneven.items()), is_even=False)


def _kind(key: str, value: bytes) -> str:
    if key in _NEEDED:
        return "needed"
    starts = value[:1]
    if key in COLUMN_NAMES:
        if key in _NUMBERED:
            return "number" if starts in b"-0123456789" else "text"
        return "raw" if key == "structured_data" and starts != b'"' else "text"
    if starts in b'"n':
        return "text"
    return "raw" if starts in b"[{" else "plain"


@lru_cache(maxsize=64)
def _form(kinds: _Kinds, *, is_even: bool) -> _Form:
    fields: list[tuple[str, Any, Any]] = []
    for number, (key, kind) in enumerate(kinds):
        kept = is_even or kind == "needed"
        wanted = _TYPES[kind] if kept else _TYPES[kind] | UnsetType
        given = msgspec.field(name=key) if kept else msgspec.field(name=key, default=UNSET)
        fields.append((f"value_{number}", wanted, given))
    struct = msgspec.defstruct("Row", fields, gc=False, kw_only=True, forbid_unknown_fields=True)
    return _Form(kinds=kinds, is_even=is_even, row=struct)


@lru_cache(maxsize=64)
def _decoder(row: Any) -> msgspec.json.Decoder[Any]:  # noqa: ANN401 - a type made at run time
    return msgspec.json.Decoder(list[row])


def _columns(
    rows: Sequence[msgspec.Struct], form: _Form, array: bytes, *, counter: QuoteCounter
) -> pa.Table | None:
    """`ROW_COLUMNS` of `rows`; None where `array` has more quotes than they account for."""
    import pyarrow as pa

    found: dict[str, pa.Array] = {}
    quotes = 0
    columns: Iterable[Sequence[Any]] = zip(*map(msgspec.structs.astuple, rows), strict=True)
    for values, (key, kind) in zip(columns, form.kinds, strict=False):  # no rows, no columns
        absent = 0 if form.is_even or kind == "needed" else values.count(UNSET)
        if absent:
            values = [None if value is UNSET else value for value in values]  # noqa: PLW2901
        if key in ROW_COLUMNS:
            found[key] = pa.array(values, pa.int64() if kind == "number" else pa.string())
        nulls = found[key].null_count if key in found else values.count(None)
        quotes += 2 * (len(values) - absent)  # of the key
        if kind in _TEXTS:
            quotes += 2 * (len(values) - nulls)
        elif kind == "raw":
            quotes += counter.count(b"".join(value for value in values if value is not None))
    if counter.count(array) != quotes:
        return None
    nothing = pa.nulls(len(rows), pa.string())
    return pa.table({key: found.get(key, nothing) for key in ROW_COLUMNS})
