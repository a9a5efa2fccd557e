"""Long lines as what a screen can show of them: lowest and highest value per column of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["COLUMNS", "envelope", "marks_kept"]

#: Columns that a chart of the page's width is drawn in.
COLUMNS = 800
_LEVELS = 120  # rows that marks are told apart in


def envelope(x: np.ndarray, y: np.ndarray, *, step: float) -> tuple[np.ndarray, np.ndarray]:
    """A line through (x, y) with at most two points for each of `COLUMNS` columns.

    `x` rises; where it leaps by more than `step` the line is broken by NaN. Every column keeps its
    lowest and highest value, so that no peak is lost. Shapes (m,), with m at most 3 * COLUMNS.
    """
    if not len(x):
        return x, y
    column = _columns(x)
    broken = np.flatnonzero(np.diff(x) > step * 1.5) + 1
    runs = np.zeros(len(x), dtype=int)
    runs[broken] = 1
    group = np.cumsum(runs) * COLUMNS + column if len(x) > 2 * COLUMNS else np.arange(len(x))
    starts = np.flatnonzero(np.diff(group, prepend=group[0] - 1))
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    run = np.cumsum(runs)[starts]
    line_x, line_y = np.repeat(x[starts], 2), np.column_stack([low, high]).ravel()
    breaks = (np.flatnonzero(np.diff(run)) + 1) * 2
    return np.insert(line_x, breaks, np.nan), np.insert(line_y, breaks, np.nan)


def marks_kept(x: np.ndarray, y: np.ndarray, *, bounds: Sequence[float]) -> np.ndarray:
    """Which marks to draw, (n,): the first of those that would cover each other.

    `bounds`: left, right, bottom, top of the chart in the units of `x` and `y`.
    """
    left, right, bottom, top = bounds
    across = np.floor((x - left) / max(right - left, 1e-300) * COLUMNS / 2)
    up = np.floor((y - bottom) / max(top - bottom, 1e-300) * _LEVELS)
    _, first = np.unique(np.column_stack([across, up]), axis=0, return_index=True)
    kept = np.zeros(len(x), dtype=bool)
    kept[first] = True
    return kept


def _columns(x: np.ndarray) -> np.ndarray:
    span = float(x[-1] - x[0]) or 1.0
    columns: np.ndarray = np.minimum((x - x[0]) / span * COLUMNS, COLUMNS - 1).astype(int)
    return columns
