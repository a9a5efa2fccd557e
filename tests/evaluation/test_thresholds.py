import numpy as np
import pytest

from wifitrain.evaluation.thresholds import (
    analyse_thresholds,
    distributions,
    flagged_at_budget,
    order_threshold,
)
from wifitrain.records import TEST

from .made_up import case_of, noise


@pytest.mark.parametrize(("budget", "expected"), [(0.1, 90), (0.5, 50), (0.01, 99), (0.009, None)])
def test_threshold_is_the_order_statistic_of_the_budget(budget, expected) -> None:
    """Of 99 scores 1..99 the ceil(100 (1 - budget))-th, and none for a budget out of reach."""
    assert order_threshold(np.arange(1, 100), budget) == expected


def test_out_of_reach_flags_only_above_all_calibration() -> None:
    """With too short a calibration only scores above all of it are flagged."""
    flagged = flagged_at_budget(np.array([2.0, 3.0, 4.0]), np.array([1.0, 3.0]), 0.01)
    assert flagged.tolist() == [False, False, True]


def test_distribution_of_each_part_is_numpys() -> None:
    """Mean, spread and percentiles are those of the part's scores and of no other."""
    case = case_of(noise(400))
    found, scores = distributions(case)["test"], case.scored.score[case.rows(TEST)]
    assert (found.n, found.mean, found.max) == (len(scores), scores.mean(), scores.max())
    assert found.percentiles["95"] == np.quantile(scores, 0.95)


def test_larger_budgets_alert_more() -> None:
    """Along the grid thresholds fall and alert rates rise; contamination is a budget."""
    points = [
        p for p in analyse_thresholds(case_of(noise(400)), grid=(0.02, 0.1, 0.3)) if p.threshold
    ]
    thresholds, rates = [p.threshold for p in points], [p.alert_rate for p in points]
    assert thresholds == sorted(thresholds, reverse=True)
    assert rates == sorted(rates)
    assert len(set(rates)) > 2
    assert all(point.precision is None and point.recall is None for point in points)


def test_unreachable_budget_says_what_it_needs() -> None:
    """A budget of .001 has no threshold here, and needs 999 calibration windows."""
    point = analyse_thresholds(case_of(noise(400)), grid=(0.001,))[0]
    assert (point.threshold, point.alert_rate) == (None, None)
    assert point.calibration_windows_needed == 999
