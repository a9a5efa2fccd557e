"""Text and lines can be told from what they lie on, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import wifitrain.report
from wifitrain.report.charts.palette import CSS_VARIABLES

STYLE = (Path(wifitrain.report.__file__).parent / "templates/style.css").read_text()
BLOCKS = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
LIGHT, DARK, PRINT = (dict(re.findall(r"(--[\w-]+): (#\w+);", block)) for block in BLOCKS)
THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * one for one in colour[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """Ratio of WCAG 2.2, 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@THEMES
def test_text_meets_aa(theme: dict[str, str]) -> None:
    """At least 4.5 to 1 for every colour of text on every ground that it lies on."""
    pairs = [(text, ground) for text in ("--ink", "--muted", "--accent")
             for ground in ("--paper", "--card", "--shade")]  # fmt: skip
    pairs += [(f"--{state}", f"--{state}-soft") for state in ("good", "bad", "open")]
    pairs += [(f"--heat-ink-{step}", f"--heat-{step}") for step in range(7)]
    pairs += [("--ink", "--plain-soft")]
    weak = {pair: _contrast(theme[pair[0]], theme[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@THEMES
def test_lines_of_charts_meet_aa(theme: dict[str, str]) -> None:
    """At least 3 to 1 for everything drawn that carries meaning."""
    drawn = ["--accent", "--alert", "--guard", "--truth", *(f"--series-{i}" for i in range(4, 8))]
    assert {
        name: theme[name] for name in drawn if _contrast(theme[name], theme["--card"]) < 3
    } == {}


@THEMES
def test_every_colour_of_a_chart_is_in_every_theme(theme: dict[str, str]) -> None:
    """A variable that a chart uses has a value wherever it is shown."""
    assert set(CSS_VARIABLES.values()) <= set(theme)
