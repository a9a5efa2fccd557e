"""One reader for each shape: bytes in, batches of raw records out, counted from 1."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError
from wifitrain.export.columns import read_csv, read_parquet
from wifitrain.export.json_batches import Batches, in_batches, together
from wifitrain.export.json_records import JsonArrayReader
from wifitrain.export.json_rows import RowDecoder
from wifitrain.export.shapes import BOM, Shape
from wifitrain.export.streams import Content, read_chunks

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Batches", "Problems", "line_batch", "read_records"]

_JOURNAL_MARK = re.compile(rb"^-- .*--\s*$|^-- (?:Boot|Logs|Journal|Reboot|No entries)")
_MAX_LINE_BYTES = 64 << 20
_PROVEN_BYTES = 1 << 20  # JSON that is proven at once: what it makes stays near the processor


class Problems:
    """What a reader met that refuses no record: counts by code, `bom` and `not_utf8`."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def add(self, code: str, count: int = 1) -> None:
        """Count `count` more of `code`."""
        self.counts[code] = self.counts.get(code, 0) + count


def read_records(
    content: Content, shape: Shape, *, problems: Problems, label: str | None
) -> Batches:
    """The raw records of `content`, which has `shape` (any but zip), in bounded memory.

    Raises
    ------
    ExportError : the file is not of that shape, or is damaged; names the byte or record.
    """
    if shape in {"json_object", "json_array"}:
        return together(_json(content, enveloped=shape == "json_object", problems=problems))
    if shape == "ndjson":
        return together(_ndjson(content, problems))
    if shape == "csv":
        return read_csv(content, label=label)
    if shape == "parquet":
        return read_parquet(content, label=label)
    return _syslog(content, problems)


def _json(content: Content, *, enveloped: bool, problems: Problems) -> Batches:
    reader = JsonArrayReader(name=content.name, enveloped=enveloped)
    for chunk in _strict(content, problems):
        yield from reader.feed(chunk)
    yield from reader.finish()


def _strict(content: Content, problems: Problems) -> Iterator[bytes]:
    """Chunks proven to be UTF-8; a byte order mark is dropped and counted."""
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    base = pending = 0
    for chunk in read_chunks(content, size=_PROVEN_BYTES):
        if pending or not chunk.isascii():
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise _not_utf8(content, base - pending + error.start) from error
            pending = len(decoder.getstate()[0])
        if base == 0 and chunk.startswith(BOM):
            problems.add("bom")
            yield chunk[len(BOM) :]
        else:
            yield chunk
        base += len(chunk)
    if pending:
        raise _not_utf8(content, base - pending)


def _not_utf8(content: Content, at: int) -> ExportError:
    return ExportError(f"{content.name}: is not UTF-8 (byte {at})")


def _lines(content: Content, chunks: Iterator[bytes]) -> Iterator[list[bytes]]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > _MAX_LINE_BYTES:
            raise ExportError(f"{content.name}: a line is longer than {_MAX_LINE_BYTES >> 20} MB")
        yield lines
    if rest:
        yield [rest]


def _ndjson(content: Content, problems: Problems) -> Batches:
    first = 1
    decoder = RowDecoder()
    for lines in _lines(content, _strict(content, problems)):
        yield from in_batches(lines, first, decoder=decoder)
        first += len(lines)


def _syslog(content: Content, problems: Problems) -> Batches:
    first = 1
    chunks = (chunk.replace(b"\0", b"") for chunk in read_chunks(content))  # left by power cuts
    for lines in _lines(content, chunks):
        if first == 1 and lines and lines[0].startswith(BOM):
            problems.add("bom")
            lines[0] = lines[0].removeprefix(BOM)
        yield "lines", line_batch(lines, first=first, problems=problems)
        first += len(lines)


def line_batch(lines: list[bytes], *, first: int, problems: Problems) -> pa.Table:
    """Lines of syslog text, the first of them number `first`, as a batch of columns record, line.

    Empty lines and those that journalctl writes between boots are left out.
    """
    import pyarrow as pa

    kept = [
        (first + at, line)
        for at, line in enumerate(lines)
        if line.strip() and not (line.startswith(b"--") and _JOURNAL_MARK.match(line))
    ]
    texts = _decoded([line for _, line in kept], problems)
    records = pa.array([number for number, _ in kept], pa.int64())
    return pa.table({"record": records, "line": pa.array(texts, pa.string())})


def _decoded(lines: list[bytes], problems: Problems) -> list[str]:
    """Text of raw logs, which are dirty: bytes that are not UTF-8 become U+FFFD and are counted."""
    decode: Callable[[bytes], str] = bytes.decode
    try:
        return list(map(decode, lines))
    except UnicodeDecodeError:
        texts = [line.decode("utf-8", "replace") for line in lines]
        problems.add("not_utf8", sum("�" in text for text in texts))
        return texts
