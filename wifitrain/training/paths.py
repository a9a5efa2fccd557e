"""Path lengths summed tree by tree: the scores of every prefix of a forest in one pass.

The sums, and with them the scores, are those of scikit-learn's `score_samples` bit by bit: the
same terms in the same order.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

__all__ = ["add_paths", "mean_path_of", "scores_of_paths"]

_ROWS_AT_ONCE = 8192


def add_paths(
    sums: np.ndarray, X: np.ndarray, *, forest: IsolationForest, trees: slice, n_jobs: int = 1
) -> np.ndarray:
    """`sums`, shape (n,), plus the path length of each row of X in each of the forest's `trees`.

    Each row has its own order of summation, which `n_jobs` threads do not change.
    """
    X = np.ascontiguousarray(X, dtype=np.float32)  # what trees compare with
    total = sums.copy()
    asked = [_Tree(forest, number) for number in range(*trees.indices(len(forest.estimators_)))]
    rows = [slice(at, at + _ROWS_AT_ONCE) for at in range(0, len(X), _ROWS_AT_ONCE)]

    def add(part: slice) -> None:
        for tree in asked:
            total[part] += tree.paths(X[part])

    workers = min(_workers(n_jobs), len(rows))
    if workers < 2:
        for part in rows:
            add(part)
    else:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(add, rows))
    return total


def mean_path_of(forest: IsolationForest) -> float:
    """Mean path length of an unsuccessful search among the windows that a tree has seen."""
    from sklearn.ensemble._iforest import _average_path_length

    return float(_average_path_length([forest.max_samples_])[0])


def scores_of_paths(sums: np.ndarray, *, trees: int, mean_path: float) -> np.ndarray:
    """Anomaly scores, shape (n,), of path lengths summed over `trees`; higher = more anomalous."""
    whole = trees * mean_path
    if whole == 0:  # a single window was seen
        return np.full(len(sums), 0.5)
    scores: np.ndarray = 2 ** -(sums / whole)
    return scores


class _Tree:
    """One tree of a forest, and the length of the path to each of its nodes."""

    def __init__(self, forest: IsolationForest, number: int) -> None:
        # With what a leaf did not split; as score_samples adds it up for each row.
        self._lengths: np.ndarray = (
            forest._decision_path_lengths[number]  # noqa: SLF001
            + forest._average_path_length_per_tree[number]  # noqa: SLF001
            - 1.0
        )
        self._apply = forest.estimators_[number].tree_.apply
        features = forest.estimators_features_[number]
        # All features: then trees were grown on X as it is, whatever order the list has.
        self._features = None if len(features) == forest.n_features_in_ else features

    def paths(self, X: np.ndarray) -> np.ndarray:
        """Length of the path of each row of X, contiguous 32-bit floats; shape (n,)."""
        seen = X if self._features is None else np.ascontiguousarray(X[:, self._features])
        lengths: np.ndarray = self._lengths[self._apply(seen)]
        return lengths


def _workers(n_jobs: int) -> int:
    """Threads as scikit-learn counts them: -1 is all cores, -2 all but one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return n_jobs if n_jobs > 0 else max(1, (cores or 1) + 1 + n_jobs)
