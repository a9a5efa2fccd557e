from dataclasses import replace

import pytest

from wifitrain.evaluation.stability import Agreement
from wifitrain.evaluation.thresholds import ThresholdPoint

from .made_up import labelled_evidence, noise_evidence


@pytest.fixture(scope="module")
def evidence():
    """Evidence without labels."""
    return noise_evidence()


def texts(evidence) -> str:
    """All advice as one text."""
    return "\n".join(advice.text for advice in evidence.recommendations)


def test_a_flood_of_alerts_points_to_drift(evidence) -> None:
    """Three times the budget: drift or too little calibration, never "raise contamination"."""
    volume = replace(evidence.alert_volume, ratio_to_budget=3.0, ratio_interval=(2.5, 3.4))
    found = texts(replace(evidence, alert_volume=volume))
    assert "3 times the budget (95 %: 2.5 to 3.4)" in found
    assert "drifted" in found
    assert "raise model.contamination" not in found


def test_too_quiet_means_more_contamination(evidence) -> None:
    """A larger contamination flags more, so too few alerts ask for more of it."""
    volume = replace(evidence.alert_volume, ratio_to_budget=0.1, ratio_interval=(0, 0.3))
    assert "raise model.contamination: more alerts" in texts(replace(evidence, alert_volume=volume))


def stability(evidence, *sizes: tuple[int, float]):
    """Measured agreement by size; the first is the model's own."""
    by_size = tuple(Agreement(jaccard=j, spearman=0.9, pairs=3, n_estimators=n) for n, j in sizes)
    own = replace(
        evidence.stability, jaccard=sizes[0][1], n_estimators=sizes[0][0], by_size=by_size
    )
    return replace(evidence, stability=own)


def test_unstable_alerts_name_the_smallest_measured_size_that_helps(evidence) -> None:
    """At .70 with 100 trees, 300 trees that reached .85 are named and not the larger ones."""
    found = texts(stability(evidence, (100, 0.7), (200, 0.77), (300, 0.85), (400, 0.9)))
    assert "30% of the alerts of two seeds" in found
    assert "300 trees reach an agreement of 0.85 instead of 0.70 (model.n_estimators=300)" in found


def test_unstable_alerts_that_nothing_measured_helps(evidence) -> None:
    """Where no larger forest was better none is promised; where all is well nothing is said."""
    assert "no larger forest" in texts(stability(evidence, (100, 0.7), (200, 0.65)))
    assert "two seeds" not in texts(stability(evidence, (100, 0.9), (200, 0.95)))


def test_rounding_of_a_mean_is_no_instability(evidence) -> None:
    """A mean of overlaps that ends a hair below .8 is .8; the next size down is not."""
    assert "two seeds" not in texts(stability(evidence, (100, 0.7999999999), (200, 0.95)))
    assert "300 trees reach" in texts(
        stability(evidence, (100, 0.7), (300, 0.7999999999), (400, 0.9))
    )
    assert "two seeds" in texts(stability(evidence, (100, 0.79), (200, 0.95)))


def test_thin_calibration_is_named_with_what_it_needs(evidence) -> None:
    """At a budget of .01 a threshold on 199 windows rests on two of them: 1000 are steadier."""
    volume = replace(evidence.alert_volume, budget=0.01)
    found = texts(replace(evidence, alert_volume=volume))
    assert "rests on the 2 highest of 199 calibration windows: 1000 windows" in found


def test_constant_features_and_unread_lines_are_named(evidence) -> None:
    """The estimator is blind to constant columns, and unknown lines can only be counted."""
    features = replace(
        evidence.features, constant=tuple(f"c{i}" for i in range(7)), understood_ratio=0.6
    )
    found = texts(replace(evidence, features=features))
    assert "7 features never varied" in found
    assert "and 2 more" in found
    assert "Only 60% of the WiFi lines were understood" in found


def test_a_guard_that_does_all_the_work_is_named(evidence) -> None:
    """Most alerts by the guard alone: train on a longer span."""
    by_source = {"estimator": 1, "guard": 9, "both": 0}
    volume = replace(evidence.alert_volume, by_source=by_source, alerts=10)
    found = texts(replace(evidence, alert_volume=volume))
    assert "9 of 10 alerts come from the guard alone" in found


def labelled(evidence, **metrics: float):
    """Evidence with labels and these metrics, and a threshold analysis around the budget."""
    points = [
        ThresholdPoint(
            contamination=c, calibration_windows_needed=1, threshold=0.5, recall=r, precision=p
        )
        for c, r, p in [(0.01, 0.1, 0.9), (0.1, 0.3, 0.6), (0.2, 0.8, 0.4)]
    ]
    judged = replace(evidence.labelled, metrics=metrics)
    return replace(evidence, labelled=judged, threshold_analysis=points)


def test_advice_on_labels_points_the_right_way() -> None:
    """Low recall: raise contamination; low precision: lower it; each with the next budget."""
    evidence = labelled_evidence()
    found = texts(labelled(evidence, recall=0.3, precision=0.9))
    assert "raise model.contamination" in found
    assert "(at 0.2: recall 0.80, precision 0.40)" in found
    assert "lower model.contamination" not in found.replace("\n", " ")
    found = texts(labelled(evidence, recall=0.9, precision=0.6))
    assert "lower model.contamination" in found
    assert "(at 0.01: recall 0.10, precision 0.90)" in found


def test_every_piece_of_advice_has_numbers(evidence) -> None:
    """Nothing is advised without the numbers it follows from; without labels, to label."""
    assert all(advice.numbers for advice in evidence.recommendations)
    assert "source.labels" in texts(evidence)
