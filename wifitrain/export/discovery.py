"""From `source.path` to the files of an export, in the order in which their lines arrived."""

from __future__ import annotations

import glob
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wifitrain.errors import ExportError

__all__ = ["Found", "find_files"]

_NUMBER = re.compile(r"(\d+)")
_ROTATION = re.compile(r"^(?P<stem>.+?)\.(?P<age>\d{1,5})(?P<packed>\.gz|\.zst)?$")
_EXPORT_SUFFIXES = frozenset(
    {".json", ".jsonl", ".ndjson", ".csv", ".log", ".txt", ".parquet", ".zip", ".syslog"}
)
_PACKED = frozenset({".gz", ".zst"})


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file to read, and the series it continues (a rotated log, the batches of one export)."""

    path: Path
    series: str


def find_files(paths: Sequence[str]) -> Sequence[Found]:
    """Every file that `paths` (files, folders, globs) name, each once.

    Inside a folder: batches by number, rotated logs oldest first (`messages.2.gz`, `messages.1`,
    `messages`), the rest by name; `metadata.json` and files of foreign kinds are passed over.

    Raises
    ------
    ExportError : a path that is not there, cannot be read, or holds nothing to read.
    """
    found: dict[Path, Found] = {}
    for text in paths:
        for path in _expand(text):
            found.setdefault(path, Found(path=path, series=_series(path)))
    return list(found.values())


def _expand(text: str) -> Sequence[Path]:
    path = Path(text).expanduser()
    mode = _mode(path)
    if mode is None and glob.has_magic(text):
        matches = [Path(match) for match in glob.glob(str(path), recursive=True)]  # noqa: PTH207  # absolute too
        files = sorted((match for match in matches if match.is_file()), key=_arrival_key)
        return _something(files, f"{text}: no file matches")
    if mode is None:
        raise ExportError(f"{text}: no such file or folder")
    if stat.S_ISDIR(mode):
        files = sorted(_walk(path), key=_arrival_key)
        return _something(
            files, f"{text}: the folder holds no export (json, csv, log, parquet, zip)"
        )
    if not stat.S_ISREG(mode):
        raise ExportError(f"{text}: is not a regular file")
    return [path]


def _something(files: Sequence[Path], complaint: str) -> Sequence[Path]:
    if not files:
        raise ExportError(complaint)
    return files


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ExportError(f"{path}: cannot be read: {error.strerror or error}") from error


def _walk(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ExportError(f"{folder}: cannot be read: {error.strerror or error}") from error
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry)
        elif entry.is_file() and _is_export(entry):
            yield entry


def _is_export(path: Path) -> bool:
    if path.name == "metadata.json":
        return False
    rotated = _ROTATION.match(path.name)
    name = Path(rotated["stem"]) if rotated else path
    suffixes = [suffix.lower() for suffix in name.suffixes]
    kind = suffixes[-2] if len(suffixes) > 1 and suffixes[-1] in _PACKED else (suffixes or [""])[-1]
    return kind in _EXPORT_SUFFIXES or (not suffixes and name.name in {"syslog", "messages"})


def _series(path: Path) -> str:
    rotated = _ROTATION.match(path.name)
    if path.name.startswith("batch_"):
        return str(path.parent / "batch")
    return str(path.parent / rotated["stem"]) if rotated else str(path)


def _arrival_key(path: Path) -> tuple[object, ...]:
    rotated = _ROTATION.match(path.name)
    stem = rotated["stem"] if rotated else path.name
    natural = [
        (1, int(part), "") if part.isdigit() else (0, 0, part) for part in _NUMBER.split(stem)
    ]
    return (str(path.parent), natural, -int(rotated["age"]) if rotated else 1)
