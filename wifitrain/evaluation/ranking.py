"""Would other training windows rank the same? Stability of ranks near the alert budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.evaluation.stability import n_trees, refit
from wifitrain.records import CALIBRATION, FIT, TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["RankStability", "Ranks", "measure_rank_stability"]

_STREAM = 6
_MASS_NEAR_BUDGET = 0.8


@dataclass(frozen=True, kw_only=True)
class RankStability:
    """1: every subsample of the fit part ranks alike; 0: ranks are drawn by lot."""

    stability: float
    rounds: int
    windows: int


def measure_rank_stability(case: Case, *, rounds: int) -> RankStability:
    """Refit on `rounds` random subsamples of the fit part, rank calibration and test windows."""
    ranks = case.shared("evaluation.subsamples", rounds, lambda: _ranks(case, rounds))
    return RankStability(
        stability=ranks.stability(case.scored.contamination),
        rounds=rounds,
        windows=len(case.rows(CALIBRATION, TEST)),
    )


def _ranks(case: Case, rounds: int) -> Ranks:
    from scipy.stats import rankdata

    X, held, generator = case.matrix(FIT), case.matrix(CALIBRATION, TEST), case.generator(_STREAM)
    size = n_trees(case.trained.detector)
    scores = []
    for _ in range(rounds):
        n = int(len(X) * generator.uniform(0.25, 0.75))
        rows = np.sort(generator.choice(len(X), size=max(n, 1), replace=False))
        detector = refit(case.trained, X.iloc[rows], seed=case.random_state, n_estimators=size)
        scores.append(detector.score(held))
    return Ranks.of(rankdata(np.array(scores), axis=1))


@dataclass(frozen=True, kw_only=True)
class Ranks:
    """Of each window over all rounds, as shares of the number of windows; shape (n_windows,)."""

    lowest: np.ndarray
    highest: np.ndarray
    spread: np.ndarray  # standard deviation

    @classmethod
    def of(cls, ranks: np.ndarray) -> Ranks:
        """Of `ranks`, 1 = most normal, shape (n_rounds, n_windows)."""
        shares = ranks / ranks.shape[1]
        return cls(lowest=shares.min(axis=0), highest=shares.max(axis=0), spread=shares.std(axis=0))

    def stability(self, contamination: float) -> float:
        """Ranking stability in [0, 1] (Perini, Galvin, Vercruyssen, ECML PKDD workshops 2020).

        A window counts by how much of a Beta distribution, peaked where the budget cuts, lies
        between its lowest and its highest rank, and by the spread of its ranks against that of
        ranks drawn by lot.
        """
        from scipy.stats import beta

        n = len(self.spread)
        by_lot = np.sqrt((n + 1) * (n - 1) / (12 * n**2))
        a, b = _beta_at_budget(contamination)
        area = beta.cdf(self.highest, a, b) - beta.cdf(self.lowest, a, b)
        return 1.0 - float(np.minimum(1.0, area * self.spread / by_lot).mean())


def _beta_at_budget(contamination: float) -> tuple[float, float]:
    """Beta distribution with its mode at 1 - contamination and 80 % within twice of it."""
    from scipy.optimize import brentq
    from scipy.stats import beta

    def first(b: float) -> float:
        return ((1 - contamination) * b + 2 * contamination - 1) / contamination

    def excess(b: float) -> float:
        below: float = beta.cdf(1 - 2 * contamination, first(b), b)
        return below - (1 - _MASS_NEAR_BUDGET)

    # b = 1 is the uniform distribution: large budgets cannot be peaked less.
    b = 1.0 if excess(1.0) <= 0 else float(brentq(excess, 1.0, 1000.0))
    return first(b), b
