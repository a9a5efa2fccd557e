"""Matplotlib without its global state: a figure in, a piece of inline SVG out."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wifitrain.printable import printable
from wifitrain.report.charts.palette import CARD, CSS_VARIABLES, GRID, INK, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

__all__ = ["LETTER_IN", "WIDTH_IN", "Chart", "Margins", "canvas", "plain_axes"]

#: A chart fills the page's column; 72 units of its drawing are one inch of this.
WIDTH_IN = 8.8
#: Room for a letter of a label, in inches: those of 8 points, on average.
LETTER_IN = 0.065

_STYLE: dict[Any, Any] = {
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 8.0,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",  # ships with matplotlib: the layout is the same everywhere
    "font.size": 8.0,
    "grid.color": GRID,
    "grid.linewidth": 0.5,
    "hatch.color": MUTED,
    "patch.facecolor": CARD,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 0,
    "path.simplify": False,
}

_OUTSIDE = re.compile(r"<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>", re.DOTALL)
_DROPPED = re.compile(
    r"<!--.*?-->|<metadata>.*?</metadata>|<style type=.*?</style>|font-family:[^;\"]*;\s*"
    r"| transform=\"rotate\(-0 [^\"]*\"",
    re.DOTALL,
)
_GEOMETRY = re.compile(r"( (?:d|x|y|transform)=\")([^\"]*)\"")
_LONG_NUMBER = re.compile(r"(\d+\.\d\d)\d+")
_DECLARED = re.compile(r" id=\"([^\"]*)\"")
_REFERRED = re.compile(r"(href=\"#|url\(#)([^\")]+)")
_COLOUR = re.compile(r"#01[0-9a-f]{4}")
_SPACE = re.compile(r"\s*\n\s*")


@dataclass
class Chart:
    """A drawing for the page. `body` is trusted markup made here, `viewbox` its coordinates."""

    name: str  # unique on the page: prefix of every id
    viewbox: str = ""
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Inches around the axes of a figure, for labels and ticks.

    Given and not found out: matplotlib's layout engines draw a figure twice to measure it.
    """

    left: float = 0.6
    right: float = 0.12
    top: float = 0.12
    bottom: float = 0.45


@contextmanager
def canvas(
    name: str, *, height_in: float, width_in: float = WIDTH_IN, margins: Margins
) -> Iterator[_Drawing]:
    """Draw on `.figure` inside the block; afterwards `.chart` holds the SVG.

    The same drawing gives the same bytes: ids are salted with the name, nothing is dated.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    inside: dict[Any, Any] = {
        "figure.subplot.left": margins.left / width_in,
        "figure.subplot.right": 1 - margins.right / width_in,
        "figure.subplot.top": 1 - margins.top / height_in,
        "figure.subplot.bottom": margins.bottom / height_in,
    }
    with mpl.rc_context({**_STYLE, **inside, "svg.hashsalt": name}), warnings.catch_warnings():
        # a name from a log may hold letters that the layout's font lacks; the browser has them
        warnings.filterwarnings("ignore", message="Glyph|Matplotlib currently does not support")
        drawing = _Drawing(Figure(figsize=(width_in, height_in)), Chart(name))
        FigureCanvasSVG(drawing.figure)
        yield drawing
        buffer = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        drawing.figure.savefig(buffer, format="svg", metadata=nothing)
    drawing.chart.viewbox, drawing.chart.body = _inline(buffer.getvalue(), name)


@dataclass
class _Drawing:
    figure: Canvas
    chart: Chart


def plain_axes(axes: Axes, *, grid: str = "y") -> None:
    """Numbers and a quiet grid, nothing else."""
    axes.grid(axis=grid, zorder=0)  # type: ignore[arg-type]
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    for side in ("left", "top", "right"):
        axes.spines[side].set_visible(False)


def _inline(document: str, name: str) -> tuple[str, str]:
    """View box and content of an SVG document, fit for the inside of an HTML page."""
    found = _OUTSIDE.search(document)
    if found is None:
        raise ValueError("matplotlib wrote no <svg> element")
    body = _DROPPED.sub("", found[2])
    body = _GEOMETRY.sub(_rounded, body)
    referred = {match[2] for match in _REFERRED.finditer(body)}
    body = _DECLARED.sub(lambda m: f' id="{name}-{m[1]}"' if m[1] in referred else "", body)
    body = _REFERRED.sub(lambda m: f"{m[1]}{name}-{m[2]}", body)
    body = _COLOUR.sub(lambda m: f"var({CSS_VARIABLES[m[0]]})", body)
    body = body.replace("xlink:href", "href").replace("<defs>\n  \n </defs>", "")
    return found[1], "\n".join(printable(line) for line in _SPACE.split(body))


def _rounded(attribute: re.Match[str]) -> str:
    """Coordinates to a hundredth: finer than any screen, and half of the bytes."""
    return attribute[1] + _LONG_NUMBER.sub(r"\1", attribute[2]) + '"'
