"""Scores among calibration scores: how many of those lie below each, whatever the budget."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from wifitrain.cache import remembered, room_for

__all__ = ["Ladder", "ladder_of"]


class Ladder:
    """`scores`, shape (n,), among `calibration` scores, shape (n_calibration,)."""

    def __init__(self, scores: np.ndarray, calibration: np.ndarray) -> None:
        self.scores = scores
        self.ordered: np.ndarray = np.sort(calibration)

    @cached_property
    def p_values(self) -> np.ndarray:
        """(1 + number of calibration scores at or above) / (n_calibration + 1), shape (n,).

        Marginal conformal p-values (Bates et al., Annals of Statistics 2023); small = anomalous.
        """
        n = len(self.ordered)
        at_or_above = n - np.searchsorted(self.ordered, self.scores, side="left")
        p_values: np.ndarray = (1 + at_or_above) / (n + 1)
        return p_values

    def confidence(self, *, contamination: float, flagged: np.ndarray) -> np.ndarray:
        """Probability that each decision stays with another calibration sample, shape (n,).

        ExCeeD (Perini, Vercruyssen, Davis, ECML PKDD 2020): with n calibration scores, of which s
        lie at or below the score, the chance to be outranked is (1 + s) / (2 + n), and the
        decision is an alert when more than n (1 - contamination) of n scores lie below: a
        binomial tail. It depends on the count alone, and of counts there are fewer than of scores.
        """
        from scipy.stats import binom

        n = len(self.ordered)
        counts, at = self._counts
        alert = 1 - binom.cdf(n - int(n * contamination), n, (1 + counts) / (2 + n))[at]
        confidence: np.ndarray = np.where(flagged, alert, 1 - alert)
        return confidence

    @cached_property
    def _counts(self) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of calibration scores at or below a score, and the place of each score's."""
        at_or_below = np.searchsorted(self.ordered, self.scores, side="right")
        counts = np.flatnonzero(np.bincount(at_or_below, minlength=1))
        place = np.zeros(len(self.ordered) + 1, dtype=np.int32)
        place[counts] = np.arange(len(counts))
        return counts, place[at_or_below]


def ladder_of(scores: np.ndarray, calibration: np.ndarray, *, of: object) -> Ladder:
    """The ladder of all jobs that share these `scores`; `calibration`: row numbers or a mask.

    `of`: what decides `calibration`, told apart by identity.
    """
    return remembered(
        "evaluation.ladder",
        "",
        lambda: Ladder(scores, scores[calibration]),
        of=(scores, of),
        most=room_for(2 * scores.nbytes),
    )
