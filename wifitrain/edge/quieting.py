"""The nearest change of one value that would have kept a window quiet.

With every other value as it is, the path length is a staircase in one feature: its steps are the
edges of the leaves' boxes, so the nearest quiet stretch is found exactly, and proven by scoring.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wifitrain.edge.boxes import Boxes
    from wifitrain.edge.guard import EdgeGuard
    from wifitrain.edge.model import EdgeModel

__all__ = ["Change", "nearest_quiet"]

_DIGITS = 4
_MOST_TRIES = 8  # changes that are proven by scoring, the nearest first
_WHOLE = ("count", "lines")  # units of features that are whole numbers
_TOLD_NOTHING = ("flag", "coordinate on the unit circle")  # "had it been another hour"


@dataclass(frozen=True, kw_only=True)
class Change:
    """`feature` moved from `value` (NaN: undefined) to `limit` ends the alert."""

    feature: str
    value: float
    limit: float
    distance: float  # in spreads of the feature

    def __str__(self) -> str:
        sign = ">=" if self.limit > self.value else "<="
        return f"not alerted with {self.feature} {sign} {self.limit:.{_DIGITS}g}"


def nearest_quiet(
    model: EdgeModel, boxes: Boxes, window: np.ndarray, *, kinds: Iterable[str]
) -> Change | None:
    """The smallest change, in spreads of its feature, or None where no single one is enough."""
    seen = frozenset(kinds)
    tries = sorted(
        (abs(limit - window[column]) / spread, column, limit)
        for column in _columns(model, window, seen)
        for limit, spread in _limits(model, boxes, window, column)
    )
    for distance, column, limit in tries[:_MOST_TRIES]:
        for shown in dict.fromkeys((float(f"{limit:.{_DIGITS}g}"), limit)):
            changed = window.copy()
            changed[column] = shown
            if not model.judge(changed[np.newaxis], kinds=[seen]).is_anomaly[0]:
                return Change(
                    feature=model.columns[column],
                    value=float(window[column]),
                    limit=shown,
                    distance=float(distance),
                )
    return None


def _columns(model: EdgeModel, window: np.ndarray, kinds: frozenset[str]) -> Iterable[int]:
    """Columns whose change could be enough: where the guard speaks of one thing, only that."""
    guard = model.guard
    if guard is None:
        return range(len(model.columns))
    if kinds - guard.kinds:
        return ()
    outside = [
        place
        for place, name in enumerate(model.columns)
        if name in guard.columns and not _is_inside(guard, guard.columns.index(name), window[place])
    ]
    return range(len(model.columns)) if not outside else outside if len(outside) == 1 else ()


def _is_inside(guard: EdgeGuard, place: int, value: float) -> bool:
    margin = guard.margin * guard.spread[place]
    return not (value < guard.low[place] - margin or value > guard.high[place] + margin)


def _limits(
    model: EdgeModel, boxes: Boxes, window: np.ndarray, column: int
) -> Iterator[tuple[float, float]]:
    """The nearest values of each quiet stretch of a column, and the column's spread."""
    value = window[column]
    if math.isnan(value) or _unit(model, column) in _TOLD_NOTHING:
        return  # nothing was measured, or nothing that anybody could have done otherwise
    low, high, spread = _allowed(model, boxes, column)
    whole = _unit(model, column) in _WHOLE
    for begin, end in _quiet_stretches(model, boxes, window, column):
        limit = _nearest(value, max(begin, low), min(end, high), whole=whole)
        if limit is not None:
            yield limit, spread


def _nearest(value: float, begin: float, end: float, *, whole: bool) -> float | None:
    """The value of (begin, end] nearest to `value`; None where it holds none, or `value`."""
    if whole:
        end = math.floor(end) if math.isfinite(end) else end
        above = math.floor(begin) + 1.0 if math.isfinite(begin) else begin
    else:
        above = float(np.nextafter(np.float32(begin), np.float32(np.inf)))
    if above > end or above <= value <= end:
        return None
    return float(end if value > end else above)


def _allowed(model: EdgeModel, boxes: Boxes, column: int) -> tuple[float, float, float]:
    """The range that the guard leaves alone, and the feature's spread."""
    guard, name = model.guard, model.columns[column]
    if guard is not None and name in guard.columns:
        place = guard.columns.index(name)
        spread, margin = guard.spread[place], guard.margin * guard.spread[place]
        low = np.nextafter(np.float32(guard.low[place] - margin), np.float32(-np.inf))
        return float(low), float(guard.high[place] + margin), float(spread) or 1.0
    cuts = np.concatenate([boxes.low[boxes.feature == column], boxes.high[boxes.feature == column]])
    cuts = cuts[np.isfinite(cuts)]
    return -math.inf, math.inf, float(cuts.std()) if len(cuts) and cuts.std() else 1.0


def _unit(model: EdgeModel, column: int) -> str:
    return model.features[column].get("unit", "") if column < len(model.features) else ""


def _quiet_stretches(
    model: EdgeModel, boxes: Boxes, window: np.ndarray, column: int
) -> Iterator[tuple[float, float]]:
    """Intervals (begin, end] of the column in which the estimator does not alert."""
    asked = np.flatnonzero(model.preparation.used == column)
    if not len(asked):  # the forest never looks at it
        yield -math.inf, math.inf
        return
    x = model.preparation.apply(window[np.newaxis, : len(model.features)])[0]
    place = int(asked[0])
    edges, length = _staircase(boxes, x, place)
    needed = -math.log2(model.threshold) if 0 < model.threshold < 1 else math.inf
    is_quiet = length / (model.forest.normaliser or math.inf) >= needed * (1 - 1e-12)
    if model.threshold >= 1:
        is_quiet[:] = True
    center = 0.0 if model.preparation.center is None else model.preparation.center[place]
    scale = 1.0 if model.preparation.scale is None else model.preparation.scale[place]
    begins = np.concatenate([[-np.inf], edges]) * scale + center
    ends = np.concatenate([edges, [np.inf]]) * scale + center
    yield from zip(begins[is_quiet].tolist(), ends[is_quiet].tolist(), strict=True)


def _staircase(boxes: Boxes, x: np.ndarray, feature: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges, shape (n,), and the path length between them, shape (n + 1,), as `feature` varies."""
    free = boxes.holds(x) | (boxes.feature == feature)
    alive = free.all(axis=1)
    mine = (boxes.feature == feature) & alive[:, np.newaxis]
    everywhere = boxes.path_length[alive & ~mine.any(axis=1)].sum()
    low, high = boxes.low[mine].astype(np.float64), boxes.high[mine].astype(np.float64)
    length = boxes.path_length[np.nonzero(mine)[0]]
    edges = np.unique(np.concatenate([low, high]))
    edges = edges[np.isfinite(edges)]
    steps = np.zeros(len(edges) + 2)
    np.add.at(steps, np.where(low == -np.inf, 0, np.searchsorted(edges, low) + 1), length)
    np.add.at(steps, np.where(high == np.inf, len(edges) + 1, np.searchsorted(edges, high) + 1),
              -length)  # fmt: skip
    return edges, everywhere + np.cumsum(steps)[:-1]
