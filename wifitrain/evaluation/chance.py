"""Average precision, how sure it is, and whether chance would reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wifitrain.evaluation.intervals import Blocks, Interval, percentile_interval

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["AveragePrecision"]

_STREAM = 5


class AveragePrecision:
    """Average precision of one ranking of `rows` under many weights and many truths.

    The ranking is sorted once: a resampled series is the same order with other weights.
    """

    def __init__(self, case: Case, rows: np.ndarray) -> None:
        self._case, self._rows = case, rows
        scores = case.scored.score[rows]
        self._order = np.argsort(-scores, kind="stable")
        ends = np.diff(scores[self._order]) != 0
        self._last_of_tie = np.flatnonzero(np.append(ends, True))

    def of(self, truth: np.ndarray, *, weights: np.ndarray | None = None) -> float | None:
        """Average precision of `truth` (0 or 1, in the order of rows); None with one class only."""
        counts = np.ones(len(truth), int) if weights is None else weights
        both = np.cumsum([counts[self._order], (counts * truth)[self._order]], axis=1)
        alerts, hits = both[:, self._last_of_tie]
        if not 0 < hits[-1] < alerts[-1]:
            return None
        precision = hits / np.maximum(alerts, 1)
        return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])

    def interval(self, *, rounds: int) -> Interval | None:
        """95 % by moving-block bootstrap; None where most rounds draw one class only."""
        case, rows = self._case, self._rows
        drawn = Blocks(case.starts[rows]).resampled_rows(
            rounds=rounds, generator=case.generator(_STREAM)
        )
        truth, n = case.labels[rows], len(rows)
        values = [self.of(truth, weights=np.bincount(d, minlength=n)) for d in drawn]
        found = [value for value in values if value is not None]
        return percentile_interval(np.array(found)) if len(found) > rounds / 2 else None

    def chance_p_value(self, *, rounds: int) -> float | None:
        """How often the same labels, shifted in time at random, are ranked at least as well.

        Each access point's labels are rolled round its own test part, so runs stay runs: what a
        scorer gains from a few long incidents alone is no evidence. Average precision minus
        prevalence would not do: it is above 0 for a scorer that draws lots when positives are few.
        """
        case, rows = self._case, self._rows
        truth, generator = case.labels[rows], case.generator(_STREAM + 1)
        observed = self.of(truth)
        if observed is None:
            return None
        by_time = np.lexsort((case.starts[rows], case.entities[rows]))
        entities = case.entities[rows][by_time]
        borders = np.flatnonzero(entities[1:] != entities[:-1])
        series = np.split(by_time, borders + 1)
        as_good = 0
        for _ in range(rounds):
            shifted = np.empty_like(truth)
            for one in series:
                shifted[one] = np.roll(truth[one], int(generator.integers(len(one))))
            as_good += (self.of(shifted) or 0.0) >= observed
        return (1 + as_good) / (1 + rounds)
