"""Columns of a ready table: numbers to learn from, labels, and times."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

__all__ = ["features_of", "labels_of", "times_of"]

_DEFAULT_LABELS = "y"
_STEP_S = 60
_TRUTHS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}


def features_of(frame: pd.DataFrame, *, name: Path) -> pd.DataFrame:
    """Every column as float64; what is missing is NaN.

    Raises
    ------
    ExportError : no column, or one that is no number or infinite somewhere.
    """
    import numpy as np
    import pandas as pd

    if frame.empty:
        raise ExportError(f"{name}: no rows, or no column beside time and labels")
    wrong = [one for one in frame.columns if not pd.api.types.is_numeric_dtype(frame[one])]
    if wrong:
        raise ExportError(
            f"{name}: columns must be numbers, but {', '.join(map(str, wrong[:5]))} are not"
            " (source.time and source.labels name columns of other kinds)"
        )
    X = frame.astype("float64")
    X.columns = [str(one) for one in frame.columns]
    infinite = X.columns[np.isinf(X.to_numpy()).any(axis=0)]
    if len(infinite):
        raise ExportError(f"{name}: infinite values in {', '.join(infinite[:5])}")
    return X


def labels_of(frame: pd.DataFrame, column: str | None, *, name: Path) -> ExtensionArray:
    """True, False or missing for each row, shape (n,).

    Raises
    ------
    ExportError : the column is not there, or holds something else.
    """
    import pandas as pd

    if column is None and _DEFAULT_LABELS not in frame.columns:
        return pd.array([pd.NA] * len(frame), dtype="boolean")
    labels = _column(frame, column or _DEFAULT_LABELS, key="labels", name=name)
    texts = labels.astype("string").str.lower()
    found = texts.map(_TRUTHS)
    wrong = texts[found.isna() & texts.notna()]
    if len(wrong):
        raise ExportError(
            f"{name}: row {wrong.index[0] + 1}: label {wrong.iloc[0]!r}: expected 1, 0, true,"
            " false or nothing"
        )
    return found.astype("boolean").array


def times_of(frame: pd.DataFrame, column: str | None, *, name: Path) -> tuple[pd.Series, int]:
    """Start of each row in UTC, and how many seconds lie between two rows (median, at least 1).

    Raises
    ------
    ExportError : the column is not there, or holds something that is no time.
    """
    import pandas as pd

    if column is None:
        seconds = pd.to_timedelta(pd.RangeIndex(len(frame)) * _STEP_S, unit="s")
        start = pd.Series(pd.Timestamp("2000-01-01") + seconds)
        return start.astype("datetime64[us]"), _STEP_S
    given = _column(frame, column, key="time", name=name)
    unit = {"unit": "s"} if pd.api.types.is_numeric_dtype(given) else {}
    try:
        start = pd.to_datetime(given, utc=True, **unit)  # type: ignore[call-overload]
    except (ValueError, TypeError, OverflowError) as error:
        raise ExportError(f"{name}: source.time={column}: {error}") from error
    if start.isna().any():
        row = int(start.isna().to_numpy().argmax()) + 1
        raise ExportError(f"{name}: row {row}: no time in column {column}")
    start = start.dt.tz_localize(None).astype("datetime64[us]")
    step = start.sort_values().diff().median()
    return start, _STEP_S if pd.isna(step) else max(1, round(step.total_seconds()))


def _column(frame: pd.DataFrame, column: str, *, key: str, name: Path) -> pd.Series:
    if column not in frame.columns:
        has = ", ".join(map(str, frame.columns[:10]))
        raise ExportError(f"{name}: source.{key}: no column {column!r} (has {has})")
    found: pd.Series = frame[column]
    return found
