"""One huge JSON document as chunks of raw records, cut at record boundaries, in bounded memory.

A prefix of an array that ends after a `}` and is closed by `]` parses if and only if the cut is a
record boundary: a cheap search proposes, the strict parser proves. The envelope is proven alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from wifitrain.errors import ExportError
from wifitrain.export.json_batches import JsonRows, in_batches
from wifitrain.export.json_rows import RowDecoder

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MAX_RECORD_BYTES", "JsonArrayReader"]

MAX_RECORD_BYTES = 64 << 20
_Batches = Sequence[tuple[str, "JsonRows | pa.Table"]]
_ARRAY_KEY = re.compile(rb'"(data|logs)"\s*:\s*\[')
_ARRAY_KEYS = ("data", "logs")
_AT_BYTE = re.compile(r"\(byte (\d+)\)$")
_CUT_TRIES = 16
_SPACE = b" \t\r\n"
_MARK = re.compile(rb"[^" + _SPACE + rb"]")  # the first byte that says something


@dataclass
class JsonArrayReader:
    """Feeds on UTF-8 bytes, gives the records of the top array or of the `data`/`logs` array.

    They come as batches, each with the name of the method of `Extraction` that takes it.

    `name` is the file, for messages; `enveloped` says whether the array sits in an object. Errors
    are `ExportError` with the byte offset in the decompressed file and the record before it.
    """

    name: str
    enveloped: bool
    max_record_bytes: int = MAX_RECORD_BYTES
    records: int = field(default=0, init=False)
    largest_buffer: int = field(default=0, init=False)
    array_key: str | None = field(default=None, init=False)
    _buffer: bytes = field(default=b"", init=False)
    _base: int = field(default=0, init=False)  # offset of the buffer in the document
    _after_comma: bool = field(default=False, init=False)
    _state: str = field(default="head", init=False)  # head, array, tail
    _decoder: RowDecoder = field(default_factory=RowDecoder, init=False)

    def feed(self, chunk: bytes) -> _Batches:
        """The records that the document is known to hold complete after `chunk`."""
        self._buffer += chunk
        self.largest_buffer = max(self.largest_buffer, len(self._buffer))
        if self._state == "head":
            self._find_array()
        records = self._take(final=False) if self._state == "array" else []
        if len(self._buffer) > self.max_record_bytes:
            what = "the envelope" if self._state != "array" else f"record {self.records + 1}"
            raise ExportError(
                f"{self.name}: {what} is longer than {self.max_record_bytes >> 20} MB"
                f" or is not valid JSON (byte {self._base})"
            )
        return records

    def finish(self) -> _Batches:
        """The records left at the end of the document, which must then be complete."""
        if self._state == "head":
            raise self._no_array()
        records = self._take(final=True) if self._state == "array" else []
        if self._state == "array":
            raise self._fault("the file is cut short, or malformed", len(self._buffer))
        self._check_tail()
        return records

    def _find_array(self) -> None:
        if not self.enveloped:
            start = self._buffer.lstrip(_SPACE)
            if start:
                self._enter(len(self._buffer) - len(start) + 1)
            return
        for found in _ARRAY_KEY.finditer(self._buffer):
            top = _decode_object(self._buffer[: found.end()] + b"]}")
            if top and list(top)[-1] in _ARRAY_KEYS and bytes(top[list(top)[-1]]).startswith(b"["):
                self.array_key = list(top)[-1]
                self._enter(found.end())
                return

    def _enter(self, length: int) -> None:
        self._drop(length)
        self._state = "array"

    def _drop(self, length: int) -> None:
        self._buffer = self._buffer[length:]
        self._base += length

    def _take(self, *, final: bool) -> _Batches:
        if self.records and not self._after_comma and not self._skip_comma():
            return []
        ends = [len(self._buffer)] if final else self._proposals()
        for end in ends:
            closed = b"".join((b"[", memoryview(self._buffer)[:end], b"" if final else b"]"))
            try:
                count, batches = self._batches(closed)
            except RecursionError:
                raise self._fault("is nested too deeply", 0) from None
            except msgspec.DecodeError as error:
                at = _byte(error)
                if at is not None and "trailing characters" in str(error):
                    return self._close(self._buffer.rfind(b"]", 0, at - 1) + 1)
                if at is not None and at <= end:  # before the cut: no fault of the proposal
                    raise self._fault(_cause(error), at - 1) from error
                continue
            return self._close(end) if final else self._accept(count, batches, end)
        return []

    def _batches(self, array: bytes) -> tuple[int, _Batches]:
        """The records of a proven array, which starts with the record that comes next."""
        first = self.records + 1
        columns = self._decoder.columns(array)
        if columns is None:
            raws = msgspec.json.decode(array, type=list[msgspec.Raw])
            return len(raws), list(in_batches(raws, first, decoder=self._decoder))
        batch = JsonRows(columns=columns, texts=[array], first=first)
        return batch.num_rows, [("json_rows", batch)] if batch.num_rows else []

    def _skip_comma(self) -> bool:
        found = _MARK.search(self._buffer)
        if found is None:
            return False
        skipped, mark = found.start(), found[0]
        if mark == b"]":
            self._drop(skipped + 1)
            self._state = "tail"
            return False
        if mark != b",":
            raise self._fault("expected ',' or ']'", skipped)
        self._drop(skipped + 1)
        self._after_comma = True
        return True

    def _proposals(self) -> Iterator[int]:
        for mark in (b"},", b"}"):  # where there is a comma, the `}` is seldom one of a text
            end = len(self._buffer)
            for _ in range(_CUT_TRIES):
                end = self._buffer.rfind(mark, 0, end)
                if end < 0:
                    break
                yield end + 1

    def _accept(self, count: int, batches: _Batches, end: int) -> _Batches:
        self.records += count
        self._after_comma = False
        self._drop(end)
        return batches

    def _close(self, end: int) -> _Batches:
        """Take the records before the array's `]`, the last byte before `end`."""
        try:
            count, batches = self._batches(b"[" + self._buffer[:end])
        except msgspec.DecodeError as error:
            raise self._fault(_cause(error), (_byte(error) or end) - 1) from error
        if self._after_comma and not count:
            raise self._fault("trailing comma in array", 0)
        self._state = "tail"
        return self._accept(count, batches, end)

    def _check_tail(self) -> None:
        tail = self._buffer.strip(_SPACE)
        if not self.enveloped:
            if tail:
                raise self._fault("trailing characters after the array", 0)
            return
        try:
            rest = msgspec.json.decode(b'{"":0' + self._buffer, type=dict[str, msgspec.Raw])
        except msgspec.DecodeError as error:
            at = (_byte(error) or len(self._buffer) + 5) - 5
            raise self._fault(f"after the array: {_cause(error)}", at) from error
        except RecursionError:
            raise self._fault("is nested too deeply", 0) from None
        if again := [key for key in _ARRAY_KEYS if key in rest]:
            raise self._fault(f'has a second array of records, "{again[0]}"', 0)

    def _no_array(self) -> ExportError:
        if not self.enveloped:
            return ExportError(f"{self.name}: is empty")
        try:
            top = msgspec.json.decode(self._buffer, type=dict[str, msgspec.Raw])
        except RecursionError:
            return self._fault("is nested too deeply", 0)
        except msgspec.DecodeError as error:
            return self._fault(_cause(error), _byte(error) or len(self._buffer))
        keys = ", ".join(list(top)[:8]) or "nothing"
        return ExportError(f'{self.name}: no "data" or "logs" array (has: {keys})')

    def _fault(self, cause: str, at: int) -> ExportError:
        place = f"byte {self._base + max(at, 0)}, after record {self.records}"
        return ExportError(f"{self.name}: {cause} ({place})")


def _decode_object(document: bytes) -> dict[str, msgspec.Raw] | None:
    try:
        return msgspec.json.decode(document, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return None


def _byte(error: msgspec.DecodeError) -> int | None:
    found = _AT_BYTE.search(str(error))
    return int(found[1]) if found else None


def _cause(error: msgspec.DecodeError) -> str:
    text = _AT_BYTE.sub("", str(error)).strip()
    if "truncated" in text:
        return "the file is cut short"
    return f"is not valid JSON: {text.removeprefix('JSON is malformed: ')}"
