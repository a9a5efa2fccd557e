"""Would another seed raise the same alerts? Agreement of forests that differ in nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.evaluation.thresholds import flagged_at_budget
from wifitrain.records import CALIBRATION, FIT, TEST, Detector, Trained

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.evaluation.case import Case

__all__ = [
    "Agreement",
    "Panel",
    "SeedStability",
    "held_calibration",
    "jaccard",
    "measure_stability",
    "n_trees",
    "refit",
]

_SEED_LIMIT = 2**32


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Mean agreement over all pairs of seeds; None where no pair flags anything or all tie."""

    jaccard: float | None  # flagged sets: intersection over union
    spearman: float | None  # ranks of the scores
    pairs: int
    n_estimators: int | None = None


@dataclass(frozen=True, kw_only=True)
class SeedStability:
    """Agreement at the model's own size, and at each other size that was measured."""

    seeds: int
    deterministic: bool  # the seed changes nothing
    windows: int
    jaccard: float | None
    spearman: float | None
    n_estimators: int | None
    by_size: tuple[Agreement, ...]


def jaccard(first: np.ndarray, second: np.ndarray) -> float | None:
    """Intersection over union of two boolean sets of shape (n,); None where both are empty."""
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else None


class Panel:
    """Scores of one configuration by seed, shape (n_seeds, n_windows), whatever the budget.

    Each seed's threshold is set on the windows where `calibration`, (n_windows,), is true.
    """

    def __init__(self, scores: np.ndarray, *, calibration: np.ndarray) -> None:
        self.scores = scores
        self._ordered = np.sort(scores[:, calibration], axis=1)

    def flagged(self, contamination: float) -> np.ndarray:
        """Which windows each seed flags at the budget, shape (n_seeds, n_windows)."""
        pairs = zip(self.scores, self._ordered, strict=True)
        return np.array([flagged_at_budget(*one, contamination, is_sorted=True) for one in pairs])

    def agreement(self, contamination: float, *, n_estimators: int | None = None) -> Agreement:
        """Agreement of the seeds two by two."""
        overlaps = [jaccard(a, b) for a, b in combinations(self.flagged(contamination), 2)]
        return Agreement(
            jaccard=_mean([overlap for overlap in overlaps if overlap is not None]),
            spearman=self._spearman,
            pairs=len(overlaps),
            n_estimators=n_estimators,
        )

    @cached_property
    def is_one(self) -> bool:
        """Whether every seed gives the same scores."""
        return all(np.array_equal(self.scores[0], other) for other in self.scores[1:])

    @cached_property
    def _spearman(self) -> float | None:
        return _mean(_rank_correlations(self.scores))


def measure_stability(case: Case, *, seeds: int, sizes: Sequence[int]) -> SeedStability:
    """Refit with `seeds` other seeds on the fit part, compare on calibration and test windows.

    The sizes of one seed are asked for one after another, the smallest first: a longer forest
    extends a shorter one. Estimators without trees are compared at their own configuration.
    """
    own = n_trees(case.trained.detector)
    measured: list[int | None] = [None] if own is None else [*sorted({*sizes, own})]
    panels = case.shared_by_sizes(
        "evaluation.refitted", seeds, measured, lambda missing: _panels(case, seeds, missing)
    )
    by_size = tuple(
        panel.agreement(case.scored.contamination, n_estimators=size)
        for panel, size in zip(panels, measured, strict=True)
    )
    mine = by_size[measured.index(own)]
    same = all(panel.is_one for panel in panels)
    return SeedStability(
        seeds=seeds,
        deterministic=same,
        windows=len(case.rows(CALIBRATION, TEST)),
        jaccard=1.0 if same else mine.jaccard,
        spearman=1.0 if same else mine.spearman,
        n_estimators=own,
        by_size=() if own is None else by_size,
    )


def held_calibration(case: Case) -> np.ndarray:
    """Which of the calibration and test windows are of the calibration part, shape (n_held,)."""
    in_calibration: np.ndarray = case.parts.rows(CALIBRATION)[case.rows(CALIBRATION, TEST)]
    return in_calibration


def _panels(case: Case, seeds: int, sizes: Sequence[int | None]) -> list[Panel]:
    """Scores of calibration and test windows by seed, of each size."""
    fit, later = case.matrix(FIT), case.matrix(CALIBRATION, TEST)
    tables = [
        [
            np.asarray(refit(case.trained, fit, seed=seed, n_estimators=size).score(later))
            for size in sizes
        ]
        for seed in _seeds(case.random_state, seeds)
    ]
    calibration = held_calibration(case)
    return [
        Panel(np.array(scores), calibration=calibration) for scores in zip(*tables, strict=True)
    ]


def _rank_correlations(scores: np.ndarray) -> list[float]:
    from scipy.stats import rankdata

    ranks = rankdata(scores, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    norms = np.sqrt((ranks**2).sum(axis=1))
    pairs = combinations(range(len(ranks)), 2)
    return [
        float(ranks[a] @ ranks[b] / (norms[a] * norms[b]))
        for a, b in pairs
        if norms[a] > 0 and norms[b] > 0
    ]


def refit(
    trained: Trained, X: pd.DataFrame, *, seed: int, n_estimators: int | None = None
) -> Detector:
    """`trained.refit` with the forest size only where there is a forest."""
    if n_estimators is None:
        return trained.refit(X, seed=seed)
    return trained.refit(X, seed=seed, n_estimators=n_estimators)


def n_trees(detector: Detector) -> int | None:
    """Trees of the forest inside `detector`, or None where there is no forest."""
    trees: int | None = getattr(detector, "n_estimators", None)
    return trees


def _seeds(random_state: int, n: int) -> list[int]:
    return [(random_state + 1 + i) % _SEED_LIMIT for i in range(n)]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
