"""Fits are honest about what they saw, repeatable, and nest."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wifitrain.errors import ConfigError, TrainingError
from wifitrain.training import (
    EstimatorSpec,
    Trainer,
    content_digest,
    elliptic_envelope,
    isolation_forest,
    local_outlier_factor,
    one_class_svm,
    pca_reconstruction,
    robust_zscore,
)


def forest(**changed: Any) -> EstimatorSpec:
    """The default forest with some values changed."""
    values: dict[str, Any] = {
        "type": "isolation_forest",
        "n_estimators": 40,
        "max_samples": "auto",
        "contamination": 0.02,
        "random_state": 42,
        "bootstrap": False,
        "max_features": 1.0,
    }
    return isolation_forest(**{**values, **changed})


MODELS = {
    "isolation_forest": forest(),
    "local_outlier_factor": local_outlier_factor(
        type="local_outlier_factor", n_neighbors=20, contamination=0.02
    ),
    "one_class_svm": one_class_svm(type="one_class_svm", nu=0.1, gamma="scale", contamination=0.02),
    "elliptic_envelope": elliptic_envelope(
        type="elliptic_envelope", support_fraction=None, contamination=0.02, random_state=0
    ),
    "pca_reconstruction": pca_reconstruction(
        type="pca_reconstruction", explained_variance=0.5, contamination=0.02
    ),
    "robust_zscore": robust_zscore(type="robust_zscore", contamination=0.02),
}


@pytest.fixture
def X() -> pd.DataFrame:
    """300 windows of four features that hang together, one constant, some undefined."""
    rng = np.random.default_rng(7)
    hidden = rng.normal(size=(300, 2))
    values = hidden @ rng.normal(size=(2, 4)) + 0.1 * rng.normal(size=(300, 4))
    frame = pd.DataFrame(values, columns=list("abcd"))
    frame["constant"] = 3.0
    frame.loc[::7, "b"] = np.nan
    return frame


@pytest.mark.parametrize("name", MODELS)
def test_every_model_scores_a_far_window_highest(name: str, X: pd.DataFrame) -> None:
    """Higher = more anomalous, for every model."""
    detector = Trainer(model=MODELS[name]).fit(X).detector
    far = X[:1].assign(a=60.0, b=-60.0, c=60.0, d=60.0)
    scores = detector.score(X)
    assert np.isfinite(scores).all()
    assert detector.score(far)[0] > np.quantile(scores, 0.99)


def test_constant_features_are_named_and_kept_from_the_estimator(X: pd.DataFrame) -> None:
    """The Pipeline takes all columns, the estimator only those that varied."""
    detector = Trainer(model=forest()).fit(X).detector
    assert detector.constant == ["constant"]
    assert detector.estimator.n_features_in_ == 4
    assert detector.pipeline.n_features_in_ == 5


def test_features_without_any_value_are_left_out_and_named(X: pd.DataFrame) -> None:
    """A column of nothing is no feature."""
    result = Trainer(model=forest()).fit(X.assign(nothing=np.nan))
    assert result.undefined == ("nothing",)
    assert "nothing" not in result.detector.feature_names


@pytest.mark.parametrize("bootstrap", [False, True])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_growing_gives_the_forest_of_a_single_fit(
    X: pd.DataFrame, bootstrap: bool, n_jobs: int
) -> None:
    """Early stopping and n_jobs change no tree."""
    spec = forest(n_estimators=60, bootstrap=bootstrap, max_features=0.7)
    grown = Trainer(model=spec, n_jobs=n_jobs).fit(X)
    single = Trainer(model=spec, n_jobs=1, early_stopping=False).fit(X)
    assert grown.growth is not None
    assert len(grown.growth.agreement) == 5
    assert content_digest(grown.detector.pipeline, {}) == content_digest(
        single.detector.pipeline, {}
    )
    assert np.array_equal(grown.detector.score(X), single.detector.score(X))


def test_contamination_changes_no_score(X: pd.DataFrame) -> None:
    """It is an alert budget, not a parameter of the fit."""
    scores = [
        Trainer(model=forest(contamination=contamination)).fit(X).detector.score(X)
        for contamination in (0.01, 0.2)
    ]
    assert np.array_equal(*scores)


def test_a_forest_stops_when_its_halves_agree(X: pd.DataFrame) -> None:
    """An easy target is met early; the trees used are reported."""
    trainer = Trainer(model=forest(n_estimators=200), stability_target=0.2, patience=2)
    growth = trainer.fit(X).growth
    assert growth is not None
    assert growth.stopped_early
    assert growth.n_estimators < 200
    assert all(agreement >= 0.2 for agreement in growth.agreement[-2:])


def test_auto_takes_as_many_trees_as_stability_asks_for(X: pd.DataFrame) -> None:
    """A harder target takes more trees."""
    trees = [
        Trainer(model=forest(n_estimators="auto"), stability_target=target, patience=2)
        .fit(X)
        .growth.n_estimators
        for target in (0.2, 0.7)
    ]
    assert trees[0] < trees[1] <= 1000


@pytest.mark.parametrize(
    ("size", "stopping", "told"),
    [
        (
            "auto",
            True,
            r"\d+ trees: as many as it took half forests to agree on 0.3 of the alerts, 2 ",
        ),
        (30, True, "30 trees, all that were allowed: .* at the end they agreed on 0"),
        (30, False, "^30 trees, as configured$"),
    ],
)
def test_the_size_of_a_forest_is_explained(
    X: pd.DataFrame, size: int | str, stopping: bool, told: str
) -> None:
    """Stopped by agreement, ended by the most that was allowed, or simply asked for."""
    trainer = Trainer(
        model=forest(n_estimators=size), early_stopping=stopping, stability_target=0.3, patience=2
    )
    growth = trainer.fit(X).growth
    assert growth is not None
    assert re.search(told, growth.told(target=0.3, patience=2))


def test_refit_takes_another_seed_and_size(X: pd.DataFrame) -> None:
    """The same seed gives the same scores, another one gives others."""
    result = Trainer(model=forest(), early_stopping=False).fit(X)
    assert np.array_equal(result.refit(X).score(X), result.detector.score(X))
    assert not np.array_equal(result.refit(X, seed=1).score(X), result.detector.score(X))
    assert len(result.refit(X, n_estimators=7).estimator.estimators_) == 7


def test_the_content_digest_sees_every_learned_number(X: pd.DataFrame) -> None:
    """Another seed is other content; other extras are other content; the same fit is the same."""
    one = Trainer(model=forest()).fit(X).detector.pipeline
    same = Trainer(model=forest()).fit(X).detector.pipeline
    other = Trainer(model=forest(random_state=1)).fit(X).detector.pipeline
    assert content_digest(one, {}) == content_digest(same, {})
    assert content_digest(one, {}) != content_digest(other, {})
    assert content_digest(one, {}) != content_digest(one, {"threshold": 1})
    one[-1].estimators_[3].tree_.threshold[0] += 1e-9
    assert content_digest(one, {}) != content_digest(same, {})


@pytest.mark.parametrize("name", [name for name in MODELS if name != "one_class_svm"])
def test_predict_flags_what_the_threshold_flags(name: str, X: pd.DataFrame) -> None:
    """Consumers that ask `predict` alone keep the alert budget."""
    detector = Trainer(model=MODELS[name]).fit(X).detector
    scores = detector.score(X)
    threshold = float(np.sort(scores)[-10])
    pipeline = detector.with_threshold(threshold)
    flagged = pipeline.predict(X[detector.feature_names].to_numpy()) == -1
    assert np.array_equal(flagged, scores > threshold)
    assert np.array_equal(detector.score(X), scores)


def test_nothing_that_varies_is_nothing_to_learn_from() -> None:
    """The message says how many features did not vary."""
    X = pd.DataFrame({"a": np.zeros(50), "b": np.ones(50)})
    with pytest.raises(TrainingError, match="none of 2 features varies over 50 windows"):
        Trainer(model=forest()).fit(X)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"type": "svm"}, "choose with model=svm"),
        ({"n_estimators": 0}, "model.n_estimators must be an integer of at least 1, got 0"),
        ({"n_estimators": "many"}, "model.n_estimators must be an integer"),
        ({"max_samples": 1.5}, r"model.max_samples must be a count of at least 1 or a share"),
        ({"contamination": 7}, r"model.contamination must be in \(0, 0.5\], got 7"),
        ({"random_state": -1}, "model.random_state must be an integer of at least 0, got -1"),
        ({"bootstrap": "yes"}, "model.bootstrap must be true or false, got 'yes'"),
        ({"max_features": 0}, "model.max_features must be a count"),
    ],
)
def test_unusable_model_values_are_named(changed: dict[str, object], message: str) -> None:
    """The factory names the key and the value it refuses."""
    with pytest.raises(ConfigError, match=message):
        forest(**changed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_jobs": 0}, "training.n_jobs must be -1 or a number of processes, got 0"),
        ({"patience": 0}, "training.patience must be an integer of at least 1, got 0"),
        ({"stability_target": 2}, r"training.stability_target must be in \(0, 1\], got 2"),
        ({"early_stopping": 1}, "training.early_stopping must be true or false, got 1"),
    ],
)
def test_unusable_training_values_are_named(arguments: dict[str, Any], message: str) -> None:
    """The constructor names the key and the value it refuses."""
    with pytest.raises(ConfigError, match=message):
        Trainer(model=forest(), **arguments)


def test_auto_without_early_stopping_is_refused() -> None:
    """There would be nothing to end the growth."""
    with pytest.raises(ConfigError, match="model.n_estimators=auto needs"):
        Trainer(model=forest(n_estimators="auto"), early_stopping=False)
