"""An edge model scores as scikit-learn does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.edge.made import edge_of, facts, pipeline, windows
from wifitrain.edge import (
    DOCUMENT,
    NPZ,
    edge_document,
    edge_files,
    read_model,
    why_no_edge,
)
from wifitrain.errors import FeatureError, PackageError

_FORESTS = {
    "plain": {},
    "bootstrap": {"bootstrap": True},
    "half the features": {"max_features": 0.5},
    "one feature": {"max_features": 1, "n_estimators": 3},
    "bootstrap and few features": {"bootstrap": True, "max_features": 2, "max_samples": 0.7},
    "single windows": {"max_samples": 1},
    "pairs": {"max_samples": 2},
    "deep": {"max_samples": 900, "n_estimators": 5},
    "one tree": {"n_estimators": 1},
}


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("forest", _FORESTS.values(), ids=_FORESTS)
def test_scores_equal_scikit_learns(forest: dict, scaled: bool) -> None:
    """To 1e-12, on the training's windows and far outside of them."""
    X = windows(900, 6)
    fitted = pipeline(X, scaled=scaled, **{"n_estimators": 20, **forest})
    edge = edge_of(fitted, X)
    rows = np.vstack([X, 50 * windows(300, 6, seed=2), np.zeros((1, 6)), np.full((1, 6), np.nan)])
    assert np.abs(edge.score(rows) + fitted.score_samples(rows)).max() <= 1e-12


@pytest.mark.parametrize("seed", range(25))
def test_random_pipelines_agree(seed: int) -> None:
    """Whatever the number of windows, columns, trees and samples, and the kind of values."""
    rng = np.random.default_rng(seed)
    n, columns = int(rng.integers(2, 300)), int(rng.integers(1, 9))
    X = rng.choice([rng.normal(size=(n, columns)), rng.poisson(1, (n, columns)) * 1.0])
    X = X * 10.0 ** rng.integers(-30, 30, columns)
    X[:, rng.random(columns) < 0.2] = 7.0
    X[rng.random(X.shape) < rng.choice([0, 0.3])] = np.nan
    X[:2, 0] = [0.0, 1.0]  # something varies
    fitted = pipeline(
        np.where(np.isnan(X).all(axis=0), 0.0, X),
        scaled=bool(rng.integers(2)),
        n_estimators=int(rng.integers(1, 15)),
        max_samples=float(rng.uniform(0.05, 1)),
        max_features=float(rng.uniform(0.1, 1)),
        bootstrap=bool(rng.integers(2)),
        random_state=seed,
    )
    rows = np.vstack([X, X[rng.permutation(n)] * rng.choice([-1, 0.5, 3], (n, columns))])
    assert np.abs(edge_of(fitted, X).score(rows) + fitted.score_samples(rows)).max() <= 1e-12


def test_values_on_a_threshold_go_where_scikit_learn_sends_them() -> None:
    """Windows made of the thresholds themselves, and of the floats beside them."""
    X = windows(300, 3)
    fitted = pipeline(X, n_estimators=30)
    thresholds = np.concatenate([t.tree_.threshold for t in fitted[-1].estimators_])[:600]
    near = np.concatenate([thresholds, np.nextafter(thresholds.astype("f4"), np.float32(np.inf))])
    rows = np.repeat(near[:, np.newaxis], 3, axis=1)
    assert np.array_equal(edge_of(fitted, X).score(rows), -fitted.score_samples(rows))


def test_one_window_scores_as_among_many() -> None:
    """The score of a window does not depend on its company, to the last bit."""
    X = windows(700)
    edge = edge_of(pipeline(X, n_estimators=60), X)
    together = edge.score(X)
    assert together.tolist() == [edge.score(row[np.newaxis])[0] for row in X]
    assert edge.score(X[:0]).shape == (0,)


def test_the_same_model_gives_the_same_bytes() -> None:
    """An artefact can be compared by its digest."""
    X = windows()
    fitted = pipeline(X, n_estimators=5)
    assert edge_files(fitted, facts(fitted, X)) == edge_files(fitted, facts(fitted, X))


def test_another_threshold_needs_no_other_arrays() -> None:
    """The document of jobs that share a forest is what the whole artefact would have."""
    X = windows()
    fitted = pipeline(X, n_estimators=5)
    first, second = (replace(facts(fitted, X), threshold=at) for at in (0.5, 0.6))
    arrays = edge_files(fitted, first)[NPZ]
    assert edge_files(fitted, second) == {
        NPZ: arrays, DOCUMENT: edge_document(fitted, second, arrays),
    }  # fmt: skip
    with pytest.raises(PackageError, match="contamination is out of range"):
        edge_document(fitted, replace(second, contamination=0.7), arrays)


def test_the_artefact_carries_what_scoring_needs() -> None:
    """Threshold, budget, window, features, digest, sorted calibration scores."""
    X = windows(3000)
    fitted = pipeline(X, n_estimators=5)
    told = facts(fitted, X)
    files = edge_files(fitted, told)
    edge = read_model(files[NPZ], files[DOCUMENT])
    assert (edge.threshold, edge.contamination, edge.window_s) == (told.threshold, 0.05, 300)
    assert edge.features[1] == {"name": "f1", "unit": "1", "meaning": "made up"}
    assert edge.model_digest == told.model_digest
    kept = edge.calibration_scores
    assert len(kept) == 1024
    assert kept[0] == told.calibration_scores.min()
    assert kept[-1] == told.calibration_scores.max()


def test_other_models_have_no_artefact_and_say_why() -> None:
    """The reason names the estimator."""
    from sklearn.neighbors import LocalOutlierFactor

    X = windows()
    fitted = pipeline(X)
    fitted.steps[-1] = ("lof", LocalOutlierFactor(novelty=True))
    reason = why_no_edge(fitted)
    assert reason == "only isolation forests have one, this is LocalOutlierFactor"
    with pytest.raises(PackageError, match="no edge artefact: only isolation forests"):
        edge_files(fitted, facts(pipeline(X), X))


def test_windows_of_another_shape_or_infinite_are_refused() -> None:
    """The message names the columns."""
    X = windows()
    edge = edge_of(pipeline(X, n_estimators=2), X)
    with pytest.raises(FeatureError, match=r"shape \(1, 5\): must be \(n, 4\), the columns f0"):
        edge.score(np.zeros((1, 5)))
    with pytest.raises(FeatureError, match="f2: infinite"):
        edge.score(np.array([[0, 0, -np.inf, 0]]))
    with pytest.raises(FeatureError, match="kinds of 2 windows for 1 windows"):
        edge.judge(X[:1], kinds=[[], []])
