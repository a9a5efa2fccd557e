"""Drift of distributions: an effect size with a bound, and a test corrected over all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.monitoring.sketch import Sketch, dependence, sketch_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["Drift", "drift_between", "drifts", "sketches_of"]

_ERRORS_BELOW = 1.96  # holds in about 95 of 100 cases: it is taken where the distance is largest


@dataclass(frozen=True, kw_only=True)
class Drift:
    """How far a distribution moved away from its sketch.

    `distance` is the Kolmogorov-Smirnov distance in [0, 1] at the sketch's points; `at_least` its
    lower 95 % confidence bound at the point where it is largest; `p_value` that of no change
    at all, Holm-corrected over everything that was compared. It `drifted` where `at_least` exceeds
    the threshold and `p_value` is at most the false-alarm rate: the first keeps a change smaller
    than the threshold quiet however many windows show it, the second keeps noise quiet however few.
    """

    name: str
    distance: float
    at_least: float
    p_value: float
    windows: int
    drifted: bool


def drifts(
    sketches: Mapping[str, Sketch],
    values: Mapping[str, np.ndarray],
    *,
    threshold: float,
    false_alarm_rate: float,
) -> list[Drift]:
    """Drift of each name with values on both sides, largest distance first.

    When nothing changed, any of them drifts with probability at most `false_alarm_rate`, at every
    number of rows. Rows count as `rows / dependence` independent ones.
    """
    import numpy as np

    compared = []
    for name, sketch in sketches.items():
        present = values[name][~np.isnan(values[name])]
        if sketch.count and len(present):
            compared.append((name, len(present), *_compare(sketch, present)))
    corrected = _holm([p_value for *_, p_value in compared])
    found = [
        Drift(
            name=name,
            distance=distance,
            at_least=at_least,
            p_value=p_value,
            windows=windows,
            drifted=at_least > threshold and p_value <= false_alarm_rate,
        )
        for (name, windows, distance, at_least, _), p_value in zip(compared, corrected, strict=True)
    ]
    return sorted(found, key=lambda drift: (-drift.distance, drift.name))


def sketches_of(X: pd.DataFrame, series: np.ndarray) -> dict[str, Sketch]:
    """A sketch of each column of X; rows in order of time within each `series`, shape (n,)."""
    values = X.to_numpy("float64")
    neighbours = dependence(values, series)
    return {
        name: sketch_of(column, dependence=float(neighbour))
        for name, column, neighbour in zip(X.columns, values.T, neighbours, strict=True)
    }


def drift_between(
    before: pd.DataFrame,
    after: pd.DataFrame,
    *,
    series: np.ndarray,
    threshold: float,
    false_alarm_rate: float,
) -> list[Drift]:
    """Drift of each column of `before`, whose rows belong to `series`, shape (n_before,)."""
    return drifts(
        sketches_of(before, series),
        {name: after[name].to_numpy("float64") for name in before.columns},
        threshold=threshold,
        false_alarm_rate=false_alarm_rate,
    )


def _compare(sketch: Sketch, values: np.ndarray) -> tuple[float, float, float]:
    """Distance, its lower bound, and the p-value of no change."""
    import numpy as np

    below = np.array(sketch.below)
    expected, counted = below / sketch.count, sketch.counts_below(values)
    difference = counted / len(values) - expected
    where = int(np.abs(difference).argmax())
    distance = float(abs(difference[where]))
    before, after = sketch.count / sketch.dependence, len(values) / sketch.dependence
    spread = _variance(expected[where], before) + _variance(counted[where] / len(values), after)
    effective = before * after / (before + after)
    p_value = 2 * min(
        _smirnov(distance, effective), _cramer_von_mises(sketch, difference, effective)
    )
    return distance, max(0.0, distance - _ERRORS_BELOW * math.sqrt(spread)), min(1.0, p_value)


def _variance(share: float, rows: float) -> float:
    """Of a share among `rows` independent ones; never 0, also for a share of 0 (Agresti-Coull)."""
    share = (share * rows + 2) / (rows + 4)
    return float(share * (1 - share) / rows)


def _smirnov(distance: float, effective: float) -> float:
    """P(distance or more | no change), at most (Massart 1990); ties only make it rarer."""
    return 2 * math.exp(-2 * effective * distance**2)


def _cramer_von_mises(sketch: Sketch, difference: np.ndarray, effective: float) -> float:
    """P(mean squared difference or more | no change): stronger than Smirnov's against a shift.

    Over mid-distribution functions, which ties make smaller but never larger; the tail is the
    first term of Zolotarev's expansion (1961), a tenth of it added for the rest.
    """
    import numpy as np

    weight = np.diff(np.array(sketch.below), prepend=0) / sketch.count
    middle = (difference + np.concatenate([[0.0], difference[:-1]])) / 2
    statistic = effective * float((weight * middle**2).sum())
    return 1.1 * math.sqrt(2) * math.erfc(math.sqrt(math.pi**2 * statistic / 2))


def _holm(p_values: list[float]) -> list[float]:
    """Adjusted p-values that keep the family-wise error rate (Holm 1979)."""
    order = sorted(range(len(p_values)), key=lambda position: p_values[position])
    adjusted, largest = [1.0] * len(p_values), 0.0
    for rank, position in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[position]))
        adjusted[position] = largest
    return adjusted
