import math

import pytest
from sklearn.isotonic import IsotonicRegression

from wifitrain.evaluation.bench import (
    IncidentTrial,
    intensity_at_recall,
    isotonic_recall,
    summarise_trials,
)


def trials(incident: str, scorer: str, outcomes: dict[float, tuple[int, int]], delay_s=60.0):
    """`outcomes`: intensity -> (detected, trials)."""
    return [
        IncidentTrial(
            incident=incident,
            scorer=scorer,
            intensity=intensity,
            detected=i < detected,
            delay_s=delay_s * (i + 1) if i < detected else None,
        )
        for intensity, (detected, n) in outcomes.items()
        for i in range(n)
    ]


def test_isotonic_recall_is_scikit_learns() -> None:
    """Pooling adjacent violators weighted by trials equals scikit-learn's isotonic regression."""
    detected, n = [2, 1, 6, 3, 9, 8, 8], [10, 5, 10, 10, 10, 10, 8]
    shares = [d / k for d, k in zip(detected, n, strict=True)]
    expected = IsotonicRegression().fit_transform(range(7), shares, sample_weight=n)
    assert isotonic_recall(detected, n) == pytest.approx(expected)


def test_intensity_is_interpolated_in_its_logarithm() -> None:
    """Half way in recall between intensities 1 and 100 is intensity 10."""
    assert intensity_at_recall([1, 100], [0.4, 0.6], recall=0.5) == pytest.approx(10)
    assert intensity_at_recall([1, 100], [0.4, 0.6], recall=0.9) is None
    assert intensity_at_recall([2, 100], [0.5, 0.6], recall=0.5) == 2


def test_trials_are_summed_up_by_incident_and_scorer() -> None:
    """Recall, Wilson's interval, median delay and intensities, each scorer for itself."""
    found = summarise_trials(
        trials("flood", "model", {1: (0, 10), 10: (5, 10), 100: (10, 10)})
        + trials("flood", "rule", {1: (1, 10), 10: (1, 10)})
        + trials("flap", "model", {1: (10, 10)})
    )
    assert [(o.incident, o.scorer) for o in found] == [
        ("flap", "model"), ("flood", "model"), ("flood", "rule"),
    ]  # fmt: skip
    flood, rule = found[1], found[2]
    assert flood.recall == 0.5
    assert flood.recall_interval == pytest.approx((0.3315, 0.6685), abs=1e-4)
    assert flood.intensity_at_50 == pytest.approx(10)
    assert flood.intensity_at_90 == pytest.approx(10 * math.exp(0.8 * math.log(10)))
    assert flood.median_delay_s == 240.0
    assert (rule.intensity_at_50, rule.recall) == (None, 0.1)
    assert [point.recall for point in flood.by_intensity] == [0.0, 0.5, 1.0]
