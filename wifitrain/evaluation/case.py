"""What is judged: windows, their parts, the trained model and its scores, seen by time and row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from wifitrain.cache import remembered
from wifitrain.errors import EvaluationError
from wifitrain.records import CALIBRATION, FIT, TEST, Parts, ScoredWindows, Trained, WindowTable

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DAY_S", "Case"]

DAY_S = 86_400
_FORESTS = 12  # of which scores of refits are remembered

T = TypeVar("T")


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
        rows: np.ndarray = np.flatnonzero(np.isin(self.parts.name, parts) & self._usable)
        return rows

    def matrix(self, *parts: str) -> pd.DataFrame:
        """The rows of X of `parts`, in the order of `rows`."""
        return self.windows.X.iloc[self.rows(*parts)]

    def generator(self, stream: int) -> np.random.Generator:
        """Random numbers of their own for each kind of evidence, the same in every run."""
        return np.random.default_rng([self.random_state, stream])

    def shared(self, kind: str, settings: object, make: Callable[[], T]) -> T:
        """What the alert budget does not change, made once for all jobs of a sweep.

        It is decided by the windows, their parts, the detector, the random state and `settings`
        (JSON).
        """
        made_of = getattr(self.trained.detector, "made_of", None)
        if made_of is None:
            return make()
        parts = ",".join(self.parts.name)
        key = json.dumps([made_of, parts, self.n_not_finite, self.random_state, settings])
        return remembered(kind, key, make, of=(self.windows.X,), most=_FORESTS)

    @cached_property
    def _usable(self) -> np.ndarray:
        usable: np.ndarray = np.isfinite(self.scored.score)
        return usable

    @cached_property
    def n_not_finite(self) -> int:
        """Windows of any part whose score is NaN or infinite."""
        return int((~self._usable & np.isin(self.parts.name, (FIT, CALIBRATION, TEST))).sum())

    @cached_property
    def flagged(self) -> np.ndarray:
        """Which windows alert, shape (n_windows,)."""
        return self.scored.is_anomaly

    @cached_property
    def starts(self) -> np.ndarray:
        """Start of each window in whole seconds since 1970, shape (n_windows,)."""
        starts = self.windows.index["start"].to_numpy("datetime64[s]").astype("int64")
        return np.asarray(starts)

    @cached_property
    def entities(self) -> np.ndarray:
        """Entity of each window as text, shape (n_windows,)."""
        return self.windows.index["entity"].astype(str).to_numpy(dtype=object)

    @cached_property
    def labels(self) -> np.ndarray:
        """1 anomalous, 0 normal, -1 without a label; shape (n_windows,)."""
        if "label" not in self.windows.index:
            return np.full(len(self.windows.X), -1)
        label = self.windows.index["label"].astype("boolean")
        return np.asarray(label.astype("Int8").fillna(-1).to_numpy(dtype=int))

    @cached_property
    def labelled_test_rows(self) -> np.ndarray:
        """Row numbers of the test windows that have a label."""
        rows = self.rows(TEST)
        labelled: np.ndarray = rows[self.labels[rows] >= 0]
        return labelled

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
