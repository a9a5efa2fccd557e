"""A batch that did not change stays stable at its stated rate; one that did is caught at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.monitoring.made_up import QUIET_DATA, features, later, training, windows
from wifitrain.errors import PackageError
from wifitrain.monitoring import Baseline, Limits, compare

LIMITS = Limits()


@pytest.mark.parametrize(("size", "batches"), [(100, 200), (20_000, 200)])
def test_stable_batches_are_called_stable(size: int, batches: int) -> None:
    """False verdicts stay within the stated rate at both sizes (Clopper-Pearson at 99.9 %)."""
    from scipy.stats import binom

    false_verdicts = 0
    for number in range(batches):
        rng = np.random.default_rng([size, number])
        baseline = training(rng)
        false_verdicts += (
            compare(baseline, later(rng, baseline, size), limits=LIMITS).verdict != "stable"
        )
    assert false_verdicts <= binom.ppf(0.999, batches, LIMITS.false_alarm_rate), false_verdicts
    print(size, false_verdicts)


@pytest.mark.parametrize(
    ("size", "batches", "least"), [(100, 50, 45), (1_000, 20, 20), (20_000, 10, 10)]
)
def test_half_a_standard_deviation_in_three_features_is_caught(
    size: int, batches: int, least: int
) -> None:
    """In the first batch, and the features that moved are named."""
    caught = 0
    for number in range(batches):
        rng = np.random.default_rng([7, size, number])
        baseline = training(rng)
        X = features(rng, size)
        X[["level_0", "level_1", "level_2"]] += 0.5
        report = compare(baseline, later(rng, baseline, size, windows=windows(X)), limits=LIMITS)
        named = {drift.name for drift in report.distributions if drift.drifted}
        caught += report.verdict == "drifting" and named <= {"level_0", "level_1", "level_2"}
    print(size, caught)
    assert caught >= least
