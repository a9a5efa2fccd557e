"""Strict JSON in both directions: no NaN, no doubled keys, no value that JSON does not have."""

from __future__ import annotations

import json
import math
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from wifitrain.errors import PackageError

__all__ = [
    "Plain",
    "canonical",
    "dumps",
    "map_text",
    "parse_object",
    "plain",
    "read_object",
    "refuse",
]

_MOST_BYTES = 64 * 1024 * 1024
_DEPTH = 64
_SURROGATE = re.compile(r"[\ud800-\udfff]")

#: Dicts, lists, text, finite numbers, booleans and None; `Any`, as the trees are read freely.
Plain = Any


def plain(value: object, *, path: str) -> Plain:
    """`value` as dicts, lists, text, numbers, booleans and None.

    Raises PackageError naming the place of the first value that strict JSON does not have, such
    as `metadata.training_info.seed: int64 is not JSON`.
    """
    return _plain(value, path, _DEPTH)


def _plain(value: object, path: str, depth: int) -> Plain:
    if depth == 0:
        raise PackageError(f"{path}: nested deeper than {_DEPTH}")
    if isinstance(value, Mapping):
        return {
            _key(key, path): _plain(item, f"{path}.{key}", depth - 1) for key, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [_plain(item, f"{path}[{n}]", depth - 1) for n, item in enumerate(value)]
    return _scalar(value, path)


def _scalar(value: object, path: str) -> Plain:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise PackageError(f"{path}: text with half a surrogate pair is not JSON")
        return str(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise PackageError(f"{path}: {value} is not JSON; leave out what was not measured")
        return float(value)
    raise PackageError(f"{path}: {type(value).__name__} is not JSON")


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise PackageError(f"{path}: the key {key!r} is not text")
    return str(_scalar(key, f"{path}.{key!r}"))


def map_text(value: Plain, change: Callable[[str], str]) -> Plain:
    """Plain JSON `value` with `change` applied to every text in it, keys too."""
    if isinstance(value, dict):
        return {change(key): map_text(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [map_text(item, change) for item in value]
    return change(value) if isinstance(value, str) else value


def refuse(value: Plain, *, path: str, unwanted: re.Pattern[str], why: str) -> None:
    """Raise PackageError at the first text of plain JSON `value` in which `unwanted` is found."""

    def check(text: str) -> str:
        if unwanted.search(text):
            raise PackageError(f"{path}: {why}: {unwanted.sub('[masked]', text)[:80]!r}")
        return text

    map_text(value, check)


def dumps(value: Plain) -> bytes:
    """Plain JSON as indented UTF-8 with a final newline, in the order of the keys as given."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return text.encode() + b"\n"


def canonical(value: Plain) -> bytes:
    """Plain JSON in one form for one value: what digests are taken of."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a regular file of at most 64 MB; else PackageError naming the file."""
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise PackageError(f"{path}: not a regular file")
        if status.st_size > _MOST_BYTES:
            raise PackageError(f"{path}: {status.st_size} bytes are more than {_MOST_BYTES}")
        return parse_object(path.read_bytes(), name=str(path))
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror}") from error


def parse_object(content: bytes, *, name: str) -> dict[str, Any]:
    """The JSON object in `content`; else PackageError that begins with `name`."""
    try:
        value = json.loads(content, object_pairs_hook=_without_doubles, parse_constant=_constant)
    except RecursionError as error:
        raise PackageError(f"{name}: nested too deep") from error
    except ValueError as error:
        raise PackageError(f"{name}: not strict JSON: {error}") from error
    if not isinstance(value, dict):
        raise PackageError(f"{name}: must hold a JSON object, not {type(value).__name__}")
    return value


def _without_doubles(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} occurs twice")
        found[key] = value
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
