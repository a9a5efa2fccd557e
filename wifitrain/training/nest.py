"""Isolation forests as nests: the first k trees are the k-tree forest of the same seed.

Trees are grown one after another from one random state, so a longer forest extends a shorter one
and a part of it needs no new fit; both hold bit by bit, of trees and of scores.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.cache import from_bytes, to_bytes
from wifitrain.log import get_logger
from wifitrain.training.trees import arrays_of_trees, trees_of_arrays

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

    from wifitrain.cache import Entry

__all__ = ["Nest"]

_log = get_logger("wifitrain")

#: Lists of a fitted forest that have one item for each tree.
_PER_TREE = (
    "estimators_",
    "estimators_features_",
    "_decision_path_lengths",
    "_average_path_length_per_tree",
)
_MOST_SEED = np.iinfo(np.int32).max


class Nest:
    """Every forest of one configuration, one seed and one matrix X, shape (n, n_features).

    `forest` is not fitted and says everything but the number of trees. The longest forest lies in
    `entry`, with `notes`: what was found out about its prefixes.
    """

    def __init__(self, forest: IsolationForest, X: np.ndarray, *, entry: Entry) -> None:
        self.X = X
        self.notes: dict[str, float] = {}
        self._longest = forest.set_params(warm_start=True)
        self._entry = entry
        self._kept = (0, 0)  # trees and notes in the entry
        self._found: Mapping[str, np.ndarray] | None = None  # in the entry, not rebuilt yet
        self._claims = 0

    def forest(self, trees: int) -> IsolationForest:
        """The fitted forest of so many trees."""
        if self._grown < trees:
            with self.claimed():
                self._grow(trees)
        return self._first(trees)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the entry: what is in it is taken first, what is new at the end goes into it."""
        self._claims += 1
        try:
            if self._claims > 1:
                yield
                return
            with self._entry.claimed():
                self._take(self._entry.read())
                yield
                self._keep()
        finally:
            self._claims -= 1

    @property
    def _grown(self) -> int:
        return len(getattr(self._longest, "estimators_", ()))

    def _grow(self, trees: int) -> None:
        self._rebuild()
        if self._grown < trees:
            self._longest.set_params(n_estimators=trees).fit(self.X)

    def _first(self, trees: int) -> IsolationForest:
        part: Any = copy.copy(self._longest)
        for name in _PER_TREE:
            setattr(part, name, getattr(self._longest, name)[:trees])
        # scikit-learn keeps the seeds of its last growth only.
        seeds = np.random.RandomState(part.random_state)
        part._seeds = seeds.randint(_MOST_SEED, size=trees)  # noqa: SLF001
        # One order of summation when scoring, wherever the model is loaded.
        part.set_params(n_estimators=trees, warm_start=False, n_jobs=None)
        return part

    def _take(self, contents: Mapping[str, bytes] | None) -> None:
        """What an entry has; its trees are rebuilt when they are needed."""
        if contents is None:
            return
        found = {name: from_bytes(content) for name, content in contents.items()}
        names, values = found["note_names"].tolist(), found["note_values"].tolist()
        self.notes = {**dict(zip(names, values, strict=True)), **self.notes}
        self._kept = (len(found["node_count"]), len(names))
        self._found = found if self._kept[0] > self._grown else None

    def _rebuild(self) -> None:
        """Take the trees that were found, unless they are no trees of this nest."""
        found, self._found = self._found, None
        if found is None:
            return
        # The first tree is grown in any case: a model of the others, and their touchstone.
        self._longest.set_params(n_estimators=max(1, self._grown)).fit(self.X)
        first = self._longest.estimators_[0]
        try:
            trees = trees_of_arrays(found, like=first)
        except ValueError:
            trees = []
        if not trees or not _same(first, trees[0]):
            _log.warning("a cached forest is none of this data: it is grown again")
            self.notes.clear()
            self._kept = (0, 0)
            return
        self._longest.estimators_ = trees
        self._longest.estimators_features_ = list(found["features"])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Warm-start fitting without increasing")
            # No new tree; what is derived from the trees follows.
            self._longest.set_params(n_estimators=len(trees)).fit(self.X)

    def _keep(self) -> None:
        """Write the entry where there is more than it has."""
        if self._grown <= self._kept[0] and len(self.notes) <= self._kept[1]:
            return
        self._rebuild()
        arrays = {
            **arrays_of_trees(self._longest.estimators_),
            "features": np.array(self._longest.estimators_features_),
            "note_names": np.array(list(self.notes), dtype=np.str_),
            "note_values": np.array(list(self.notes.values()), dtype=np.float64),
        }
        self._entry.write({name: to_bytes(array) for name, array in arrays.items()})
        self._kept = (self._grown, len(self.notes))


def _same(first: Any, second: Any) -> bool:  # noqa: ANN401 - trees of scikit-learn
    """Two trees of the same nodes; padding between the fields is no part of them."""
    one, other = first.tree_.__getstate__()["nodes"], second.tree_.__getstate__()["nodes"]
    return len(one) == len(other) and all(
        np.array_equal(one[name], other[name]) for name in one.dtype.names
    )
