"""Verdicts given one after the other: each is on the disk before the next window is shown."""

from __future__ import annotations

import codecs
import csv
import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from wifitrain.errors import DataError
from wifitrain.review.queue import VERDICTS

__all__ = ["open_windows", "save_verdict"]

_KEY = ("entity", "start")
_BEYOND = "\0beyond"  # the cells of a row that has more than the head: no name in a text


def open_windows(path: Path) -> list[Mapping[str, str]]:
    """The rows of the queue without a verdict, in its order, every cell as it stands.

    Raises
    ------
    DataError : the file cannot be read.
    """
    return [row for row in _rows(path)[1] if not row["verdict"].strip()]


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
    found = [row for row in rows if all(row[key] == window[key] for key in _KEY)]
    if len(found) != 1:
        raise DataError(
            f"{path} was changed meanwhile: {window['entity']}, {window['start']} is in it"
            f" {len(found)} times; the verdicts before are saved"
        )
    if given := found[0]["verdict"].strip():
        raise DataError(
            f"{path} was changed meanwhile: {window['entity']}, {window['start']} has the verdict"
            f" {given!r}, which stays; the verdicts before are saved"
        )
    found[0]["verdict"] = verdict
    _replace(path, names, rows)


def _rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """The head and the rows; a cell that is missing is empty."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey=_BEYOND, restval="")
    rows = list(reader)
    return list(reader.fieldnames or ()), rows


def _replace(path: Path, names: list[str], rows: list[dict[str, str]]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        encoding = "utf-8-sig" if path.read_bytes().startswith(codecs.BOM_UTF8) else "utf-8"
        with open(temporary, "w", newline="", encoding=encoding) as file:
            shutil.copymode(path, temporary)  # before a word is in it that others may not read
            writer = csv.writer(file)
            writer.writerow(names)
            for row in rows:
                writer.writerow([*(row[name] for name in names), *row.get(_BEYOND, ())])
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
