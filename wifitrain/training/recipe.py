"""Everything that decides a detector but the size of its forest: what it is made of, once."""

from __future__ import annotations

import hashlib
import weakref
from collections import OrderedDict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.cache import Entry, from_bytes, to_bytes
from wifitrain.errors import TrainingError
from wifitrain.training.nest import Nest
from wifitrain.training.paths import add_paths, mean_path_of, scores_of_paths
from wifitrain.training.preprocessing import fit_steps

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from wifitrain.cache import Cache
    from wifitrain.records import Json
    from wifitrain.training.estimators import EstimatorSpec

__all__ = ["Matrix", "Recipe", "matrix_digest", "matrix_of"]

_REMEMBERED = 2  # matrices whose path lengths stay in memory
_MEAN_PATH = "mean_path"
_ROWS_AT_ONCE = 32_768
_MANY_SAMPLES = 10_000  # of a tree, from which on threads pay
_AUTO_SAMPLES = 256  # of a tree, as scikit-learn has it
_NODE_BYTES = 88  # scikit-learn's node, its value, its path length and its depth


class Matrix:
    """What models are fitted to, shape (n_windows, n_features), known by its digest."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self._steps: dict[bool, tuple[Pipeline, np.ndarray]] = {}

    @cached_property
    def digest(self) -> str:
        """`matrix_digest` of it, computed once."""
        return matrix_digest(self.values)

    def steps(self, *, scaled: bool) -> tuple[Pipeline, np.ndarray]:
        """The steps before an estimator and what they make of the matrix: the same for all seeds.

        Not to be changed.
        """
        if scaled not in self._steps:
            self._steps[scaled] = fit_steps(self.values, scaled=scaled)
        return self._steps[scaled]


_held: weakref.WeakValueDictionary[str, Matrix] = weakref.WeakValueDictionary()


def matrix_of(values: np.ndarray) -> Matrix:
    """The matrix of these values: the one that somebody holds already, or else a new one.

    Seeds, sizes and jobs come with frames of their own; their forests keep one matrix.
    """
    matrix = Matrix(values)
    return _held.setdefault(matrix.digest, matrix)


class Recipe:
    """One configuration, one seed, one matrix.

    Nothing is fitted before it is needed: scores that are in the cache need no fit at all.
    Only models that this package builds are kept in the cache; the code of others is not known.
    """

    def __init__(
        self,
        spec: EstimatorSpec,
        matrix: Matrix,
        *,
        parameters: Mapping[str, Any],
        n_jobs: int,
        cache: Cache,
    ) -> None:
        self.spec = spec
        self.matrix = matrix
        self.parameters = parameters
        self.n_jobs = n_jobs
        self._cache = cache
        self._recent: OrderedDict[str, dict[str, np.ndarray]] = OrderedDict()

    @cached_property
    def made_of(self) -> Json:
        """Model, parameters and data as JSON: what the cache knows this recipe by."""
        return {
            "model": self.spec.identity,
            "parameters": {name: repr(value) for name, value in self.parameters.items()},
            "X": self.matrix.digest,
        }

    @cached_property
    def nest(self) -> Nest:
        """The forests of this recipe."""
        forest: Any = self.spec.build({**self.parameters, "n_estimators": 1})
        forest.set_params(n_jobs=self._fit_jobs())
        return Nest(forest, self._prepared, entry=self._entry("forests"))

    def nbytes(self, trees: int | None) -> int:
        """About what the fitted model keeps at most, beside the matrix that other seeds share."""
        if trees is None:
            return self.matrix.values.nbytes  # neighbours, support vectors: rows of it
        return trees * 2 * min(self._samples, len(self.matrix.values)) * _NODE_BYTES

    def pipeline(self, trees: int | None) -> Pipeline:
        """The fitted Pipeline; `trees` of a forest, None for other models.

        Raises
        ------
        TrainingError : the estimator refuses the data.
        """
        from sklearn.pipeline import Pipeline

        try:
            last = self._alone if trees is None else self.nest.forest(trees)
            return Pipeline([*self._steps.steps, (self.spec.name, last)])
        except ValueError as error:
            raise TrainingError(f"{self.spec.name} could not be fitted: {error}") from error

    def scores(self, values: np.ndarray, trees: int | None) -> np.ndarray:
        """Anomaly score of each row of `values`, shape (n,); higher = more anomalous."""
        digest = matrix_digest(values)
        entry = self._entry("scores", of=digest)
        name = "scores" if trees is None else str(trees)
        known = self._known(digest, entry)
        if name not in known:
            with entry.claimed():
                known = self._recall(digest, entry)
                if name not in known:
                    known |= self._computed(values, trees, known)
                    self._remember(digest, known)
                    entry.write({key: to_bytes(array) for key, array in known.items()})
        if trees is None:
            return known[name]
        return scores_of_paths(known[name], trees=trees, mean_path=float(known[_MEAN_PATH][0]))

    @property
    def _steps(self) -> Pipeline:
        """Constant columns out, medians for undefined values, one scale: fitted."""
        return self.matrix.steps(scaled=self.spec.scaled)[0]

    @property
    def _prepared(self) -> np.ndarray:
        return self.matrix.steps(scaled=self.spec.scaled)[1]

    @cached_property
    def _alone(self) -> Any:  # noqa: ANN401 - any scikit-learn estimator
        estimator: Any = self.spec.build(self.parameters)
        return estimator.fit(self._prepared)

    def _fit_jobs(self) -> int:
        """Threads that grow a forest: one where trees see little, as others would but wait."""
        return 1 if self._samples < _MANY_SAMPLES else self.n_jobs

    @property
    def _samples(self) -> int:
        """How many windows a tree sees, where there are so many."""
        most = self.parameters.get("max_samples", "auto")
        if most == "auto":
            return _AUTO_SAMPLES
        return int(most * len(self.matrix.values)) if isinstance(most, float) else int(most)

    def _entry(self, kind: str, **more: Json) -> Entry:
        if self.spec.identity is None:
            return Entry(path=None)
        return self._cache.entry(kind, {"recipe": self.made_of, **more})

    def _known(self, digest: str, entry: Entry) -> dict[str, np.ndarray]:
        """What is remembered of a matrix: sums of path lengths by number of trees, or scores."""
        if digest in self._recent:
            self._recent.move_to_end(digest)
            return self._recent[digest]
        return self._recall(digest, entry)

    def _recall(self, digest: str, entry: Entry) -> dict[str, np.ndarray]:
        known = dict(self._recent.get(digest, {}))
        for name, content in (entry.read() or {}).items():
            known.setdefault(name, from_bytes(content))
        self._remember(digest, known)
        return known

    def _remember(self, digest: str, known: dict[str, np.ndarray]) -> None:
        self._recent[digest] = known
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)

    def _computed(
        self, values: np.ndarray, trees: int | None, known: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        if trees is None:
            return {"scores": -self.pipeline(None).score_samples(values)}
        forest = self.pipeline(trees)[-1]
        start = max((int(k) for k in known if k != _MEAN_PATH and int(k) < trees), default=0)
        sums = known[str(start)] if start else np.zeros(len(values))
        pieces = [
            add_paths(
                sums[rows],
                self._steps.transform(values[rows]),
                forest=forest,
                trees=slice(start, trees),
                n_jobs=self.n_jobs,
            )
            for rows in _blocks(len(values))
        ]
        whole = np.concatenate([sums[:0], *pieces])
        return {str(trees): whole, _MEAN_PATH: np.array([mean_path_of(forest)])}


def matrix_digest(values: np.ndarray) -> str:
    """SHA-256 (hex) of a matrix: every NaN is the same NaN, and -0 is 0."""
    digest = hashlib.sha256(repr(values.shape).encode())
    for rows in _blocks(len(values)):
        plain = np.add(values[rows], 0.0, order="C", dtype="<f8")
        plain[np.isnan(plain)] = np.nan
        digest.update(plain.data)
    return digest.hexdigest()


def _blocks(n: int) -> list[slice]:
    """Rows in pieces: what is made of them on the way is never as large as the matrix."""
    return [slice(at, at + _ROWS_AT_ONCE) for at in range(0, n, _ROWS_AT_ONCE)]
