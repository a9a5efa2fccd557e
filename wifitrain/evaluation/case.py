"""What is judged: windows, their parts, the trained model and its scores, seen by time and row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, TypeVar, cast

import numpy as np

from wifitrain.cache import recalled, remembered, room_for
from wifitrain.errors import EvaluationError
from wifitrain.evaluation.ground import Ground, ground_of
from wifitrain.evaluation.ladder import Ladder, ladder_of
from wifitrain.records import CALIBRATION, FIT, TEST, Parts, ScoredWindows, Trained, WindowTable

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["DAY_S", "Case"]

DAY_S = 86_400

T = TypeVar("T")
_Sizes = Sequence[int | None]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One model before the court. Windows whose score is not finite take part in nothing."""

    windows: WindowTable
    parts: Parts
    trained: Trained
    scored: ScoredWindows
    random_state: int = 42

    def __post_init__(self) -> None:
        n = len(self.windows.X)
        if not n == len(self.windows.index) == len(self.parts.name) == len(self.scored.score):
            raise EvaluationError(
                f"{n} rows of X, but {len(self.windows.index)} in the index,"
                f" {len(self.parts.name)} parts and {len(self.scored.score)} scores"
            )
        for part in (FIT, CALIBRATION, TEST):
            if not self.parts.rows(part).any():
                raise EvaluationError(f"no {part} windows: nothing can be said of this model")

    def rows(self, *parts: str) -> np.ndarray:
        """Row numbers of the windows of `parts` that have a finite score, ascending."""
        return self.ground.rows(*parts)

    def matrix(self, *parts: str) -> pd.DataFrame:
        """The rows of X of `parts`, in the order of `rows`."""
        return self.windows.X.iloc[self.rows(*parts)]

    def generator(self, stream: int) -> np.random.Generator:
        """Random numbers of their own for each kind of evidence, the same in every run."""
        return np.random.default_rng([self.random_state, stream])

    def shared(self, kind: str, settings: Json, make: Callable[[], T]) -> T:
        """What the alert budget does not change, made once for all jobs of a sweep.

        It is decided by the windows, their parts, the detector, the random state and `settings`.
        """
        made_of = self._made_of
        if made_of is None:
            return make()
        key = json.dumps([made_of, self.random_state, settings])
        return remembered(kind, key, make, of=(self.ground,), most=self._room)

    def shared_by_scores(self, kind: str, settings: Json, make: Callable[[], T]) -> T:
        """What the scores of estimator and guard and `settings` decide, made once for all jobs."""
        of = (self.scored.score, self.ground)
        return remembered(kind, json.dumps(settings), make, of=of, most=self._room)

    def shared_by_sizes(
        self, kind: str, settings: Json, sizes: _Sizes, make: Callable[[_Sizes], list[T]]
    ) -> list[T]:
        """The same of forests that differ in their size alone: one object for each of `sizes`.

        `make` is asked once, for the sizes that no earlier job needed.
        """
        made_of = self._made_of
        if not isinstance(made_of, Mapping) or "recipe" not in made_of:
            return make(sizes)
        recipe = made_of["recipe"]
        keys = {size: json.dumps([recipe, self.random_state, settings, size]) for size in sizes}
        found = {size: recalled(kind, keys[size], of=(self.ground,)) for size in sizes}
        new = [size for size, one in found.items() if one is None]
        if new:
            found |= zip(new, make(new), strict=True)
        # All are at hand here: what is remembered may push out another of them.
        for size in sizes:
            at_hand = partial(found.__getitem__, size)
            remembered(kind, keys[size], at_hand, of=(self.ground,), most=self._room)
        return [cast("T", found[size]) for size in sizes]

    @property
    def _room(self) -> int:
        """For about two numbers of each window."""
        return room_for(2 * self.scored.score.nbytes)

    @property
    def _made_of(self) -> Json:
        """What the detector computes, where that is known."""
        made_of: Json = getattr(self.trained.detector, "made_of", None)
        return made_of

    @cached_property
    def ground(self) -> Ground:
        """Rows, times, entities and labels, the same for every budget."""
        return ground_of(self.windows, self.parts, self.scored.score)

    @cached_property
    def ladder(self) -> Ladder:
        """The scores of all windows among those of the calibration part."""
        return ladder_of(self.scored.score, self.rows(CALIBRATION), of=self.ground)

    @property
    def n_not_finite(self) -> int:
        """Windows of any part whose score is NaN or infinite."""
        return self.ground.n_not_finite

    @cached_property
    def flagged(self) -> np.ndarray:
        """Which windows alert, shape (n_windows,)."""
        return self.scored.is_anomaly

    @property
    def starts(self) -> np.ndarray:
        """Start of each window in whole seconds since 1970, shape (n_windows,)."""
        return self.ground.starts

    @property
    def entities(self) -> np.ndarray:
        """Entity of each window as text, shape (n_windows,)."""
        return self.ground.entities

    @property
    def labels(self) -> np.ndarray:
        """1 anomalous, 0 normal, -1 without a label; shape (n_windows,)."""
        return self.ground.labels

    @property
    def labelled_test_rows(self) -> np.ndarray:
        """Row numbers of the test windows that have a label."""
        return self.ground.labelled_test_rows

    @property
    def windows_per_day(self) -> float:
        """Windows of one entity in a day."""
        return DAY_S / self.windows.window_s

    def entity_days(self, rows: np.ndarray) -> float:
        """Days that `rows` cover, summed over entities."""
        return len(rows) / self.windows_per_day

    def calendar_days(self, rows: np.ndarray) -> float:
        """Days between the first start and the last end of `rows`."""
        starts = self.starts[rows]
        return float(starts.max() - starts.min() + self.windows.window_s) / DAY_S
