"""Trees of an isolation forest as plain arrays and back: no pickle, and nothing unchecked.

A tree is rebuilt from its own state; what a damaged one could do to the process (a child out of
range, a loop) is refused first.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.tree import ExtraTreeRegressor

__all__ = ["arrays_of_trees", "trees_of_arrays"]

_LEAF = -1


def arrays_of_trees(trees: Sequence[ExtraTreeRegressor]) -> dict[str, np.ndarray]:
    """States of fitted `trees`, one after another.

    `nodes`, as bytes of shape (n_nodes, size of a node), and `values` hold the nodes of all trees;
    `node_count`, `max_depth` and `random_state` have one item for each tree.
    """
    states = [tree.tree_.__getstate__() for tree in trees]
    return {
        "nodes": np.concatenate([_as_bytes(state["nodes"]) for state in states]),
        "values": np.concatenate([state["values"] for state in states]),
        "node_count": np.array([state["node_count"] for state in states]),
        "max_depth": np.array([state["max_depth"] for state in states]),
        "random_state": np.array([tree.random_state for tree in trees]),
    }


def trees_of_arrays(
    arrays: Mapping[str, np.ndarray], *, like: ExtraTreeRegressor
) -> list[ExtraTreeRegressor]:
    """The trees that `arrays_of_trees` wrote; `like` is a fitted tree of the same forest.

    Raises
    ------
    ValueError : the arrays are no trees of such a forest.
    """
    model, stops = like.tree_.__getstate__(), np.cumsum(arrays["node_count"])
    nodes = _as_nodes(arrays["nodes"], model["nodes"].dtype)
    values = arrays["values"]
    if values.dtype != model["values"].dtype or values.shape[1:] != model["values"].shape[1:]:
        raise ValueError("the arrays are of another kind of tree")
    _check_walks(nodes, arrays["node_count"], n_features=like.n_features_in_)
    states = zip(
        np.split(nodes, stops[:-1]),
        np.split(values, stops[:-1]),
        arrays["max_depth"],
        arrays["random_state"],
        strict=True,
    )
    return [_tree(like, *state) for state in states]


def _tree(
    like: ExtraTreeRegressor,
    nodes: np.ndarray,
    values: np.ndarray,
    max_depth: np.integer[Any],
    random_state: np.integer[Any],
) -> ExtraTreeRegressor:
    """A copy of `like` with another inside."""
    kind, arguments, _ = like.tree_.__reduce__()
    inside = kind(*arguments)
    inside.__setstate__(
        {
            "max_depth": int(max_depth),
            "node_count": len(nodes),
            "nodes": np.ascontiguousarray(nodes),
            "values": np.ascontiguousarray(values),
        }
    )
    tree = copy.copy(like)
    tree.tree_ = inside
    tree.random_state = int(random_state)
    return tree


def _as_bytes(nodes: np.ndarray) -> np.ndarray:
    """Whole nodes, padding included: copied field by field it would be left to chance."""
    return np.ascontiguousarray(nodes).view(np.uint8).reshape(len(nodes), -1)


def _as_nodes(content: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    if content.dtype != np.uint8 or content.shape[1:] != (dtype.itemsize,):
        raise ValueError("the arrays are of another kind of tree")
    return content.reshape(-1).view(dtype)


def _check_walks(nodes: np.ndarray, count: np.ndarray, *, n_features: int) -> None:
    """Every walk from a root stays inside of its tree and ends."""
    if (count < 1).any() or count.sum() != len(nodes):
        raise ValueError("the arrays are of another number of trees")
    start = np.repeat(np.cumsum(count) - count, count)
    number, own = np.arange(len(nodes)) - start, np.repeat(count, count)
    left, right, feature = (nodes[name] for name in ("left_child", "right_child", "feature"))
    inner = left != _LEAF
    # Children come after their parent: no walk can loop.
    inside = (left > number) & (right > number) & (left < own) & (right < own)
    known = (feature >= 0) & (feature < n_features)
    if not (inside & known)[inner].all() or (right[~inner] != _LEAF).any():
        raise ValueError("a tree leads outside of itself")
