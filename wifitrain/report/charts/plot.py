"""A plot: a box of the canvas with a scale to the right and one upwards, and what lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.report.charts.canvas import Canvas, Letters, Stroke, outline, text_width
from wifitrain.report.charts.palette import CARD, GRID, MUTED

if TYPE_CHECKING:
    from wifitrain.report.charts.scales import Scale, Tick

__all__ = ["Box", "Plot", "labels_width"]

_TICK = 7.5  # size of the numbers at an axis
_GRID = Stroke(colour=GRID, width=0.5)
_AXIS = Stroke(colour=GRID, width=0.8)
_BELOW = Letters(size=_TICK, colour=MUTED, anchor="middle")
_BESIDE = Letters(size=_TICK, colour=MUTED, anchor="end")
_NAME = Letters(colour=MUTED, anchor="middle")
#: Corners of marks of radius 1; a dot has none.
_SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    "o": (),
    "s": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "^": ((0, -1), (1, 0.9), (-1, 0.9)),
    "v": ((0, 1), (1, -0.9), (-1, -0.9)),
    "D": ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    "P": ((-0.4, -1), (0.4, -1), (0.4, -0.4), (1, -0.4), (1, 0.4), (0.4, 0.4), (0.4, 1),
          (-0.4, 1), (-0.4, 0.4), (-1, 0.4), (-1, -0.4), (-0.4, -0.4)),
    "X": ((-1, -0.5), (-0.5, -1), (0, -0.5), (0.5, -1), (1, -0.5), (0.5, 0), (1, 0.5), (0.5, 1),
          (0, 0.5), (-0.5, 1), (-1, 0.5), (-0.5, 0)),
    "*": ((0, -1.2), (0.3, -0.4), (1.15, -0.37), (0.48, 0.15), (0.7, 1), (0, 0.5), (-0.7, 1),
          (-0.48, 0.15), (-1.15, -0.37), (-0.3, -0.4)),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle of the canvas."""

    left: float
    top: float
    right: float
    bottom: float


class Plot:
    """Draws values, arrays of shape (n,); what is not finite is left out."""

    def __init__(self, canvas: Canvas, box: Box, *, x: Scale, y: Scale) -> None:
        self.canvas, self.box, self.x, self.y = canvas, box, x, y

    def across(self, values: np.ndarray | Sequence[float] | float) -> np.ndarray:
        """Coordinates of x values; those beyond the ends are at the ends."""
        share = np.clip(self.x.share(values), 0, 1)
        found: np.ndarray = self.box.left + share * (self.box.right - self.box.left)
        return found

    def up(self, values: np.ndarray | Sequence[float] | float) -> np.ndarray:
        """Coordinates of y values; those beyond the ends are at the ends."""
        share = np.clip(self.y.share(values), 0, 1)
        found: np.ndarray = self.box.bottom - share * (self.box.bottom - self.box.top)
        return found

    def x_axis(self, ticks: Sequence[Tick], *, grid: bool = False, label: str = "") -> None:
        """The line below, its numbers and name; with `grid` a line up from each number."""
        box = self.box
        if grid:
            self._lines([(x, box.top, x, box.bottom) for x, _ in self._placed(ticks)], _GRID)
        self._lines([(box.left, box.bottom, box.right, box.bottom)], _AXIS)
        for x, words in self._placed(ticks):
            self.canvas.text((x, box.bottom + 10), words, _BELOW)
        if label:
            self.canvas.text(((box.left + box.right) / 2, box.bottom + 22), label, _NAME)

    def y_axis(self, ticks: Sequence[Tick], *, label: str = "", numbers: bool = True) -> None:
        """A line across at each tick, its number and the axis's name at the left."""
        box = self.box
        places = self.up([value for value, _ in ticks]).tolist()
        self._lines([(box.left, y, box.right, y) for y in places], _GRID)
        if not numbers:
            return
        for y, (_, words) in zip(places, ticks, strict=True):
            self.canvas.text((box.left - 4, y + 2.7), words, _BESIDE)
        if label:
            at = (box.left - labels_width(ticks) - 7, (box.top + box.bottom) / 2)
            self.canvas.text(at, label, _NAME, turned=True)

    def line(
        self, x: np.ndarray | Sequence[float], y: np.ndarray | Sequence[float], stroke: Stroke
    ) -> None:
        """A line through points in the order of x."""
        self.canvas.path(outline(self.across(x), self.up(y)), stroke=stroke)

    def area(
        self,
        x: np.ndarray | Sequence[float],
        between: tuple[np.ndarray | Sequence[float], np.ndarray | Sequence[float]],
        *,
        fill: str,
        opacity: float,
    ) -> None:
        """What lies between two lines over the same x."""
        right, (low, high) = self.across(x), (self.up(values) for values in between)
        there = np.isfinite(right) & np.isfinite(low) & np.isfinite(high)
        right, low, high = right[there], low[there], high[there]
        if len(right):
            x_round, y_round = np.append(right, right[::-1]), np.append(low, high[::-1])
            around = outline(x_round, y_round, closed=True)
            self.canvas.path(around, fill=fill, opacity=opacity)

    def marks(
        self,
        x: np.ndarray | Sequence[float],
        y: np.ndarray | Sequence[float],
        *,
        shape: str,
        size: float,
        colour: str,
        edged: bool = False,
    ) -> None:
        """A mark `size` units wide on each point; `edged` ones are told apart from each other."""
        points = np.column_stack([self.across(x), self.up(y)])
        points = points[np.isfinite(points).all(axis=1)]
        geometry = "".join(_mark(at, shape, size / 2) for at in points.tolist())
        edge = Stroke(colour=CARD, width=0.5) if edged else None
        self.canvas.path(geometry, stroke=edge, fill=colour)

    def stretch(self, start: float, end: float, *, fill: str, opacity: float) -> None:
        """A band from the bottom to the top between two x."""
        self.area([start, end], ([self.y.low] * 2, [self.y.high] * 2), fill=fill, opacity=opacity)

    def upright(self, value: float, stroke: Stroke) -> None:
        """A line from the bottom to the top."""
        self.line([value, value], [self.y.low, self.y.high], stroke)

    def level(self, value: float, stroke: Stroke) -> None:
        """A line from the left to the right."""
        self.line([self.x.low, self.x.high], [value, value], stroke)

    def _placed(self, ticks: Sequence[Tick]) -> list[tuple[float, str]]:
        places = self.across([value for value, _ in ticks]).tolist()
        return [(place, words) for place, (_, words) in zip(places, ticks, strict=True)]

    def _lines(self, lines: Sequence[tuple[float, float, float, float]], stroke: Stroke) -> None:
        told = (" ".join(f"{round(at, 1):g}" for at in line) for line in lines)
        self.canvas.path("".join(f"M{line}" for line in told), stroke=stroke)


def labels_width(ticks: Sequence[Tick], *, size: float = _TICK) -> float:
    """Room that the longest label takes."""
    return max((text_width(words, size=size) for _, words in ticks), default=0.0)


def _mark(at: Sequence[float], shape: str, radius: float) -> str:
    x, y = at
    if corners := _SHAPES[shape]:
        placed = (f"{x + radius * a:.1f} {y + radius * b:.1f}" for a, b in corners)
        return f"M{' '.join(placed)}Z"
    half = f"a{radius:g} {radius:g} 0 0 1"
    return f"M{x - radius:.1f} {y:.1f}{half} {2 * radius:g} 0{half} {-2 * radius:g} 0Z"
