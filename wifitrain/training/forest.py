"""How large a forest grows: as asked, or until its alerts no longer depend on the trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.training.paths import add_paths

if TYPE_CHECKING:
    from wifitrain.training.nest import Nest

__all__ = ["EarlyStopping", "Growth", "flagged_agreement", "grow"]

_ROWS = 20_000  # windows that halves are compared on, evenly spaced
_DIGITS = 9  # of path lengths: a difference of sums must not tell equal windows apart


@dataclass(frozen=True, kw_only=True)
class EarlyStopping:
    """Stop growing when the alerts no longer depend on which half of the trees is asked.

    After each batch the flagged sets (the `share` of highest scores) of the first and the second
    half of the trees are compared; `patience` batches in a row with a Jaccard agreement of at
    least `target` end the growth.
    """

    target: float = 0.8
    patience: int = 10
    batch: int = 10
    share: float = 0.05
    ceiling: int = 1000  # trees of `n_estimators=auto` at most


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How a forest grew: trees used, and the agreement of its halves after each batch."""

    n_estimators: int
    agreement: tuple[float, ...] = ()
    stopped_early: bool = False

    def told(self, *, target: float, patience: int) -> str:
        """Why this size, in words; target and patience as in EarlyStopping."""
        if not self.agreement:
            return f"{self.n_estimators} trees, as configured"
        asked = f"half forests to agree on {target:g} of the alerts, {patience} batches in a row"
        if self.stopped_early:
            return f"{self.n_estimators} trees: as many as it took {asked}"
        return (
            f"{self.n_estimators} trees, all that were allowed: asked were {asked}; at the end they"
            f" agreed on {self.agreement[-1]:.2f}"
        )


def grow(nest: Nest, *, most: int, stopping: EarlyStopping | None) -> Growth:
    """Grow the trees that are needed, `most` of them at most."""
    if stopping is None or most < 2 * stopping.batch:
        nest.forest(most)
        return Growth(n_estimators=most)
    agreement: list[float] = []
    patience = 0
    halves = _Halves(nest, share=stopping.share)
    with nest.claimed():
        for trees in [*range(2 * stopping.batch, most, stopping.batch), most]:
            agreement.append(halves.agreement(trees))
            patience = patience + 1 if agreement[-1] >= stopping.target else 0
            if patience >= stopping.patience:
                break
    return Growth(n_estimators=trees, agreement=tuple(agreement), stopped_early=trees < most)


def flagged_agreement(first: np.ndarray, second: np.ndarray, *, share: float) -> float:
    """Jaccard index of the two sets of the `share` highest scores, in [0, 1]."""
    one, other = _highest(first, share=share), _highest(second, share=share)
    return float(np.intersect1d(one, other).size / np.union1d(one, other).size)


class _Halves:
    """Agreement of the two halves of a growing forest, each tree asked once."""

    def __init__(self, nest: Nest, *, share: float) -> None:
        self._nest = nest
        self._share = share
        self._X = nest.X[:: -(-len(nest.X) // _ROWS)]
        self._sums = {0: np.zeros(len(self._X))}  # trees -> path lengths summed over them

    def agreement(self, trees: int) -> float:
        """Of the flagged sets of the first and the second half of so many trees."""
        note = f"agreement of {trees} trees, share {self._share}"
        if note not in self._nest.notes:
            self._nest.notes[note] = self._measure(trees)
        return self._nest.notes[note]

    def _measure(self, trees: int) -> float:
        middle = trees // 2
        first, whole = self._summed(middle), self._summed(trees)
        self._sums = {k: sums for k, sums in self._sums.items() if k >= middle}
        second = np.round(whole - first, _DIGITS)
        return flagged_agreement(-np.round(first, _DIGITS), -second, share=self._share)

    def _summed(self, trees: int) -> np.ndarray:
        if trees not in self._sums:
            start = max(k for k in self._sums if k < trees)
            self._sums[trees] = add_paths(
                self._sums[start],
                self._X,
                forest=self._nest.forest(trees),
                trees=slice(start, trees),
            )
        return self._sums[trees]


def _highest(scores: np.ndarray, *, share: float) -> np.ndarray:
    """Rows of the `share` highest scores; ties by row, so that the set is always the same."""
    count = max(1, round(share * len(scores)))
    return np.argsort(-scores, kind="stable")[:count]
