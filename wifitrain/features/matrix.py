"""Facts of windows -> the feature matrix and its index, as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import FeatureError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from wifitrain.features.feature import Feature

__all__ = ["columns_of", "frames_of", "matrix_of", "undefined_features"]

_KEYS = ("entity", "window", "n_events", "label")
_PREFIX = "x_"


def matrix_of(facts: ir.Table, *, features: Sequence[Feature]) -> ir.Table:
    """The columns of X and of its index, one row for each window, in the order of (entity, start).

    A column may bear the name of a fact or of a key (n_events), hence the prefix of X's.
    """
    formulas = {
        f"{_PREFIX}{column}": formula(facts).cast("float64")
        for one in features
        for column, formula in one.columns.items()
    }
    return facts.order_by("entity", "window").select(*_KEYS, **formulas)


def frames_of(matrix: pd.DataFrame, *, window_s: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of `matrix_of` -> X (n_windows, n_columns) of float64 and its index."""
    names = [name for name in matrix.columns if name not in _KEYS]
    X = matrix[names].astype("float64")
    return X.rename(columns=lambda name: name.removeprefix(_PREFIX)), _index(matrix, window_s)


def _index(frame: pd.DataFrame, window_s: int) -> pd.DataFrame:
    import pandas as pd

    start = pd.to_datetime(frame["window"] * window_s, unit="s").astype("datetime64[us]")
    return pd.DataFrame(
        {
            "entity": frame["entity"],
            "start": start,
            "end": start + pd.Timedelta(seconds=window_s),
            "n_events": frame["n_events"].astype("int64"),
            "label": frame["label"].astype("Int64").astype("boolean"),
        }
    )


def undefined_features(X: pd.DataFrame, *, features: Sequence[Feature]) -> Mapping[str, str]:
    """Name -> reason of those of `features` that are undefined in every window."""
    empty = X.isna().all()
    return {
        one.name: "undefined in every window of this export"
        for one in features
        if all(empty[column] for column in one.columns)
    }


def columns_of(X: pd.DataFrame, *, columns: Sequence[str]) -> pd.DataFrame:
    """X with exactly these columns, in this order."""
    missing = [name for name in columns if name not in X.columns]
    if missing:
        raise FeatureError(f"not among the configured features: {', '.join(missing)}")
    if not columns:
        raise FeatureError("this export can feed none of the configured features")
    return X[list(columns)]
