"""Two models on the same trials or windows: how sure is their difference?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from wifitrain.errors import EvaluationError
from wifitrain.evaluation.intervals import Blocks, Interval, percentile_interval

__all__ = [
    "PairedDifference",
    "Statistic",
    "clustered_rows",
    "paired_bootstrap",
    "precision_difference",
    "recall_difference",
]

#: A model's quality on the rows (positions, any of them more than once); None where undefined.
Statistic = Callable[[np.ndarray], float | None]


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """First minus second; above 0 the first is better. Interval: 95 %, paired bootstrap."""

    difference: float
    interval: Interval
    pairs: int

    @property
    def holds_zero(self) -> bool:
        """The difference may be chance."""
        return self.interval[0] <= 0 <= self.interval[1]


def paired_bootstrap(
    first: Statistic, second: Statistic, *, n: int, resamples: Iterable[np.ndarray]
) -> PairedDifference | None:
    """Both models on every resample of the same `n` rows (Efron and Tibshirani 1993, chapter 16).

    What makes a row easy or hard for both cancels in the difference. None where a statistic is
    undefined on the rows themselves or on most resamples.
    """
    observed = _difference(first, second, np.arange(n))
    drawn = [_difference(first, second, rows) for rows in resamples]
    found = [value for value in drawn if value is not None]
    if observed is None or len(found) <= len(drawn) / 2:
        return None
    return PairedDifference(
        difference=observed, interval=percentile_interval(np.array(found)), pairs=n
    )


def clustered_rows(
    clusters: np.ndarray, *, rounds: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """Rows of as many clusters as there are, drawn with replacement; `clusters` has shape (n,).

    Trials at one place and time stand or fall together at every intensity: they are one draw.
    """
    names, at = np.unique(clusters, return_inverse=True)
    by_cluster = np.argsort(at, kind="stable")
    first = np.searchsorted(at[by_cluster], np.arange(len(names) + 1))
    for _ in range(rounds):
        drawn = generator.integers(0, len(names), size=len(names))
        yield np.concatenate([by_cluster[first[i] : first[i + 1]] for i in drawn])


def recall_difference(
    first: np.ndarray, second: np.ndarray, *, clusters: np.ndarray, rounds: int = 1000, seed: int
) -> PairedDifference:
    """Recall of the first model minus the second's on the same trials.

    `first` and `second` say which trials were noticed, boolean, shape (n,); `clusters`, (n,), which
    of them belong together.

    Raises
    ------
    EvaluationError : no trials, or not the same number of them.
    """
    if not 0 < len(first) == len(second) == len(clusters):
        raise EvaluationError(
            f"no pairs of trials: {len(first)}, {len(second)} and {len(clusters)} clusters"
        )
    gain = first.astype(float) - second
    found = paired_bootstrap(
        lambda rows: float(gain[rows].mean()),
        lambda _: 0.0,
        n=len(gain),
        resamples=clustered_rows(clusters, rounds=rounds, generator=np.random.default_rng(seed)),
    )
    if found is None:  # a mean is always defined
        raise EvaluationError("no difference of recalls")
    return found


def precision_difference(
    truth: np.ndarray,
    *,
    first: np.ndarray,
    second: np.ndarray,
    times: np.ndarray,
    resampling: tuple[int, int] = (1000, 42),
) -> PairedDifference | None:
    """Average precision of the first model's scores minus the second's on the same windows.

    `truth` (0 or 1), the scores (higher = more anomalous) and `times` (starts in seconds) have
    shape (n,); `resampling` is rounds and seed. Moving blocks: neighbours stay together. None where
    only one class is there.
    """
    from sklearn.metrics import average_precision_score

    def precision_of(scores: np.ndarray) -> Statistic:
        def precision(rows: np.ndarray) -> float | None:
            if not 0 < truth[rows].sum() < len(rows):
                return None
            return float(average_precision_score(truth[rows], scores[rows]))

        return precision

    rounds, seed = resampling
    return paired_bootstrap(
        precision_of(first),
        precision_of(second),
        n=len(truth),
        resamples=Blocks(times).resampled_rows(
            rounds=rounds, generator=np.random.default_rng(seed)
        ),
    )


def _difference(first: Statistic, second: Statistic, rows: np.ndarray) -> float | None:
    one, other = first(rows), second(rows)
    return None if one is None or other is None else one - other
