"""Control limits of the two numbers an operator follows: alert rate and mean score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from wifitrain.monitoring.baseline import Baseline
    from wifitrain.monitoring.sketch import Sketch

__all__ = ["AlertRate", "MeanScore", "alert_rate", "mean_score"]

#: An alert rate is worth a word from this factor on; the release gate has the same.
_FACTOR = 2.0
_SIGMAS = 3.0


@dataclass(frozen=True, kw_only=True)
class AlertRate:
    """Alerts a window, and the limits between which chance alone leaves it."""

    rate: float
    expected: float
    low: float
    high: float
    outside: bool

    @property
    def reason(self) -> str:
        """The finding in words."""
        return f"alert rate {self.rate:.2%}, expected {self.expected:.2%} (at most {self.high:.2%})"


@dataclass(frozen=True, kw_only=True)
class MeanScore:
    """The mean score, and Shewhart's limits at three standard errors."""

    mean: float
    expected: float
    low: float
    high: float


def alert_rate(
    baseline: Baseline, *, windows: int, alerts: int, false_alarm_rate: float
) -> AlertRate:
    """Whether the alert rate left its limits and is off by more than a factor of two.

    How many of later exchangeable windows lie above an order statistic of the calibration is
    beta-binomial (conformal prediction's exact law); neighbours count as dependent.
    """
    from scipy.stats import betabinom

    independent = max(1, round(windows / _dependence(baseline)))
    law = betabinom(independent, baseline.alerts + 1, baseline.calibration - baseline.alerts)
    low = max(0.0, float(law.ppf(false_alarm_rate / 2)) - 1) / independent
    high = float(law.ppf(1 - false_alarm_rate / 2)) / independent
    rate = alerts / windows
    expected = (baseline.alerts + 1) / (baseline.calibration + 1)
    far = rate > _FACTOR * expected or rate < expected / _FACTOR
    return AlertRate(
        rate=rate, expected=expected, low=low, high=high, outside=far and not low <= rate <= high
    )


def mean_score(sketch: Sketch, scores: np.ndarray) -> MeanScore:
    """The mean of `scores`, shape (n,), beside the limits that the sketch's spread gives it."""
    import numpy as np

    weight = np.diff(np.array(sketch.below), prepend=0) / sketch.count
    points = np.array(sketch.points)
    expected = float((weight * points).sum())
    variance = float((weight * (points - expected) ** 2).sum())
    rows = (1 / len(scores) + 1 / sketch.count) * sketch.dependence
    margin = _SIGMAS * math.sqrt(variance * rows)
    return MeanScore(
        mean=float(scores.mean()),
        expected=expected,
        low=expected - margin,
        high=expected + margin,
    )


def _dependence(baseline: Baseline) -> float:
    from wifitrain.monitoring.baseline import SCORE

    return baseline.sketches[SCORE].dependence
