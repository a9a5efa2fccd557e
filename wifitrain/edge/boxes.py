"""Every leaf of a forest as a box of feature values: what explanations are computed from.

A leaf is reached by the windows whose value of each feature on its path lies in one interval. The
share of the training windows that a feature alone would let through to it is known too: leaves say
how many windows ended in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wifitrain.edge.forest import Forest

__all__ = ["Boxes", "boxes_of"]


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """Leaves with the features on their paths; arrays of shape (n_leaves, width).

    An unused place has `feature` -1, an interval that holds everything and `share` 1.
    """

    feature: np.ndarray
    low: np.ndarray  # float32; values above it
    high: np.ndarray  # up to this one reach the leaf
    share: np.ndarray  # of the training windows on the path that the feature lets through
    path_length: np.ndarray  # shape (n_leaves,)

    def holds(self, x: np.ndarray) -> np.ndarray:
        """Which intervals hold the value of float32 window `x`, shape (n_leaves, width)."""
        value = np.where(self.feature < 0, np.float32(0), x.take(np.maximum(self.feature, 0)))
        above = (value > self.low) | (self.low == -np.inf)  # beyond float32 is infinite too
        inside: np.ndarray = above & (value <= self.high)
        return inside | (self.feature < 0)


def boxes_of(forest: Forest) -> Boxes:
    """The boxes of every leaf of `forest`."""
    n_nodes = len(forest.feature)
    child = forest.child.reshape(-1, 2)
    node = np.arange(n_nodes)
    inner = np.flatnonzero(child[:, 0] != node)
    parent, is_right = np.full(n_nodes, -1), np.zeros(n_nodes, dtype=bool)
    parent[child[inner].T] = inner
    is_right[child[inner, 1]] = True
    leaves = np.setdiff1d(node, inner)
    depth = _depths(parent, leaves)
    share = _shares(parent, leaves, forest.path_length[leaves] - depth)
    return _climbed(forest, parent=parent, is_right=is_right, share=share, leaves=leaves)


def _depths(parent: np.ndarray, leaves: np.ndarray) -> np.ndarray:
    depth, node = np.zeros(len(leaves)), parent[leaves]
    while (node >= 0).any():
        depth += node >= 0
        node = np.where(node >= 0, parent[node], -1)
    return depth


def _shares(parent: np.ndarray, leaves: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Of the training windows in the parent of each node, how many went on to the node."""
    windows = np.zeros(len(parent))
    windows[leaves] = _windows_in_leaf(added)
    for node in range(len(parent) - 1, -1, -1):  # children lie behind their parents
        if parent[node] >= 0:
            windows[parent[node]] += windows[node]
    share: np.ndarray = np.where(parent >= 0, windows / windows[np.maximum(parent, 0)], 1.0)
    return share


def _windows_in_leaf(added: np.ndarray) -> np.ndarray:
    """How many windows ended in a leaf, from the path length it adds for not parting them."""
    known = np.array([0.0, 0.0, 1.0])
    while known[-1] < added.max(initial=0.0) - 1e-9:
        n = np.arange(3, 4 * len(known) + 1, dtype=np.float64)
        known = np.concatenate(
            [known[:3], 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n]
        )
    number = np.searchsorted(known, added - 1e-9)
    windows: np.ndarray = np.maximum(number, 1).astype(np.float64)
    return windows


def _climbed(
    forest: Forest,
    *,
    parent: np.ndarray,
    is_right: np.ndarray,
    share: np.ndarray,
    leaves: np.ndarray,
) -> Boxes:
    """From each leaf up to its root, each step narrowing the interval of one feature."""
    shape = (len(leaves), max(forest.levels, 1))
    feature = np.full(shape, -1)
    low, high = np.full(shape, -np.inf, np.float32), np.full(shape, np.inf, np.float32)
    passed = np.ones(shape)
    used = np.zeros(len(leaves), dtype=np.intp)
    node, row = leaves.copy(), np.arange(len(leaves))
    while len(row):
        above = parent[node]
        row, node, above = row[above >= 0], node[above >= 0], above[above >= 0]
        asked, bound = forest.feature[above], forest.threshold[above]
        known = feature[row] == asked[:, np.newaxis]
        place = np.where(known.any(axis=1), known.argmax(axis=1), used[row])
        used[row] = np.maximum(used[row], place + 1)
        feature[row, place] = asked
        passed[row, place] *= share[node]
        right = is_right[node]
        low[row, place] = np.where(right, np.maximum(low[row, place], bound), low[row, place])
        high[row, place] = np.where(right, high[row, place], np.minimum(high[row, place], bound))
        node = above
    width = max(int(used.max(initial=1)), 1)
    return Boxes(
        feature=feature[:, :width],
        low=low[:, :width],
        high=high[:, :width],
        share=passed[:, :width],
        path_length=forest.path_length[leaves],
    )
