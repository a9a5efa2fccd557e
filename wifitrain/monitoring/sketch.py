"""A distribution in at most a few hundred numbers: what a package remembers of a feature."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Sketch", "dependence", "sketch_of"]

_POINTS = 200
_LAGS = 24
_ROWS_FOR_DEPENDENCE = 20_000
_NO_CORRELATION = 0.05


class Sketch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The distribution function of `count` values at chosen points.

    `points` are values that occurred, ascending; `below[i]` counts the values up to and including
    `points[i]`, exactly, and the last of them is `count`. `missing` rows had no value. `dependence`
    is how many neighbouring rows say as much as one independent row, at least 1.
    """

    points: list[float]
    below: list[int]
    count: int
    missing: int = 0
    dependence: float = 1.0

    def __post_init__(self) -> None:
        ordered = all(
            one < other
            for values in (self.points, self.below)
            for one, other in itertools.pairwise(values)
        )
        fits = len(self.points) == len(self.below) and [self.count] == (self.below[-1:] or [0])
        if not ordered or not fits or self.count < 0 or self.missing < 0 or self.dependence < 1:
            raise ValueError("a sketch whose numbers contradict each other")

    def counts_below(self, values: np.ndarray) -> np.ndarray:
        """How many of `values` (no NaN) lie at or below each point, shape (n_points,)."""
        import numpy as np

        counts: np.ndarray = np.searchsorted(np.sort(values), self.points, side="right")
        return counts


def sketch_of(values: np.ndarray, *, dependence: float = 1.0) -> Sketch:
    """The sketch of `values`, shape (n,), NaN where a row has none.

    Up to 200 distinct values are kept exactly; of more, quantiles at equal steps.
    """
    import numpy as np

    present = np.sort(values[~np.isnan(values)])
    distinct = np.unique(present)
    if len(distinct) > _POINTS:
        steps = np.linspace(0, 1, _POINTS)
        distinct = np.unique(np.quantile(present, steps, method="higher"))
    below = np.searchsorted(present, distinct, side="right")
    return Sketch(
        points=distinct.tolist(),
        below=below.tolist(),
        count=len(present),
        missing=len(values) - len(present),
        dependence=dependence,
    )


def dependence(values: np.ndarray, series: np.ndarray) -> np.ndarray:
    """How many neighbouring rows say as much as one independent row, shape (n_columns,), >= 1.

    One plus twice the sum of the autocorrelations up to the first that is negligible (integrated
    autocorrelation time; Sokal 1997), over at most 24 rows. `values` has shape (n, n_columns) with
    rows in order of time within each `series`, shape (n,).
    """
    import numpy as np

    values, series = values[:_ROWS_FOR_DEPENDENCE], series[:_ROWS_FOR_DEPENDENCE]
    has_value = ~np.isnan(values)
    counts = np.maximum(has_value.sum(axis=0), 1)
    mean = np.where(has_value, values, 0.0).sum(axis=0) / counts
    centred = np.where(has_value, values - mean, 0.0)
    variance = (centred**2).sum(axis=0)
    total = np.ones(values.shape[1])
    going = variance > 0
    for lag in range(1, min(_LAGS, len(values) - 1) + 1):
        same = series[lag:] == series[:-lag]
        product = (centred[lag:] * centred[:-lag])[same].sum(axis=0)
        correlation = np.divide(product, variance, out=np.zeros_like(total), where=variance > 0)
        going &= correlation > _NO_CORRELATION
        total += np.where(going, 2 * correlation, 0.0)
    return total
