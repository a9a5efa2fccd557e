"""What a case stands on whatever its alert budget: rows, times, entities and labels of windows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.cache import remembered
from wifitrain.records import CALIBRATION, FIT, TEST

if TYPE_CHECKING:
    from wifitrain.records import Parts, WindowTable

__all__ = ["Ground", "ground_of"]


class Ground:
    """Windows seen by part, time and entity. `usable`: which have a finite score, (n_windows,)."""

    def __init__(self, windows: WindowTable, parts: Parts, *, usable: np.ndarray) -> None:
        self._X, self._index = windows.X, windows.index
        self._parts = parts
        self._usable = usable
        self._rows: dict[tuple[str, ...], np.ndarray] = {}

    def rows(self, *parts: str) -> np.ndarray:
        """Row numbers of the usable windows of `parts`, ascending; not to be written to."""
        if parts not in self._rows:
            chosen = np.zeros(len(self._usable), dtype=bool)
            for part in parts:
                chosen |= self._parts.rows(part)
            rows = np.flatnonzero(chosen & self._usable)
            rows.flags.writeable = False
            self._rows[parts] = rows
        return self._rows[parts]

    @cached_property
    def n_not_finite(self) -> int:
        """Windows of any part whose score is NaN or infinite."""
        in_parts = sum(int(self._parts.rows(part).sum()) for part in (FIT, CALIBRATION, TEST))
        return in_parts - len(self.rows(FIT, CALIBRATION, TEST))

    @cached_property
    def constant(self) -> tuple[str, ...]:
        """Features that do not vary in the fit part."""
        X = self._X.iloc[self.rows(FIT)]
        return tuple(X.columns[(X.max() == X.min()) | X.isna().all()])

    @cached_property
    def starts(self) -> np.ndarray:
        """Start of each window in whole seconds since 1970, shape (n_windows,)."""
        starts = self._index["start"].to_numpy("datetime64[s]").astype("int64")
        return np.asarray(starts)

    @cached_property
    def entities(self) -> np.ndarray:
        """Entity of each window as text, shape (n_windows,)."""
        return self._index["entity"].astype(str).to_numpy(dtype=object)

    @cached_property
    def labels(self) -> np.ndarray:
        """1 anomalous, 0 normal, -1 without a label; shape (n_windows,)."""
        if "label" not in self._index:
            return np.full(len(self._index), -1)
        label = self._index["label"].astype("boolean")
        return np.asarray(label.astype("Int8").fillna(-1).to_numpy(dtype=int))

    @cached_property
    def labelled_test_rows(self) -> np.ndarray:
        """Row numbers of the test windows that have a label."""
        rows = self.rows(TEST)
        labelled: np.ndarray = rows[self.labels[rows] >= 0]
        return labelled


def ground_of(windows: WindowTable, parts: Parts, score: np.ndarray) -> Ground:
    """The ground of all cases on these windows and parts whose `score` is finite where this is."""
    usable = np.isfinite(score)
    key = "all" if usable.all() else usable.tobytes().hex()
    of = (windows.X, windows.index, parts)
    return remembered(
        "evaluation.ground", key, lambda: Ground(windows, parts, usable=usable), of=of
    )
