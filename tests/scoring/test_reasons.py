"""Who raised an alert, in words."""

from __future__ import annotations

import pytest

from wifitrain.scoring import alert_reasons


def test_the_guard_is_named_with_its_reason_and_quiet_windows_have_none() -> None:
    """A guard's reason on a window that does not alert is no reason of an alert."""
    found = alert_reasons([True, True, False, False], ["n 9 outside 0..4", "", "n 5 outside", ""])
    assert found == ["guard: n 9 outside 0..4", "estimator", "", ""]


def test_a_reason_for_each_window_or_none_at_all() -> None:
    """Columns of different lengths never become a table that is shifted."""
    with pytest.raises(ValueError, match="2 windows, but 1 reasons"):
        alert_reasons([True, False], [""])
