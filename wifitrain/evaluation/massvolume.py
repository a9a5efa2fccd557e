"""Excess mass and mass volume: how tightly a score wraps the data. Diagnostics, never selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wifitrain.evaluation.stability import n_trees, refit

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.evaluation.case import Case

__all__ = ["excess_mass", "mass_volume", "measure_mass_volume"]

_STREAM = 7
_COLUMNS, _DRAWS = 5, 3
_ROWS, _POINTS = 2_000, 5_000
_LEAST_EXCESS = 0.9
_ALPHAS = (0.9, 0.999)
_STEPS = 200


def excess_mass(scores: np.ndarray, uniform: np.ndarray, *, volume: float) -> float:
    """Area under the excess mass curve down to .9; higher is better.

    EM(t) = max over u of P(s < u) - t Leb(s < u), for scores s where higher = more anomalous
    (Goix, "How to evaluate the quality of unsupervised anomaly detection algorithms?", ICML 2016
    workshop). `scores`: of the data, shape (n,); `uniform`: of points drawn uniformly from a box
    of that `volume`, (m,).
    """
    mass, size = _levels(scores, uniform, volume=volume)
    # EM(t) is a maximum of straight lines: it falls to .9 where the last of them does.
    steep = size > 0
    reach = (mass[steep] - _LEAST_EXCESS) / size[steep]
    if (mass[~steep] > _LEAST_EXCESS).any() or not len(reach) or reach.max() <= 0:
        return 0.0
    t = np.linspace(0, reach.max(), _STEPS)
    return float(np.trapezoid([(mass - at * size).max() for at in t], t))


def mass_volume(scores: np.ndarray, uniform: np.ndarray, *, volume: float) -> float:
    """Area under the mass volume curve from .9 to .999; lower is better.

    MV(a) = the least Leb(s <= u) with P(s <= u) >= a (Goix 2016). Arguments as in `excess_mass`.
    """
    alphas = np.linspace(*_ALPHAS, _STEPS)
    ordered = np.sort(scores)
    rank = np.ceil(alphas * len(ordered) - 1e-9).astype(int)
    levels = ordered[np.clip(rank, 1, len(ordered)) - 1]
    inside = np.searchsorted(np.sort(uniform), levels, side="right")
    return float(np.trapezoid(inside / len(uniform) * volume, alphas))


def measure_mass_volume(case: Case) -> tuple[float, float]:
    """Excess mass and mass volume of the configuration on the test windows.

    Volumes need few dimensions: means over refits to five columns drawn at random, each scaled to
    its range in the test part (feature sub-sampling, Goix 2016, section 4).
    """
    from wifitrain.records import FIT, TEST

    generator = case.generator(_STREAM)
    fit = case.matrix(FIT)
    fit = fit.iloc[_some(len(fit), generator)]
    test = case.matrix(TEST)
    test = test.iloc[_some(len(test), generator)]
    varying = [n for n in fit.columns if fit[n].nunique() > 1 and test[n].nunique() > 1]
    if not varying:
        return float("nan"), float("nan")
    drawn = [
        list(generator.permutation(varying)[: min(_COLUMNS, len(varying))])
        for _ in range(_DRAWS if len(varying) > _COLUMNS else 1)
    ]
    both = [_of_columns(case, fit[names], test[names], generator) for names in drawn]
    found = np.mean(both, axis=0)
    return float(found[0]), float(found[1])


def _of_columns(
    case: Case, fit: pd.DataFrame, test: pd.DataFrame, generator: np.random.Generator
) -> tuple[float, float]:
    """Of one draw of columns; the volume is counted in units of the test part's box."""
    low, high = test.min().to_numpy(), test.max().to_numpy()
    points = test.iloc[:0].reindex(range(_POINTS))
    points[:] = low + (high - low) * generator.random((_POINTS, test.shape[1]))
    detector = refit(
        case.trained, fit, seed=case.random_state, n_estimators=n_trees(case.trained.detector)
    )
    scores, uniform = np.asarray(detector.score(test)), np.asarray(detector.score(points))
    return (
        excess_mass(scores, uniform, volume=1.0),
        mass_volume(scores, uniform, volume=1.0),
    )


def _levels(
    scores: np.ndarray, uniform: np.ndarray, *, volume: float
) -> tuple[np.ndarray, np.ndarray]:
    """Mass and volume below each level of the score, from nothing to everything."""
    levels = np.unique(scores)
    mass = np.searchsorted(np.sort(scores), levels, side="right") / len(scores)
    size = np.searchsorted(np.sort(uniform), levels, side="right") / len(uniform) * volume
    return np.append(0.0, mass), np.append(0.0, size)


def _some(n: int, generator: np.random.Generator) -> np.ndarray:
    rows = np.arange(n)
    return rows if n <= _ROWS else np.sort(generator.choice(rows, _ROWS, replace=False))
