"""Feature distributions small enough for report.json: one histogram per feature and part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["summarise_features"]

_BINS = 24
_QUANTILES = (0, 0.5, 0.95, 1)


def summarise_features(X: pd.DataFrame, parts: np.ndarray) -> dict[str, dict[str, Any]]:
    """Histogram of each feature in the fit, calibration and test part.

    Parameters
    ----------
    X : shape (n_windows, n_features), NaN where undefined.
    parts : name of each window's part, shape (n_windows,).

    Returns
    -------
    feature -> ``edges`` (of k + 1 bins, rising), ``counts`` (part -> k counts), ``missing`` (part
    -> windows without a value), ``quantiles`` (part -> minimum, median, 95 % and maximum). Up to 24
    distinct values have a bin each; more are cut evenly in asinh(value), which is even for small
    values and logarithmic for large ones, so that one burst does not flatten everything else.
    """
    names = [part for part in ("fit", "calibration", "test") if (parts == part).any()]
    known = np.isin(parts, names)
    return {
        str(column): _summary(
            X[column].to_numpy(float)[known], [(name, parts[known] == name) for name in names]
        )
        for column in X.columns
    }


def _summary(values: np.ndarray, rows: list[tuple[str, np.ndarray]]) -> dict[str, Any]:
    there = np.isfinite(values)
    edges = _edges(values[there])
    by_part = {name: values[mask & there] for name, mask in rows}
    return {
        "edges": [float(edge) for edge in edges],
        "counts": {name: np.histogram(v, edges)[0].tolist() for name, v in by_part.items()},
        "missing": {name: int((mask & ~there).sum()) for name, mask in rows},
        "quantiles": {
            name: [float(q) for q in np.quantile(v, _QUANTILES, method="nearest")]
            for name, v in by_part.items()
            if len(v)
        },
    }


def _edges(values: np.ndarray) -> np.ndarray:
    distinct = np.unique(values)
    if not len(distinct):
        return np.array([0.0, 1.0])
    if len(distinct) == 1:
        return np.array([distinct[0] - 0.5, distinct[0] + 0.5])
    if len(distinct) <= _BINS:
        middles = (distinct[1:] + distinct[:-1]) / 2
        return np.concatenate([distinct[:1], middles, distinct[-1:]])
    edges = np.sinh(np.linspace(np.arcsinh(distinct[0]), np.arcsinh(distinct[-1]), _BINS + 1))
    edges[0], edges[-1] = distinct[0], distinct[-1]  # sinh(arcsinh(x)) is not always x
    within: np.ndarray = np.clip(edges, distinct[0], distinct[-1])
    return within
