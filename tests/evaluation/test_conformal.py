from math import comb

import numpy as np
import pytest

from wifitrain.evaluation.conformal import benjamini_hochberg, calibration_windows_needed
from wifitrain.evaluation.ladder import Ladder

from .made_up import evidence_of, noise


def test_p_values_count_calibration_scores_at_or_above() -> None:
    """Of four calibration scores, (1 + at or above) / 5; higher scores are rarer."""
    found = Ladder(np.array([0.5, 2.0, 9.0]), np.array([4.0, 1, 3, 2])).p_values
    assert found.tolist() == [1.0, 0.8, 0.2]


def test_benjamini_hochberg_rejects_what_the_paper_rejects() -> None:
    """The example of Benjamini and Hochberg (1995): four of fifteen at .05."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459]
    p += [0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    rejected = benjamini_hochberg(np.array(p[::-1]), alpha=0.05)
    assert rejected.tolist() == [False] * 11 + [True] * 4


def test_benjamini_hochberg_can_reject_nothing() -> None:
    """Where no p-value is small enough nothing is rejected."""
    assert not benjamini_hochberg(np.array([0.2, 0.9]), alpha=0.1).any()


def test_resolution_takes_ten_days_of_minutes() -> None:
    """To flag one minute of a day at .1 takes 14,399 calibration windows: ten days."""
    assert calibration_windows_needed(1440, alpha=0.1) == 14_399
    at = np.array([100.0])
    enough, short = np.arange(14_399), np.arange(14_398)
    for calibration, found in ((enough, True), (short, False)):
        p = np.append(Ladder(at + 1e6, calibration).p_values, np.ones(1439))
        assert benjamini_hochberg(p, alpha=0.1)[0] == found


def test_conformal_evidence_prints_its_caveat_and_needs() -> None:
    """Evidence says how many windows it lacks and that exchangeability is assumed."""
    found = evidence_of(noise(400), entities=2).conformal
    assert found.calibration_windows_needed == 288 * 2 * 10 - 1
    assert not found.resolution_sufficient
    assert found.smallest_p >= 1 / (found.calibration_windows + 1)
    assert "exchangeable" in found.caveat


def test_confidence_is_the_binomial_tail_of_exceed() -> None:
    """Confidence of an alert sums the binomial tail by hand; of a silent window, its rest."""
    calibration, n = np.arange(20.0), 20
    scores = np.array([18.5, 3.0])
    share = [(1 + 19) / 22, (1 + 4) / 22]
    tails = [
        sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n - 2 + 1, n + 1)) for p in share
    ]
    ladder = Ladder(scores, calibration)
    found = ladder.confidence(contamination=0.1, flagged=np.array([True, False]))
    assert found == pytest.approx([tails[0], 1 - tails[1]])
