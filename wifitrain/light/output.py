"""Where results go: a terminal, a pipe or a file, complete or not there at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.export.database import Server
from wifitrain.export.postgres_settings import check_password, check_url
from wifitrain.export.settings import check_table
from wifitrain.light.database import ScoreTable
from wifitrain.light.rendering import incident_rows, render, window_rows
from wifitrain.scoring import FORMATS, json_lines

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["NoticeLog", "Output", "write"]


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a scored export is shown as.

    Parameters
    ----------
    format : table, jsonl, csv or parquet.
    path : where to; None leaves that to whoever runs.
    show : incidents or windows.
    pages : incidents with a section of their own in report.html, those with the highest scores;
        0 writes no report.html.
    table : table of PostgreSQL that takes every scored window, too (`ScoreTable`); None: none.
    url : its database, postgresql://user@host:port/database, without a password.
    password_variable : environment variable that holds the password; None leaves it to libpq's
        own ways (PGPASSWORD, PGPASSFILE, ~/.pgpass).
    """

    format: str = "table"
    path: str | None = None
    show: str = "incidents"
    pages: int = 30
    table: str | None = None
    url: str | None = None
    password_variable: str | None = None

    def __post_init__(self) -> None:
        for key, value, allowed in (
            ("format", self.format, FORMATS),
            ("show", self.show, ("incidents", "windows")),
        ):
            if value not in allowed:
                raise ConfigError(
                    f"output.{key} must be one of {', '.join(allowed)}, got {value!r}"
                )
        if isinstance(self.pages, bool) or not isinstance(self.pages, int) or self.pages < 0:
            raise ConfigError(f"output.pages must be a whole number from 0, got {self.pages!r}")
        if self.path is not None and not isinstance(self.path, str):
            raise ConfigError(f"output.path must be null or a path, got {self.path!r}")
        if self.url is not None and self.table is None:
            raise ConfigError("output.url needs output.table, the table to write to")
        if self.table is not None:
            self.database()

    def database(self) -> ScoreTable | None:
        """The table that takes the windows, or None; the password is read here and kept in it."""
        if self.table is None:
            return None
        return ScoreTable(
            server=Server(
                url=check_url(self.url, group="output"),
                password=check_password(self.password_variable, group="output"),
                statement_timeout_s=0,
            ),
            table=check_table("output.table", self.table),
        )

    def content(self, frame: pd.DataFrame, told: Sequence[Mapping[str, Any]]) -> bytes:
        """Windows (`frame`) or what is `told` of incidents, as it is to be shown."""
        if self.show == "windows":
            rows = window_rows(frame)
        elif self.format == "jsonl":
            rows = [dict(one) for one in told]
        else:
            rows = incident_rows(one for one in told if one["state"] == "closed")
        return render(rows, form=self.format, what=self.show)


def write(content: bytes, path: str | None) -> None:
    """To the file at `path`, or to standard output where there is none.

    Raises
    ------
    ConfigError : the file cannot be written.
    """
    if path is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        raise ConfigError(f"output: cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


class NoticeLog:
    """Notices as JSON lines, appended to a file or written to standard output.

    A file has each notice once whenever the run is killed: `cut` takes away what was written
    after the last saved state, and the run that goes on from that state writes it again.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._descriptor = 1
        if path is not None:
            try:
                self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            except OSError as error:
                raise ConfigError(f"output: cannot write {path}: {error.strerror}") from error

    @property
    def length(self) -> int | None:
        """Bytes of the file; None for standard output."""
        return None if self._path is None else os.fstat(self._descriptor).st_size

    def cut(self, length: int | None) -> None:
        """Back to an earlier length."""
        if length is not None and self.length is not None and self.length > length:
            os.ftruncate(self._descriptor, length)

    def append(self, told: Iterable[Mapping[str, Json]]) -> None:
        """Write notices; on the disk when this returns, for a file."""
        content = memoryview(json_lines(told).encode())
        if not content:
            return
        while content:
            content = content[os.write(self._descriptor, content) :]
        if self._path is not None:
            os.fsync(self._descriptor)
