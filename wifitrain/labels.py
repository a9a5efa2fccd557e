"""Labels that a user brings: intervals in a file, laid over windows."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.cache import remembered
from wifitrain.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import WindowTable

__all__ = ["Interval", "IntervalLabels"]


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Something that happened: ``[start, end)`` in UTC, on one access point or on all (None)."""

    start: dt.datetime
    end: dt.datetime
    access_point: str | None = None
    kind: str = ""


class IntervalLabels:
    """A CSV file of intervals: columns start, end (ISO, UTC) and optionally access_point, kind.

    Parameters
    ----------
    path : the file; None, or a name that does not end in .csv (then labels are a field on the
        rows), marks nothing.
    """

    def __init__(self, *, path: str | None = None) -> None:
        if path is not None and not isinstance(path, str):
            raise ConfigError(
                f"source.labels must be null, a field on the rows or a CSV file, got {path!r}"
            )
        self.path = path if path and path.endswith(".csv") else None
        self.intervals = _read(Path(self.path)) if self.path else []

    def mark(self, windows: WindowTable) -> WindowTable:
        """Windows that touch an interval become True, all others False (where labels exist).

        An interval counts for windows whose entity is its access point or a part of it.
        """
        if not self.path:
            return windows
        told = repr(self.intervals)
        return remembered(
            "labels.marked", told, lambda: self._marked(windows), of=(windows,), most=1
        )

    def _marked(self, windows: WindowTable) -> WindowTable:
        index = windows.index.copy()
        marked = index["start"].isna()  # False everywhere, in the index's own shape
        for interval in self.intervals:
            marked |= _touched(index, interval)
        index["label"] = (index["label"].fillna(False) | marked).astype("boolean")
        return replace(windows, index=index)


def _touched(index: pd.DataFrame, interval: Interval) -> pd.Series:
    touched = (index["start"] < interval.end) & (index["end"] > interval.start)
    if interval.access_point is not None:
        name = interval.access_point
        touched &= (index["entity"] == name) | index["entity"].str.startswith(f"{name}/")
    return touched


def _read(path: Path) -> list[Interval]:
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            return [_interval(row, f"{path}: line {reader.line_num}") for row in reader]
    except OSError as error:
        raise ConfigError(f"source.labels: {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"source.labels: {path} is not a CSV text: {error}") from error


def _interval(row: dict[str, str], where: str) -> Interval:
    try:
        start, end = (dt.datetime.fromisoformat(row[key]) for key in ("start", "end"))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"source.labels: {where}: expected columns start and end with ISO times"
            f" in UTC, got {row}"
        ) from error
    start, end = (_naive_utc(time) for time in (start, end))
    if start >= end:
        raise ConfigError(f"source.labels: {where}: ends before it begins")
    return Interval(
        start=start,
        end=end,
        access_point=row.get("access_point") or None,
        kind=row.get("kind") or "",
    )


def _naive_utc(time: dt.datetime) -> dt.datetime:
    return time.astimezone(dt.UTC).replace(tzinfo=None) if time.tzinfo else time
