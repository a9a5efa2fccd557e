"""What says something of a model and nothing of its worth: no label-free number picks a better one.

Over 297 models and 39 data sets neither excess mass, mass volume nor consensus chose better than
the default forest (Ma et al., SIGKDD Explorations 2023).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.cache import remembered
from wifitrain.evaluation.massvolume import measure_mass_volume
from wifitrain.records import FIT, TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["Diagnostics", "agreement_with", "measure_diagnostics"]

_STREAM = 8
_ROWS = 1_000
_NEIGHBOURS = 10
_USE = "diagnostics: not for choosing"


@dataclass(frozen=True, kw_only=True)
class Diagnostics:
    """Numbers to look at when something seems odd."""

    excess_mass: float | None  # higher: the score wraps the data more tightly
    mass_volume: float | None  # lower: likewise
    consensus: float | None  # mean agreement with three plain detectors
    agreement: Mapping[str, float]  # Kendall's tau of the scores of test windows
    use: str = _USE


def measure_diagnostics(case: Case) -> Diagnostics:
    """Excess mass, mass volume, and consensus on the test part."""
    return case.shared("evaluation.diagnostics", None, lambda: _diagnostics(case))


def _diagnostics(case: Case) -> Diagnostics:
    excess, volume = measure_mass_volume(case)
    agreement = _consensus(case)
    return Diagnostics(
        excess_mass=None if math.isnan(excess) else excess,
        mass_volume=None if math.isnan(volume) else volume,
        consensus=float(np.mean(list(agreement.values()))) if agreement else None,
        agreement=agreement,
    )


def agreement_with(scores: np.ndarray, others: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Kendall's tau-b of `scores`, (n,), with each of `others`; those that never vary drop out.

    Its mean is the model centrality of Lin et al. ("InfoGAN-CR and ModelCentrality", ICML 2020),
    taken over to detectors by Ma et al. 2023: near to the others, which may all be wrong.
    """
    from scipy.stats import kendalltau

    found = {name: float(kendalltau(scores, other).statistic) for name, other in others.items()}
    return {name: tau for name, tau in found.items() if math.isfinite(tau)}


def _consensus(case: Case) -> dict[str, float]:
    """With a distance to the median, to a plane, and to neighbours, fitted to the fit part."""
    rows, others = remembered(
        "evaluation.plain detectors",
        str(case.random_state),
        lambda: _plain_detectors(case),
        of=(case.ground,),
    )
    return agreement_with(case.scored.estimator_score[rows], others)


def _plain_detectors(case: Case) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Row numbers of some test windows, and what each of the three says of them."""
    generator = case.generator(_STREAM)
    fit, rows = case.matrix(FIT), case.rows(TEST)
    if len(rows) > _ROWS:
        rows = np.sort(generator.choice(rows, _ROWS, replace=False))
    if len(fit) > _ROWS:
        fit = fit.iloc[np.sort(generator.choice(len(fit), _ROWS, replace=False))]
    scaled = _scaled(fit.to_numpy(), case.windows.X.iloc[rows].to_numpy())
    if scaled is None:
        return rows, {}
    known, new = scaled
    return rows, {
        "largest_deviation": np.abs(new).max(axis=1),
        "pca_residual": _residual(known, new),
        "nearest_neighbours": _neighbours(known, new),
    }


def _scaled(known: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Both in deviations from the known mean; undefined values are the mean."""
    filled = known[:, ~np.isnan(known).all(axis=0)]
    new = new[:, ~np.isnan(known).all(axis=0)]
    centre, spread = np.nanmean(filled, axis=0), np.nanstd(filled, axis=0)
    varying = spread > 0
    if not varying.any():
        return None
    centre, spread = centre[varying], spread[varying]
    one, other = (np.nan_to_num((x[:, varying] - centre) / spread) for x in (filled, new))
    return one, other


def _residual(known: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Distance to the plane of the leading half of the principal components."""
    _, _, directions = np.linalg.svd(known, full_matrices=False)
    kept = directions[: max(1, len(directions) // 2)]
    distance: np.ndarray = np.linalg.norm(new - new @ kept.T @ kept, axis=1)
    return distance


def _neighbours(known: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Mean distance to the nearest known windows."""
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=min(_NEIGHBOURS, len(known))).fit(known)
    mean: np.ndarray = near.kneighbors(new)[0].mean(axis=1)
    return mean
