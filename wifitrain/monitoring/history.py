"""What happened to a version since it was trained: a file of one JSON object a line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import WifitrainError

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["append_entry", "history_file", "history_lock", "read_entries"]


def history_file(folder: str, version: str) -> Path:
    """The history of `version`."""
    return Path(folder) / f"{version}.ndjson"


@contextmanager
def history_lock(path: Path) -> Iterator[None]:
    """Nobody else appends to the history `path` in the block; its holder may.

    For who appends what follows from the entries before: another one waits until it is there.

    Raises
    ------
    WifitrainError : the lock cannot be made beside the file.
    """
    from filelock import FileLock

    lock = FileLock(path.with_suffix(".lock"), is_singleton=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise WifitrainError(f"cannot write {path}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


def append_entry(path: Path, entry: Mapping[str, Json]) -> None:
    """Append one line, on the disk when this returns.

    Raises
    ------
    WifitrainError : the file cannot be written.
    """
    line = json.dumps(entry, allow_nan=False, ensure_ascii=False).encode() + b"\n"
    try:
        with history_lock(path), open(path, "ab+") as file:
            if file.tell() and not _ends_whole(file.fileno()):
                line = b"\n" + line  # the last writer was killed: its line stays alone
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise WifitrainError(f"cannot write {path}: {error.strerror or error}") from error


def read_entries(path: Path) -> list[dict[str, Any]]:
    """Every entry, oldest first; lines that a kill left unfinished are passed over."""
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            entries.append(entry)
    return entries


def _ends_whole(descriptor: int) -> bool:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1) == b"\n"
