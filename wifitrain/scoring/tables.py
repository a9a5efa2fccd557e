"""Rows of results as text that is safe where it is going: JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.printable import printable

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["FORMATS", "csv_text", "json_lines"]

FORMATS = ("table", "jsonl", "csv", "parquet")

#: A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_lines(rows: Iterable[Mapping[str, Json]]) -> str:
    """One strict JSON object a line; NaN is not JSON and becomes null."""
    return "".join(
        json.dumps(_strict(row), allow_nan=False, ensure_ascii=False) + "\n" for row in rows
    )


def csv_text(rows: Iterable[Mapping[str, Json]], *, columns: Sequence[str]) -> str:
    """CSV with a header; a text that a spreadsheet would run is led by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: Json) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return json.dumps(value) if isinstance(value, list | dict) else str(value)
    text = printable(value)
    return f"'{text}" if value.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def _strict(value: Json) -> Json:
    if isinstance(value, float) and (value != value or value in (float("inf"), -float("inf"))):  # noqa: PLR0124
        return None
    if isinstance(value, Mapping):
        return {key: _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    return value
