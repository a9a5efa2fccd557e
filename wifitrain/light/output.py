"""Where results go: a terminal, a pipe or a file, complete or not there at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.scoring import FORMATS, csv_text, json_lines

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = [
    "INCIDENT_COLUMNS",
    "NoticeLog",
    "Output",
    "incident_rows",
    "render",
    "window_rows",
    "write",
]

#: Columns of incidents where they are a table.
INCIDENT_COLUMNS = (
    "incident", "entity", "start", "end", "alerts", "peak_score", "raised_by", "because", "quiet",
    "nearest",
)  # fmt: skip
_WINDOW_COLUMNS = (
    "entity", "start", "end", "score", "estimator_score", "threshold", "is_anomaly", "reason",
)  # fmt: skip
_SHOWN_WINDOWS = 20


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
    """

    format: str = "table"
    path: str | None = None
    show: str = "incidents"
    pages: int = 30

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

    def content(self, frame: pd.DataFrame, told: Sequence[Mapping[str, Any]]) -> bytes:
        """Windows (`frame`) or what is `told` of incidents, as it is to be shown."""
        if self.show == "windows":
            rows = window_rows(frame)
        elif self.format == "jsonl":
            rows = [dict(one) for one in told]
        else:
            rows = incident_rows(one for one in told if one["state"] == "closed")
        return render(rows, form=self.format, what=self.show)


def incident_rows(told: Iterable[Mapping[str, Any]]) -> list[dict[str, Json]]:
    """Incidents with their explanation in words."""
    return [{**one, "because": _because(one), "nearest": _nearest(one)} for one in told]


def window_rows(frame: pd.DataFrame) -> list[dict[str, Json]]:
    """Windows with their times as ISO text."""
    frame = frame.assign(
        start=frame["start"].dt.strftime("%Y-%m-%dT%H:%M:%S"),
        end=frame["end"].dt.strftime("%Y-%m-%dT%H:%M:%S"),
    )
    rows: list[dict[str, Json]] = frame.to_dict(orient="records")  # type: ignore[assignment]
    return rows


def render(rows: Sequence[Mapping[str, Any]], *, form: str, what: str) -> bytes:
    """`rows` (`what`: incidents or windows) as table, jsonl, csv or parquet."""
    columns = INCIDENT_COLUMNS if what == "incidents" else _WINDOW_COLUMNS
    if form == "jsonl":
        return json_lines(rows).encode()
    if form == "csv":
        return csv_text(rows, columns=columns).encode()
    if form == "parquet":
        return _parquet(rows, columns)
    return _table(rows, columns, what).encode()


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


def _because(one: Mapping[str, Any]) -> str:
    if one.get("reason"):
        return str(one["reason"])
    shown = [f"{part['feature']} {part['value']:.4g}" for part in one.get("because", ())[:3]]
    return ", ".join(shown)


def _nearest(one: Mapping[str, Any]) -> str | None:
    """The kind of incident that it resembles, with the similarity."""
    nearest = one.get("nearest")
    if not nearest or nearest["kind"] is None:
        return None
    return f"{nearest['kind']} {nearest['similarity']:.2f}"


def _parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    table = pa.table({column: [row.get(column) for row in rows] for column in columns})
    parquet.write_table(table, sink, compression="zstd")
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], what: str) -> str:
    """For people: incidents, or the windows that alert, the highest first."""
    import io

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from wifitrain.log import printable

    shown = list(rows)
    if what == "windows":
        alerts = [row for row in rows if row["is_anomaly"]]
        shown = sorted(alerts, key=lambda row: -row["score"])[:_SHOWN_WINDOWS]
    shown_columns = [name for name in columns if name not in ("incident", "threshold")]
    table = Table(*shown_columns, title_justify="left", title=_title(rows, what))
    for row in shown:
        cells = (_cell(row.get(column)) for column in shown_columns)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    out = io.StringIO()
    width = None if sys.stdout.isatty() else 160
    Console(file=out, width=width, highlight=False).print(table)
    return out.getvalue()


def _title(rows: Sequence[Mapping[str, Any]], what: str) -> str:
    if what == "incidents":
        return f"{len(rows)} incidents"
    alerts = sum(bool(row["is_anomaly"]) for row in rows)
    return f"{alerts} of {len(rows)} windows alert (at most {_SHOWN_WINDOWS} shown)"


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a row holds
    if value is None:
        return ""
    return f"{value:.4f}" if isinstance(value, float) else str(value)
