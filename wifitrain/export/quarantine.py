"""Refused records go to one NDJSON file with their reason; it is complete or not there at all."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError

if TYPE_CHECKING:
    import duckdb

    from wifitrain.pseudonyms import Pseudonymiser

__all__ = ["write_quarantine"]

_REFUSED = """
SELECT f.path, t.record, t.code, t.reason, t.text FROM export_refused t
JOIN export_names f USING (file) ORDER BY t.file, t.record
"""
_ROWS_AT_ONCE = 1000


def write_quarantine(
    connection: duckdb.DuckDBPyConnection, path: Path, *, pseudonymiser: Pseudonymiser | None
) -> int:
    """Write every row of `export_refused` to `path`, mode 600, and return how many.

    A line holds file, record, code, reason, text (at most 4 kB). No file where nothing was refused.
    """
    rows = connection.execute(_REFUSED)
    block = rows.fetchmany(_ROWS_AT_ONCE)
    if not block:
        path.unlink(missing_ok=True)
        return 0
    written = 0
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(staged, "w", encoding="utf-8", opener=_private) as file:
            while block:
                file.writelines(_line(row, pseudonymiser) for row in block)
                written += len(block)
                block = rows.fetchmany(_ROWS_AT_ONCE)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            staged.unlink()
        raise ExportError(f"cannot write the quarantine {path}: {error.strerror}") from error
    return written


def _line(row: tuple[str, int, str, str, str], pseudonymiser: Pseudonymiser | None) -> str:
    file, record, code, reason, text = row
    if pseudonymiser is not None:
        reason, text = pseudonymiser.text(reason or ""), pseudonymiser.text(text or "")
    entry = {"file": file, "record": record, "code": code, "reason": reason, "text": text}
    return json.dumps(entry) + "\n"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
