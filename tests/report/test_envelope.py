"""Long lines are thinned to what a screen shows, without losing a peak or bridging a gap."""

from __future__ import annotations

import numpy as np

from wifitrain.report.charts.envelope import COLUMNS, envelope, marks_kept


def test_a_single_peak_among_a_million_windows_is_kept() -> None:
    """The highest and lowest value are in the thinned line, which has few points."""
    y = np.zeros(1_000_000)
    y[654_321], y[123_456] = 9.0, -9.0
    _, line = envelope(np.arange(1_000_000.0), y, step=1)
    assert line.max() == 9
    assert line.min() == -9
    assert len(line) <= 3 * COLUMNS


def test_a_short_line_is_left_as_it_is() -> None:
    """Where there are fewer windows than pixels each keeps its own place and value."""
    x, y = np.arange(5.0), np.array([1.0, 5, 2, 4, 3])
    line_x, line_y = envelope(x, y, step=1)
    assert line_x[::2].tolist() == x.tolist()
    assert line_y[::2].tolist() == y.tolist()


def test_a_gap_breaks_the_line() -> None:
    """Two hours without windows are not crossed by a stroke."""
    x = np.array([0.0, 1, 2, 10, 11])
    line_x, line_y = envelope(x, np.ones(5), step=1)
    assert np.isnan(line_x).sum() == 1
    assert line_x[:6].tolist() == [0, 0, 1, 1, 2, 2]
    assert np.isnan(line_y[6])


def test_marks_are_dropped_only_where_another_covers_them() -> None:
    """Of marks on the same spot one stays; marks apart all stay."""
    x, y = np.array([0.0, 0.0001, 50, 100]), np.array([1.0, 1.0, 1.0, 2.0])
    assert marks_kept(x, y, bounds=(0, 100, 0, 3)).tolist() == [True, False, True, True]


def test_an_empty_line_stays_empty() -> None:
    """No windows, no points."""
    assert len(envelope(np.array([]), np.array([]), step=1)[0]) == 0
