"""Colours of the charts: stand-ins that matplotlib draws with, and the CSS variables behind them.

A chart must read in light and in dark, so no colour is fixed in it: the page's style sheet says
what each variable is in each theme.
"""

from __future__ import annotations

__all__ = [
    "ACCENT", "ALERT", "CARD", "CSS_VARIABLES", "GRID", "GUARD", "HEAT", "HEAT_INK", "INK",
    "MUTED", "SERIES", "SHADE", "TRUTH",
]  # fmt: skip

INK = "#010101"  # text
MUTED = "#010102"  # axes and their numbers
GRID = "#010103"
CARD = "#010104"  # what the chart lies on
ACCENT = "#010105"  # the model
ALERT = "#010106"  # raised by the estimator
GUARD = "#010107"  # raised by the guard
TRUTH = "#010108"  # labelled or injected
SHADE = "#010109"  # the parts that were not fitted
#: Lines of one chart, told apart by dashes and marks as well.
SERIES = (ACCENT, ALERT, GUARD, TRUTH, "#01010a", "#01010b", "#01010c", "#01010d")
#: Steps from low to high, and the ink that is read on each.
HEAT = tuple(f"#0102{step:02x}" for step in range(7))
HEAT_INK = tuple(f"#0103{step:02x}" for step in range(7))

CSS_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    GRID: "--line",
    CARD: "--card",
    ACCENT: "--accent",
    ALERT: "--alert",
    GUARD: "--guard",
    TRUTH: "--truth",
    SHADE: "--shade",
    **{colour: f"--series-{i}" for i, colour in enumerate(SERIES) if i > 3},
    **{colour: f"--heat-{step}" for step, colour in enumerate(HEAT)},
    **{colour: f"--heat-ink-{step}" for step, colour in enumerate(HEAT_INK)},
}
