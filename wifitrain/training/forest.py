"""Isolation forests as nests: the first k trees are the k-tree forest of the same seed.

Trees are grown one after another from one random state, so a longer forest extends a shorter one
and a part of it needs no new fit (scores agree to 2e-16).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

__all__ = ["EarlyStopping", "Growth", "flagged_agreement", "grow", "some_trees"]

#: Lists of a fitted forest that have one item for each tree.
_PER_TREE = (
    "estimators_",
    "estimators_features_",
    "_decision_path_lengths",
    "_average_path_length_per_tree",
    "_seeds",
)


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


def grow(
    forest: IsolationForest, X: np.ndarray, *, most: int, stopping: EarlyStopping | None
) -> Growth:
    """Fit `forest` to X, shape (n, n_features), with at most `most` trees."""
    if stopping is None or most < 2 * stopping.batch:
        forest.set_params(n_estimators=most).fit(X)
        return Growth(n_estimators=most)
    forest.set_params(warm_start=True)
    agreement: list[float] = []
    patience = 0
    for trees in [*range(2 * stopping.batch, most, stopping.batch), most]:
        forest.set_params(n_estimators=trees).fit(X)
        agreement.append(_halves_agreement(forest, X, share=stopping.share))
        patience = patience + 1 if agreement[-1] >= stopping.target else 0
        if patience >= stopping.patience:
            break
    forest.set_params(warm_start=False)
    return Growth(n_estimators=trees, agreement=tuple(agreement), stopped_early=trees < most)


def some_trees(forest: IsolationForest, trees: slice) -> IsolationForest:
    """A forest of a part of the fitted `forest`'s trees; nothing is fitted again."""
    part: Any = copy.copy(forest)
    for name in _PER_TREE:
        if hasattr(forest, name):
            setattr(part, name, getattr(forest, name)[trees])
    part.n_estimators = len(part.estimators_)
    return part


def flagged_agreement(first: np.ndarray, second: np.ndarray, *, share: float) -> float:
    """Jaccard index of the two sets of the `share` highest scores, in [0, 1]."""
    one, other = _highest(first, share=share), _highest(second, share=share)
    return float(np.intersect1d(one, other).size / np.union1d(one, other).size)


def _halves_agreement(forest: IsolationForest, X: np.ndarray, *, share: float) -> float:
    middle = len(forest.estimators_) // 2
    first = -some_trees(forest, slice(0, middle)).score_samples(X)
    second = -some_trees(forest, slice(middle, None)).score_samples(X)
    return flagged_agreement(first, second, share=share)


def _highest(scores: np.ndarray, *, share: float) -> np.ndarray:
    """Rows of the `share` highest scores; ties by row, so that the set is always the same."""
    count = max(1, round(share * len(scores)))
    return np.argsort(-scores, kind="stable")[:count]
