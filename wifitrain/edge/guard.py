"""The guard for the edge: training ranges and kinds seen, judged with numpy alone.

It judges as the guard of the training does; a test holds both equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["EdgeGuard"]

_REASONS_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class EdgeGuard:
    """Ranges of `columns` (low, high, spread: shape (n_columns,)) and kinds of line seen so far.

    `ceiling` is the highest score that the estimator gave to a window of fit or calibration.
    """

    columns: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    margin: float
    kinds: frozenset[str]
    ceiling: float

    def excess(
        self, values: np.ndarray, kinds: Sequence[Iterable[str]]
    ) -> tuple[np.ndarray, list[str]]:
        """How far each window lies outside, and why.

        Parameters
        ----------
        values : the guard's columns, shape (n, n_columns); NaN where undefined.
        kinds : what occurred in each window, n collections of ``event:NAME``, ``template:TEXT``.

        Returns
        -------
        excess : shape (n,); 0 inside, else the largest distance beyond range and margin in
            spreads of its column; infinite for a kind or a constant column that is new.
        reasons : '' inside, else the columns and kinds that are outside.
        """
        distance = self._distance(values)
        excess = distance.max(axis=1, initial=0.0)
        new = {window: set(seen) - self.kinds for window, seen in enumerate(kinds)}
        excess[[window for window, unseen in new.items() if unseen]] = np.inf
        reasons = [""] * len(values)
        for window in np.flatnonzero(excess > 0):
            outside = np.flatnonzero(distance[window] > 0)
            ordered = outside[np.argsort(-distance[window, outside], kind="stable")]
            reasons[window] = _reason(
                [f"unseen {kind}" for kind in sorted(new.get(int(window), set()))]
                + [self._beyond(column, values[window, column]) for column in ordered]
            )
        return excess, reasons

    def lift(self, scores: np.ndarray, excess: np.ndarray) -> np.ndarray:
        """`scores` with each window that lies outside over the ceiling, the furthest highest."""
        lifted = np.maximum(scores, self.ceiling) + 2 - 1 / (1 + excess)
        raised: np.ndarray = np.where(excess > 0, lifted, scores)
        return raised

    def _distance(self, values: np.ndarray) -> np.ndarray:
        outside = np.fmax(self.low - values, values - self.high)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.where(outside > 0, outside / self.spread - self.margin, 0.0)
        inside_is_zero: np.ndarray = np.fmax(np.nan_to_num(distance, nan=0.0, posinf=np.inf), 0.0)
        return inside_is_zero

    def _beyond(self, column: int, value: float) -> str:
        low, high = self.low[column], self.high[column]
        return f"{self.columns[column]} {value:.4g} outside {low:.4g}..{high:.4g}"


def _reason(parts: Sequence[str]) -> str:
    shown = "; ".join(parts[:_REASONS_SHOWN])
    more = len(parts) - _REASONS_SHOWN
    return f"{shown} (+{more} more)" if more > 0 else shown
