"""Rows of results as a table, JSON lines, CSV or Parquet."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.printable import printable
from wifitrain.scoring import csv_text, json_lines

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["incident_rows", "render", "window_rows"]

#: Columns of incidents where they are a table.
INCIDENT_COLUMNS = (
    "incident", "entity", "start", "end", "alerts", "peak_score", "raised_by", "because", "quiet",
    "nearest",
)  # fmt: skip
_WINDOW_COLUMNS = (
    "entity", "start", "end", "score", "estimator_score", "threshold", "is_anomaly", "reason",
)  # fmt: skip
_SHOWN_WINDOWS = 20


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
