"""A sheet to draw on: shapes in, inline SVG out. One inch is 72 units of its coordinates."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape
from typing import Literal

import numpy as np

from wifitrain.log import printable
from wifitrain.report.charts.palette import CARD, INK

__all__ = ["UNITS", "WIDTH_IN", "Canvas", "Chart", "Letters", "Stroke", "outline", "text_width"]

#: A chart fills the page's column.
WIDTH_IN = 8.8
UNITS = 72  # to the inch

Anchor = Literal["start", "middle", "end"]

_NARROW, _WIDE = frozenset("iljtfrI.,:;|!'()[]{} -/"), frozenset("mwMW@%&")
_EM = {"narrow": 0.36, "usual": 0.62, "wide": 0.95}  # of a plain sans serif, a little generous


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing for the page. `body` is trusted markup made here, `viewbox` its coordinates."""

    name: str  # unique on the page: prefix of every id
    viewbox: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """How a line is drawn: the CSS variable of its colour, its width, its dashes."""

    colour: str
    width: float = 1.0
    dash: str = ""

    @property
    def style(self) -> str:
        """As CSS."""
        dashes = f";stroke-dasharray:{self.dash}" if self.dash else ""
        return f"stroke:var({self.colour});stroke-width:{self.width:g}{dashes}"


@dataclass(frozen=True, kw_only=True)
class Letters:
    """How a text is set. `halo`: lines below it are covered around its letters."""

    size: float = 8.0
    colour: str = INK
    anchor: Anchor = "start"
    bold: bool = False
    halo: bool = False

    @property
    def attributes(self) -> str:
        """As attributes of an element."""
        style = f"font-size:{self.size:g}px;fill:var({self.colour})"
        style += ";font-weight:bold" if self.bold else ""
        if self.halo:
            style += f";paint-order:stroke;stroke:var({CARD});stroke-width:3"
        anchor = "" if self.anchor == "start" else f'text-anchor="{self.anchor}" '
        return f'{anchor}style="{style}"'


class Canvas:
    """Shapes in the order in which they are drawn: later ones lie on top.

    The same shapes give the same bytes. Coordinates rise to the right and downwards.
    """

    def __init__(self, name: str, *, height_in: float, width_in: float = WIDTH_IN) -> None:
        self.name = name
        self.width, self.height = width_in * UNITS, height_in * UNITS
        self._shapes: list[str] = []

    @property
    def chart(self) -> Chart:
        """What was drawn."""
        size = f"0 0 {self.width:g} {self.height:g}"
        return Chart(name=self.name, viewbox=size, body="\n".join(self._shapes))

    def path(
        self,
        geometry: str,
        *,
        stroke: Stroke | None = None,
        fill: str | None = None,
        opacity: float = 1.0,
    ) -> None:
        """One path; without `stroke` it has no outline, without `fill` it is not filled."""
        if not geometry:
            return
        style = [f"fill:var({fill})" if fill else "fill:none"]
        style += [stroke.style] if stroke else []
        style += [f"opacity:{opacity:g}"] if opacity < 1 else []
        self._shapes.append(f'<path d="{geometry}" style="{";".join(style)}"/>')

    def text(
        self, at: tuple[float, float], words: str, letters: Letters, *, turned: bool = False
    ) -> None:
        """A line of text on the base line `at`; `turned` reads upwards."""
        x, y = (f"{round(place, 1):g}" for place in at)
        place = f'transform="translate({x} {y}) rotate(-90)"' if turned else f'x="{x}" y="{y}"'
        shown = escape(printable(words), quote=False)
        self._shapes.append(f"<text {place} {letters.attributes}>{shown}</text>")


def outline(x: np.ndarray, y: np.ndarray, *, closed: bool = False) -> str:
    """Geometry of a line through points, arrays of shape (n,), broken where one is NaN."""
    there = np.isfinite(x) & np.isfinite(y)
    parts = np.split(np.arange(len(x)), np.flatnonzero(np.diff(there.astype(int))) + 1)
    runs = (_run(x[part], y[part], closed=closed) for part in parts if len(part) and there[part[0]])
    return "".join(runs)


def text_width(words: str, *, size: float) -> float:
    """About how wide a line of text is; the browser's font decides."""
    return size * sum(_em(letter) for letter in words)


def _run(x: np.ndarray, y: np.ndarray, *, closed: bool) -> str:
    """A tenth of a unit is finer than a pixel; points that fall together are one."""
    points = np.round(np.column_stack([x, y]), 1) + 0.0
    moved = np.ones(len(points), dtype=bool)
    moved[1:] = (points[1:] != points[:-1]).any(axis=1)
    if moved.sum() == 1 and not closed:
        moved[-1] = True  # a point has a stroke of its own
    told = " ".join(f"{left:g} {top:g}" for left, top in points[moved].tolist())
    return f"M{told}{'Z' if closed else ''}"


def _em(letter: str) -> float:
    if letter in _NARROW:
        return _EM["narrow"]
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WF":
        return _EM["wide"]
    return _EM["usual"]
