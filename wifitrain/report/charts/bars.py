"""Horizontal bars with names at their left, a reference line, and whiskers where known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wifitrain.report.charts.canvas import WIDTH_IN, Canvas, Chart, Letters, Stroke
from wifitrain.report.charts.canvas import text_width as width
from wifitrain.report.charts.palette import ACCENT, ALERT, INK, MUTED
from wifitrain.report.charts.plot import Box, Plot
from wifitrain.report.charts.scales import Scale

__all__ = ["Bar", "draw_bars"]

_LONGEST_NAME = 34
_PITCH_IN, _BELOW = 0.2, 28  # height of a bar with its gap; units below the bars
_THICK = 0.62  # share of the pitch
_NAMES = Letters(anchor="end")
_REFERENCE = Stroke(colour=MUTED, dash="4 3")


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. `stands_out`: in the alert's colour and marked by its value in bold."""

    name: str
    value: float
    shown: str
    whisker: Sequence[float] | None = None
    stands_out: bool = False


def draw_bars(
    name: str,
    bars: Sequence[Bar],
    *,
    label: str,
    reference: float | None = None,
    width_in: float = WIDTH_IN,
) -> Chart:
    """First bar on top; values at the end of each bar."""
    canvas = Canvas(name, height_in=0.48 + _PITCH_IN * len(bars), width_in=width_in)
    left = 6 + max((width(_short(bar.name), size=8) for bar in bars), default=0)
    box = Box(left=left, top=3, right=canvas.width - 4, bottom=canvas.height - _BELOW)
    plot = Plot(canvas, box, x=_across(bars, reference), y=Scale(len(bars), 0))
    plot.x_axis(plot.x.ticks(8), grid=True, label=label)
    for place, bar in enumerate(bars):
        _bar(plot, bar, place)
    if reference is not None:
        plot.upright(reference, _REFERENCE)
    for place, bar in enumerate(bars):
        _words(plot, bar, place)
    return canvas.chart


def _across(bars: Sequence[Bar], reference: float | None) -> Scale:
    """From 0, or below it, with room for the values at the ends."""
    ends = [0.0 if reference is None else reference, *(bar.value for bar in bars)]
    ends += [end for bar in bars for end in bar.whisker or ()]
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.12 * (high - low) or 1.0
    return Scale(low - room if low < 0 else 0.0, high + room)


def _bar(plot: Plot, bar: Bar, place: int) -> None:
    top, bottom = place + (1 - _THICK) / 2, place + (1 + _THICK) / 2
    colour = ALERT if bar.stands_out else ACCENT
    plot.area([0.0, bar.value], ([top] * 2, [bottom] * 2), fill=colour, opacity=0.88)
    if bar.whisker:
        plot.line(bar.whisker, [place + 0.5] * 2, Stroke(colour=INK, width=1.1))


def _words(plot: Plot, bar: Bar, place: int) -> None:
    """The name at the left and the value behind the end."""
    middle = float(plot.up(place + 0.5)) + 2.8
    plot.canvas.text((plot.box.left - 5, middle), _short(bar.name), _NAMES)
    end = max(0.0, bar.value, *(bar.whisker or ()))
    value = Letters(size=7.5, bold=bar.stands_out, halo=True)
    plot.canvas.text((float(plot.across(end)) + 4, middle), bar.shown, value)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
