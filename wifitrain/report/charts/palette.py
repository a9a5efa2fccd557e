"""Colours of the charts: CSS variables, never a fixed colour.

A chart must read in light and in dark: the page's style sheet says what each variable is in each
theme.
"""

from __future__ import annotations

__all__ = [
    "ACCENT", "ALERT", "CARD", "GRID", "GUARD", "HEAT", "HEAT_INK", "INK", "MUTED", "SERIES",
    "SHADE", "TRUTH", "VARIABLES",
]  # fmt: skip

INK = "--ink"  # text
MUTED = "--muted"  # axes and their numbers
GRID = "--line"
CARD = "--card"  # what the chart lies on
ACCENT = "--accent"  # the model
ALERT = "--alert"  # raised by the estimator
GUARD = "--guard"  # raised by the guard
TRUTH = "--truth"  # labelled or injected
SHADE = "--shade"  # the parts that were not fitted
#: Lines of one chart, told apart by dashes and marks as well.
SERIES = (ACCENT, ALERT, GUARD, TRUTH, *(f"--series-{place}" for place in range(4, 8)))
#: Steps from low to high, and the ink that is read on each.
HEAT = tuple(f"--heat-{step}" for step in range(7))
HEAT_INK = tuple(f"--heat-ink-{step}" for step in range(7))

#: Every variable that a chart may use.
VARIABLES = (INK, MUTED, GRID, CARD, GUARD, SHADE, *SERIES, *HEAT, *HEAT_INK)
