"""Verdicts given one after the other: each is on the disk before the next window is shown."""

from __future__ import annotations

import codecs
import csv
import io
import os
import shutil
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

from wifitrain.errors import DataError
from wifitrain.review.queue import VERDICTS

__all__ = ["open_windows", "save_verdict"]

_KEY = ("entity", "start")


def open_windows(path: Path) -> list[Mapping[str, str]]:
    """The rows of the queue without a verdict, in its order, every cell as it stands.

    Raises
    ------
    DataError : the file cannot be read.
    """
    names, rows = _rows(path)
    return [row for row in (_named(names, row) for row in rows) if not row["verdict"].strip()]


def save_verdict(path: Path, window: Mapping[str, str], verdict: str) -> None:
    """Write `verdict` (of VERDICTS) for `window`, a row of `open_windows`, into the queue.

    The file is read again and replaced whole: whatever else changed in it meanwhile stays, and a
    kill at any moment leaves the queue before this verdict or after it.

    Raises
    ------
    DataError : the window is not in the queue any more, somebody else gave it a verdict, or the
        file cannot be written.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"no verdict: {verdict!r}")
    names, rows = _rows(path)
    key = [window[name] for name in _KEY]
    found = [row for row in rows if [_named(names, row)[name] for name in _KEY] == key]
    if len(found) != 1:
        raise DataError(
            f"{path} was changed meanwhile: {window['entity']}, {window['start']} is in it"
            f" {len(found)} times; the verdicts before are saved"
        )
    if given := _named(names, found[0])["verdict"].strip():
        raise DataError(
            f"{path} was changed meanwhile: {window['entity']}, {window['start']} has the verdict"
            f" {given!r}, which stays; the verdicts before are saved"
        )
    place = names.index("verdict")
    found[0].extend([""] * (place + 1 - len(found[0])))
    found[0][place] = verdict
    _replace(path, names, rows)


def _rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """The head and the rows, cell by cell: names may be there twice, rows longer than the head."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return (rows[0], rows[1:]) if rows else ([], [])


def _named(names: list[str], row: list[str]) -> dict[str, str]:
    """A row by the names of its columns; a cell that is missing is empty."""
    return dict(zip_longest(names, row[: len(names)], fillvalue=""))


def _replace(path: Path, names: list[str], rows: list[list[str]]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        encoding = "utf-8-sig" if path.read_bytes().startswith(codecs.BOM_UTF8) else "utf-8"
        with open(temporary, "w", newline="", encoding=encoding) as file:
            shutil.copymode(path, temporary)  # before a word is in it that others may not read
            writer = csv.writer(file)
            writer.writerows([names, *rows])
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
