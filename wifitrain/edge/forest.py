"""An isolation forest as flat arrays: checked before use, then followed for many windows at once.

Source of the score: Liu, Ting and Zhou, Isolation Forest, ICDM 2008, as scikit-learn computes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wifitrain.errors import PackageError

__all__ = ["FOREST_ARRAYS", "Forest", "check_count"]

#: Arrays of the forest. `tree_size`: nodes of each tree, its root first. For each node: the steps
#: `left` and `right` to its children, which lie behind it (0 at a leaf); the `feature` asked (-1
#: at a leaf); the `threshold` up to which a value goes left; the `path_length` of a leaf.
FOREST_ARRAYS: Mapping[str, str] = {
    "tree_size": "<i4",
    "left": "<i4",
    "right": "<i4",
    "feature": "<i2",
    "threshold": "<f4",
    "path_length": "<f8",
}

_MOST_TREES = 5_000
_MOST_NODES = 2_000_000
_MOST_LEVELS = 64
_MOST_BELOW = 64.0  # path length that a leaf adds for the windows it could not part
_CELLS = 32_768  # nodes followed at once: tree by window, about what a cache holds


def check_count(n_trees: int, n_nodes: int) -> None:
    """Raise PackageError for a forest too large to be an edge artefact, or empty."""
    if not 1 <= n_trees <= _MOST_TREES or not n_trees <= n_nodes <= _MOST_NODES:
        raise PackageError(
            f"{n_trees} trees of {n_nodes} nodes: must be 1 to {_MOST_TREES} trees"
            f" of {_MOST_NODES} nodes at most"
        )


@dataclass(frozen=True, kw_only=True)
class Forest:
    """A forest that is safe to follow: every path ends in a leaf within `levels` steps.

    `roots`: shape (n_trees,); `child`: shape (2 * n_nodes,), left and right of each node, a leaf
    its own; `feature`, `threshold`, `path_length`: shape (n_nodes,).
    """

    roots: np.ndarray
    child: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    path_length: np.ndarray
    levels: int
    normaliser: float  # path length that scores 0.5, times n_trees

    @classmethod
    def checked(
        cls, arrays: Mapping[str, np.ndarray], *, n_features: int, normaliser: float
    ) -> Forest:
        """The forest in `FOREST_ARRAYS`; PackageError names the first fault."""
        size = arrays["tree_size"].astype(np.int64)
        n_nodes = len(arrays["left"])
        check_count(len(size), n_nodes)
        _check_sizes(arrays, size, n_nodes)
        if normaliser and not 1 <= normaliser / len(size) <= _MOST_BELOW:
            raise PackageError(f"normaliser: {normaliser:g} is out of range for {len(size)} trees")
        roots = np.cumsum(size) - size
        child = _children(arrays, ends=np.repeat(roots + size, size))
        is_leaf = arrays["feature"] < 0
        _check_is_forest(child, roots, is_leaf)
        depth = _depths(child, roots, is_leaf)
        _check_values(arrays, is_leaf, n_features)
        _check_paths(arrays["path_length"], depth, is_leaf)
        return cls(
            roots=roots,
            child=child.ravel(),
            feature=np.where(is_leaf, 0, arrays["feature"]).astype(np.intp),
            threshold=np.where(is_leaf, np.float32(np.inf), arrays["threshold"]),
            path_length=arrays["path_length"],
            levels=int(depth.max()),
            normaliser=normaliser,
        )

    def score(self, X: np.ndarray) -> np.ndarray:
        """Anomaly scores in (0, 1], shape (n,), of float32 X (n, n_features); higher = more so."""
        rows = max(1, _CELLS // len(self.roots))
        depth = np.empty(len(X))
        for start in range(0, len(X), rows):
            depth[start : start + rows] = self._path_lengths(X[start : start + rows])
        if self.normaliser:
            depth /= self.normaliser
        else:  # forests of single windows: scikit-learn's convention
            depth[:] = 1.0
        scores: np.ndarray = 2**-depth
        return scores

    def _path_lengths(self, X: np.ndarray) -> np.ndarray:
        """Sum over the trees, shape (n,)."""
        cells = np.ascontiguousarray(X).ravel()
        row = np.arange(len(X)) * X.shape[1]
        node = np.repeat(self.roots[:, np.newaxis], len(X), axis=1)
        for _ in range(self.levels):
            goes_right = cells.take(self.feature.take(node) + row) > self.threshold.take(node)
            node += node
            node += goes_right
            node = self.child.take(node)
        # Tree after tree, as scikit-learn adds: a plain sum would differ in the last bit, and a
        # window whose score is the threshold itself would be flagged.
        total: np.ndarray = np.cumsum(self.path_length.take(node), axis=0)[-1]
        return total


def _check_sizes(arrays: Mapping[str, np.ndarray], size: np.ndarray, n_nodes: int) -> None:
    for name in FOREST_ARRAYS:
        if name != "tree_size" and len(arrays[name]) != n_nodes:
            raise PackageError(f"{name}: {len(arrays[name])} values for {n_nodes} nodes")
    if size.min() < 1 or size.sum() != n_nodes:
        raise PackageError(f"tree_size: sizes of 1 and more must add up to {n_nodes} nodes")


def _children(arrays: Mapping[str, np.ndarray], *, ends: np.ndarray) -> np.ndarray:
    """Left and right child of each node, shape (n_nodes, 2): behind it, within its tree."""
    steps = np.stack([arrays["left"], arrays["right"]], axis=1).astype(np.int64)
    is_leaf = arrays["feature"] < 0
    if steps[is_leaf].any():
        raise PackageError("left, right: a leaf has children")
    child: np.ndarray = np.arange(len(steps))[:, np.newaxis] + steps
    if (steps[~is_leaf] < 1).any() or (child >= ends[:, np.newaxis]).any():
        raise PackageError("left, right: a child lies before its parent or outside its tree")
    return child.astype(np.intp)


def _check_is_forest(child: np.ndarray, roots: np.ndarray, is_leaf: np.ndarray) -> None:
    parents = np.bincount(child[~is_leaf].ravel(), minlength=len(child))
    parents[roots] += 1  # nothing else may point at a root
    if (parents != 1).any():
        raise PackageError("left, right: a node has no parent or more than one")


def _depths(child: np.ndarray, roots: np.ndarray, is_leaf: np.ndarray) -> np.ndarray:
    """Depth of each node, 0 at a root."""
    depth = np.zeros(len(child), dtype=np.int64)
    level, nodes = 0, roots
    while len(nodes := child[nodes[~is_leaf[nodes]]].ravel()):
        level += 1
        if level > _MOST_LEVELS:
            raise PackageError(f"left, right: a tree is deeper than {_MOST_LEVELS}")
        depth[nodes] = level
    return depth


def _check_values(arrays: Mapping[str, np.ndarray], is_leaf: np.ndarray, n_features: int) -> None:
    feature = arrays["feature"]
    if feature.min() < -1 or feature.max() >= n_features:
        raise PackageError(f"feature: must be -1 (a leaf) to {n_features - 1}")
    if not np.isfinite(arrays["threshold"]).all() or arrays["threshold"][is_leaf].any():
        raise PackageError("threshold: must be finite, and 0 at a leaf")


def _check_paths(path_length: np.ndarray, depth: np.ndarray, is_leaf: np.ndarray) -> None:
    added = np.where(is_leaf, path_length - depth, path_length)
    is_sound = np.where(is_leaf, (added >= 0) & (added <= _MOST_BELOW), added == 0)
    if not is_sound.all():  # NaN compares false
        raise PackageError(
            f"path_length: must be the depth of its leaf and up to {_MOST_BELOW:g} more,"
            " and 0 elsewhere"
        )
