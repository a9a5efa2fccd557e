"""Finding out which shape an export has, from its first bytes and, where they fail, its name."""

from __future__ import annotations

import csv
import re
from typing import Literal, get_args

from wifitrain.errors import ExportError

__all__ = ["BOM", "SHAPES", "Shape", "sniff"]

Shape = Literal["json_object", "json_array", "ndjson", "csv", "syslog", "parquet", "zip"]
SHAPES: tuple[str, ...] = get_args(Shape)
BOM = b"\xef\xbb\xbf"
_JSON_NAME = re.compile(r"\.json(\.gz|\.zst)?$", re.IGNORECASE)
_NDJSON_NAME = re.compile(r"\.(ndjson|jsonl)(\.gz|\.zst)?$", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a]")
_MOST_CONTROL = 0.2
_CSV_NEEDS = frozenset({"timestamp", "message"})


def sniff(head: bytes, *, name: str) -> Shape:
    """The shape of the export whose first (decompressed) bytes are `head`.

    Raises
    ------
    ExportError : the file is empty, or is of no shape that an export has.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    text = head.removeprefix(BOM).lstrip()
    if not text:
        raise ExportError(f"{name}: is empty")
    if text.startswith((b"{", b"[")) and (shape := _json_shape(text, name)):
        return shape
    if _JSON_NAME.search(name) or _NDJSON_NAME.search(name):
        if _NDJSON_NAME.search(name):
            return "ndjson"
        raise ExportError(
            f"{name}: is not JSON: found {text[:20]!r} where {{ or [ was expected (byte 0)"
        )
    # a log may hold blocks of zero bytes, left by a power cut: only many mean another kind of file
    if len(_BINARY.findall(head)) > _MOST_CONTROL * len(head):
        raise ExportError(
            f"{name}: is of no known shape; expected JSON, CSV, syslog text, Parquet or zip"
        )
    return "csv" if _is_csv(text) else "syslog"


def _json_shape(text: bytes, name: str) -> Shape | None:
    if text.startswith(b"["):
        inner = text[1:].lstrip()[:1]
        return "json_array" if inner in {b"{", b"]", b"[", b'"', b""} else None
    if _NDJSON_NAME.search(name):
        return "ndjson"
    first, newline, rest = text.partition(b"\n")
    if newline and rest.lstrip()[:1] in {b"{", b""} and _is_record(first):
        return "ndjson"
    return "json_object"


def _is_record(line: bytes) -> bool:
    import msgspec

    try:
        keys = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return False
    return "message" in keys or "timestamp" in keys


def _is_csv(text: bytes) -> bool:
    line = text.partition(b"\n")[0].decode("utf-8", "replace").rstrip("\r")
    return _CSV_NEEDS.issubset(field.strip().lower() for field in next(csv.reader([line]), []))
