"""The threshold is an order statistic, and a budget is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from wifitrain.calibration import AlertBudget
from wifitrain.errors import ConfigError, DataError


def test_threshold_is_the_conformal_order_statistic() -> None:
    """With 99 scores and a budget of 5 % it is the ceil(100 x 0.95) = 95th smallest."""
    scores = np.random.default_rng(0).permutation(np.arange(1, 100)).astype(float)
    calibration = AlertBudget(contamination=0.05).calibrate(scores, window_s=300)
    assert calibration.threshold == 95


def test_later_scores_keep_the_budget() -> None:
    """Over many draws the mean rate of exceedance stays at or below the contamination."""
    rng = np.random.default_rng(1)
    budget = AlertBudget(contamination=0.1)
    rates = []
    for _ in range(400):
        threshold = budget.calibrate(rng.normal(size=99), window_s=300).threshold
        rates.append((rng.normal(size=200) > threshold).mean())
    assert 0.09 < np.mean(rates) < 0.105


def test_alerts_per_day_become_a_share_of_windows() -> None:
    """2.88 alerts a day are one window of five minutes in a hundred."""
    budget = AlertBudget(contamination=0.5, alerts_per_day=2.88)
    assert budget.contamination(300) == pytest.approx(0.01)
    calibration = budget.calibrate(np.arange(200.0), window_s=300)
    assert calibration.alerts_per_day == pytest.approx(2.88)


def test_too_small_a_budget_for_the_data_is_refused() -> None:
    """98 windows cannot calibrate one in a hundred, 99 can."""
    budget = AlertBudget(contamination=0.01)
    with pytest.raises(DataError, match="99 are needed"):
        budget.calibrate(np.arange(98.0), window_s=300)
    assert budget.calibrate(np.arange(99.0), window_s=300).threshold == 98


@pytest.mark.parametrize("value", [0, 0.51, 7, -1, True, "a", None, float("nan")])
def test_contamination_out_of_range_is_named(value: object) -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match=r"model.contamination must be in \(0, 0.5\], got"):
        AlertBudget(contamination=value)


@pytest.mark.parametrize("value", [0, -3, float("inf"), "many"])
def test_unusable_alerts_per_day_are_named(value: object) -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match="training.alerts_per_day must be null or above 0, got"):
        AlertBudget(alerts_per_day=value)


def test_more_alerts_than_half_the_windows_are_refused() -> None:
    """A budget of 200 alerts a day at ten-minute windows is no budget."""
    with pytest.raises(ConfigError, match="more than every second window"):
        AlertBudget(alerts_per_day=200).contamination(600)
