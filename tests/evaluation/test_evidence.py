import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from wifitrain.errors import EvaluationError
from wifitrain.evaluation.evidence import as_json
from wifitrain.records import FIT, TEST, Parts

from .design_witness import design_metrics
from .made_up import (
    LABELS,
    TrainedForest,
    evidence_of,
    labelled_evidence,
    noise,
    noise_evidence,
    parts_of,
    quick,
    scored_by,
    windows_of,
    with_incidents,
)

SUPERVISED = {
    "basic_metrics", "labelled", "accuracy", "precision", "recall", "f1_score", "roc_auc",
    "average_precision", "prevalence", "confusion_matrix", "classification_report", "roc_curve",
    "pr_curve", "metrics", "pseudo_labels",
}  # fmt: skip


def keys_and_leaves(value):
    """Every key and every leaf below `value`."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, None
            yield from keys_and_leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from keys_and_leaves(item)
    else:
        yield None, value


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_designs_evaluator_finds_noise_perfect(seed) -> None:
    """The witness: on pure noise at a contamination of .1 the design reports 1.000 throughout."""
    X = noise(2000, seed=seed).to_numpy()
    assert set(design_metrics(X, contamination=0.1).values()) == {1.0}
    assert design_metrics(X, contamination=0.05)["f1_score"] == pytest.approx(0.67, abs=0.01)


def test_noise_is_no_evidence() -> None:
    """Ours, on the same noise: no evidence, and the null panel beside it reaches the same."""
    found = evidence_of(noise(1200), contamination=0.1)
    assert found.verdict.startswith("No evidence that this model detects anything")
    assert found.storable_as == "candidate"
    permuted = found.null_panel[0]
    assert permuted.ratio_to_budget == pytest.approx(found.alert_volume.ratio_to_budget, abs=0.4)
    assert permuted.jaccard == pytest.approx(found.stability.jaccard, abs=0.2)


def test_noise_with_labels_is_no_evidence_either() -> None:
    """Labels that noise cannot know: average precision at the prevalence, and the words for it."""
    found = evidence_of(noise(1200), labels=LABELS)
    assert "it does no better than chance" in found.verdict
    assert found.storable_as == "candidate"


def test_found_incidents_are_told_first() -> None:
    """With labels the verdict begins with the metrics and the incidents noticed."""
    found = labelled_evidence()
    assert found.verdict.startswith("With labels: accuracy 0.9")
    assert "incidents noticed" in found.verdict


def test_without_labels_the_supervised_keys_are_absent() -> None:
    """Not 0, not null: no supervised key anywhere, and no null or NaN in strict JSON."""
    section = noise_evidence().to_json()
    keys = {key for key, _ in keys_and_leaves(section)}
    assert not keys & SUPERVISED
    assert section["labels"] == "none"
    assert all(leaf is not None for key, leaf in keys_and_leaves(section) if key is None)
    assert json.loads(json.dumps(section, allow_nan=False)) == section


def test_with_labels_every_key_of_the_design_is_there() -> None:
    """The design's sections have their names, and metadata holds numbers only."""
    found = labelled_evidence()
    section = found.to_json()
    assert section["labels"] == "provided"
    assert {"basic_metrics", "advanced_metrics", "cross_validation", "threshold_checks"} <= set(
        section
    )
    assert set(section["advanced_metrics"]) == {
        "confusion_matrix", "classification_report", "threshold_analysis", "score_distribution",
        "roc_curve", "pr_curve",
    }  # fmt: skip
    assert section["basic_metrics"]["prevalence"] == pytest.approx(32 / 299, abs=0.01)
    json.dumps(section, allow_nan=False)
    info = found.evaluation_info()
    assert all(isinstance(value, float) for value in info["basic_metrics"].values())


def test_metadata_without_labels_has_empty_metrics() -> None:
    """A consumer that reads `basic_metrics` finds an empty object and no null."""
    info = noise_evidence().evaluation_info()
    assert (info["basic_metrics"], info["labels"]) == ({}, "none")
    assert "null" not in json.dumps(info, allow_nan=False)


def test_pseudo_labels_are_fenced_off() -> None:
    """The design's numbers come on demand, under their name, with a warning, and gate nothing."""
    options = {"contamination": 0.1, "thresholds": {"accuracy": 0.8}}
    plain = evidence_of(noise(800), **options)
    found = evidence_of(noise(800), pseudo_labels=True, **options)
    assert found.pseudo_labels.metrics["roc_auc"] == 1.0
    assert found.pseudo_labels.metrics["accuracy"] > 0.85
    assert "no gate" in found.to_json()["pseudo_labels"]["warning"]
    assert found.checks == plain.checks
    assert found.verdict == plain.verdict
    assert "basic_metrics" not in found.to_json()


def test_the_same_case_gives_the_same_evidence() -> None:
    """Every number comes from the seed: two runs agree, another seed does not."""
    X = with_incidents()[:400]
    first, second = (evidence_of(X, labels=LABELS[:400]).to_json() for _ in range(2))
    assert first == second
    other = evidence_of(X, labels=LABELS[:400], random_state=7).to_json()
    assert other["alert_volume"]["rate_interval"] != first["alert_volume"]["rate_interval"]


def test_nothing_is_fitted_on_calibration_or_test_windows() -> None:
    """Refits for stability and ranks see fit windows only."""
    X = noise(800)
    windows = windows_of(X)
    parts = parts_of(windows)
    trained = TrainedForest.on(X[parts.rows(FIT)])
    scored = scored_by(windows, parts, trained)
    judge = quick(cross_validation=False)
    judge.evaluate(windows, parts, trained, scored)
    fit = set(np.flatnonzero(parts.rows(FIT)))
    assert len(trained.refits) == 3 * 2 + 2 + 2 + 1
    # The null panel's rows are shuffled before they are fitted: they are no windows of ours.
    assert all(set(index) <= fit for index in trained.refits)


def test_scores_that_are_not_finite_are_counted_and_left_out() -> None:
    """NaN and infinity fail their gate and poison no other number."""
    X = noise(800)
    windows = windows_of(X)
    parts = parts_of(windows)
    trained = TrainedForest.on(X[parts.rows(FIT)])
    scored = scored_by(windows, parts, trained)
    score = scored.score.copy()
    score[[3, 700]] = np.nan, np.inf
    found = quick().evaluate(windows, parts, trained, replace(scored, score=score))
    assert found.not_finite == 2
    assert found.checks[0].state == "failed"
    json.dumps(found.to_json(), allow_nan=False)


def test_a_part_without_windows_is_refused() -> None:
    """Without test windows there is nothing to say, and the message says which part is missing."""
    X = noise(100)
    windows = windows_of(X)
    parts = parts_of(windows)
    trained = TrainedForest.on(X)
    scored = scored_by(windows, parts, trained)
    none = Parts(name=np.where(parts.rows(TEST), FIT, parts.name))
    with pytest.raises(EvaluationError, match="no test windows"):
        quick().evaluate(windows, none, trained, scored)
    with pytest.raises(EvaluationError, match="100 rows of X, but 100 in the index, 99 parts"):
        quick().evaluate(windows, Parts(name=parts.name[1:]), trained, scored)


def test_features_the_estimator_cannot_use_are_named() -> None:
    """Columns that are constant or empty in the fit part, and what the export cannot feed."""
    X = noise(400).assign(same=1.0, empty=np.nan)
    windows = windows_of(X.fillna(0.0))
    windows = replace(
        windows, X=X, unavailable={"beacon_ratio": "no"}, account={"understood_ratio": 0.9}
    )
    parts = parts_of(windows)
    trained = TrainedForest.on(X[["f0", "f1"]])
    scored = scored_by(windows, parts, trained)

    class Two(TrainedForest):
        def refit(self, X: pd.DataFrame, **options):
            return super().refit(X[["f0", "f1"]], **options)

    found = quick().evaluate(windows, parts, Two(trained.detector, 50, []), scored).features
    assert (found.used, found.constant) == (4, ("same", "empty"))
    assert (found.unavailable, found.understood_ratio) == (("beacon_ratio",), 0.9)


def test_json_drops_what_is_unknown() -> None:
    """None, NaN and infinity leave no key; numpy's numbers become Python's."""
    assert as_json({"a": None, "b": np.nan, "c": np.float64(2), "d": (np.int64(1), None)}) == {
        "c": 2.0,
        "d": [1],
    }
