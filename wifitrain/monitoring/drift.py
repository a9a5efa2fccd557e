"""Drift of features between two sets of windows, as an effect size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["FeatureDrift", "drift_between"]


@dataclass(frozen=True, kw_only=True)
class FeatureDrift:
    """How far a feature's distribution moved, and how far it moves by chance alone.

    `distance` is the two-sample Kolmogorov-Smirnov distance in [0, 1]; `noise` its 95 % point when
    nothing changed (Smirnov's asymptotic bound for the two sample sizes). A feature has drifted
    where the distance exceeds both the configured threshold and the noise: with few windows noise
    alone passes any threshold, with many a threshold on significance would pass everything.
    """

    feature: str
    distance: float
    noise: float
    drifted: bool


def drift_between(
    before: pd.DataFrame, after: pd.DataFrame, *, threshold: float
) -> list[FeatureDrift]:
    """Drift of each feature with values in both frames, largest distance first."""
    found = []
    for name in before.columns:
        one, other = before[name].dropna().to_numpy(), after[name].dropna().to_numpy()
        if len(one) and len(other):
            distance = _distance(one, other)
            noise = 1.358 * ((len(one) + len(other)) / (len(one) * len(other))) ** 0.5
            drifted = distance > max(threshold, noise)
            found.append(
                FeatureDrift(feature=name, distance=distance, noise=noise, drifted=drifted)
            )
    return sorted(found, key=lambda drift: (-drift.distance, drift.feature))


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference of the two empirical distribution functions."""
    import numpy as np

    one, other = np.sort(one), np.sort(other)
    values = np.concatenate([one, other])
    below_one = np.searchsorted(one, values, side="right") / len(one)
    below_other = np.searchsorted(other, values, side="right") / len(other)
    return float(np.abs(below_one - below_other).max())
