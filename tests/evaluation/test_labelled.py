import numpy as np
import pytest
from sklearn import metrics as reference

from wifitrain.evaluation.chance import AveragePrecision
from wifitrain.evaluation.intervals import Blocks, percentile_interval
from wifitrain.evaluation.labelled import measure_labelled, score_metrics

from .made_up import (
    LABELS,
    TrainedDistance,
    case_of,
    evidence_of,
    labelled_evidence,
    noise,
    with_incidents,
)


def test_metrics_are_scikit_learns() -> None:
    """Every metric equals the textbook's value at the fixed threshold."""
    generator = np.random.default_rng(3)
    truth = generator.integers(0, 2, 200)
    scores = generator.random(200) + 0.3 * truth
    flagged = scores > 0.8
    expected = {
        "accuracy": reference.accuracy_score(truth, flagged),
        "precision": reference.precision_score(truth, flagged),
        "recall": reference.recall_score(truth, flagged),
        "f1_score": reference.f1_score(truth, flagged),
        "roc_auc": reference.roc_auc_score(truth, scores),
        "average_precision": reference.average_precision_score(truth, scores),
    }
    assert score_metrics(truth, scores, flagged=flagged) == pytest.approx(expected)


def test_one_class_leaves_out_what_is_undefined() -> None:
    """Only normal windows and no alert: accuracy is all that can be said."""
    zeros, scores = np.zeros(5, int), np.arange(5.0)
    assert score_metrics(zeros, scores, flagged=scores > 9) == {"accuracy": 1.0}
    assert set(score_metrics(zeros + 1, scores, flagged=scores > 9)) == {
        "accuracy",
        "recall",
        "f1_score",
    }


def test_labels_are_judged_at_the_fixed_threshold() -> None:
    """Confusion matrix, report and metrics count the same alerts of the same threshold."""
    found = labelled_evidence()
    (tn, fp), (fn, tp) = found.labelled.confusion_matrix
    assert tn + fp + fn + tp == found.labelled.windows == found.alert_volume.windows
    assert fp + tp == found.alert_volume.alerts
    assert found.labelled.metrics["precision"] == pytest.approx(tp / (tp + fp))
    report = found.labelled.classification_report["anomalous"]
    assert report["recall"] == pytest.approx(tp / (tp + fn))
    assert report["support"] == found.labelled.positives


def test_curves_end_where_they_must() -> None:
    """ROC runs from (0, 0) to (1, 1), recall to 1, and the area under ROC is ROC AUC."""
    found = evidence_of(with_incidents(1.0), labels=LABELS).labelled
    assert (found.roc_curve[0], found.roc_curve[-1]) == ((0.0, 0.0), (1.0, 1.0))
    assert found.pr_curve[-1] == (1.0, pytest.approx(found.prevalence))
    assert len(found.roc_curve) <= 201
    x, y = np.array(found.roc_curve).T
    assert np.trapezoid(y, x) == pytest.approx(found.metrics["roc_auc"], abs=0.005)


def test_average_precision_has_an_interval_beside_the_prevalence() -> None:
    """The interval holds the value and lies above the prevalence where incidents are found."""
    found = labelled_evidence().labelled
    low, high = found.average_precision_interval
    assert found.prevalence < low < found.metrics["average_precision"] < high
    assert found.beats_chance


def test_labels_that_noise_cannot_know_are_chance() -> None:
    """Over 40 noises few look better than labels shifted in time; none at one in a hundred."""
    p_values = []
    for seed in range(40):
        case = case_of(noise(400, seed=seed), make=TrainedDistance, labels=LABELS[:400])
        ranking = AveragePrecision(case, case.labelled_test_rows)
        p_values.append(ranking.chance_p_value(rounds=100))
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.12)
    assert np.mean(np.array(p_values) <= 0.1) < 0.25


def test_weighted_average_precision_is_scikit_learns() -> None:
    """Ties and weights included."""
    case = case_of(noise(400).round(1), make=TrainedDistance, labels=LABELS[:400])
    rows = case.labelled_test_rows
    truth, weights = case.labels[rows], np.arange(len(rows)) % 3
    found = AveragePrecision(case, rows).of(truth, weights=weights)
    expected = reference.average_precision_score(
        truth, case.scored.score[rows], sample_weight=weights
    )
    assert found == pytest.approx(expected)


def test_few_positives_are_descriptive_only() -> None:
    """Under 20 anomalous test windows no gate rests on the labels."""
    few = LABELS & (np.arange(1200) < 1060)
    found = evidence_of(with_incidents(), labels=few, thresholds={"recall": 0.0})
    assert (found.labelled.positives, found.labelled.descriptive_only) == (17, True)
    states = {check.name: check.state for check in found.checks}
    assert states["recall"] == states["detection"] == "not_measured"
    assert "descriptive only" in found.verdict


def test_unlabelled_windows_take_no_part() -> None:
    """Windows without a label count neither as normal nor as anomalous."""
    labels = np.where(np.arange(1200) % 2 == 0, LABELS, None)
    found = evidence_of(with_incidents(), labels=labels).labelled
    assert found.windows == pytest.approx(150, abs=1)


def test_only_the_asked_metrics_are_reported() -> None:
    """`metrics` chooses what is reported, in its order."""
    found = evidence_of(with_incidents(), labels=LABELS, metrics=["roc_auc", "recall"])
    assert list(found.labelled.metrics) == ["roc_auc", "recall"]


def test_no_positive_is_no_evidence() -> None:
    """Labels that know only normal windows show no detection, and give no ranking metric."""
    found = evidence_of(noise(400), labels=False)
    assert "roc_auc" not in found.labelled.metrics
    assert found.labelled.average_precision_interval is None
    assert found.labelled.events is None
    assert found.verdict.startswith("No evidence that this model detects anything: 0 anomalous")


def test_the_interval_is_the_bootstrap_of_scikit_learns_value() -> None:
    """Resampling by weights gives the interval of average precision computed row by row."""
    case = case_of(with_incidents(1.5), labels=LABELS)
    rows = case.labelled_test_rows
    drawn = Blocks(case.starts[rows]).resampled_rows(rounds=100, generator=case.generator(5))
    values = [
        reference.average_precision_score(case.labels[rows[d]], case.scored.score[rows[d]])
        for d in drawn
    ]
    found = measure_labelled(case, metrics=[], rounds=100)
    assert found.average_precision_interval == pytest.approx(percentile_interval(np.array(values)))
