"""One forest answers for every size, in one run and from run to run, bit by bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import IsolationForest

from wifitrain.cache import Cache, forget, from_bytes, to_bytes
from wifitrain.training import FittedDetector, Trainer, content_digest, isolation_forest
from wifitrain.training.trees import arrays_of_trees, trees_of_arrays

FORESTS = [
    {},
    {"bootstrap": True},
    {"max_features": 2},
    {"max_features": 0.7, "bootstrap": True, "max_samples": 50},
    {"max_samples": 1.0},
]


@pytest.fixture(scope="module")
def X() -> pd.DataFrame:
    """Windows of noise with a constant column, undefined values and repeats."""
    values = np.random.default_rng(5).normal(size=(400, 5)).round(1)
    values[::7, 1] = np.nan
    values[:, 3] = 2.0
    return pd.DataFrame(values, columns=list("abcde"))


def trainer(cache: Cache | None, *, n_estimators: int | str = 30, **options: Any) -> Trainer:
    """A trainer of forests; `options` are of the model, or of the trainer."""
    of_trainer = {
        name: options.pop(name)
        for name in ("early_stopping", "patience", "stability_target", "n_jobs")
        if name in options
    }
    model = isolation_forest(
        **{
            "type": "isolation_forest",
            "n_estimators": n_estimators,
            "max_samples": "auto",
            "contamination": 0.1,
            "random_state": 3,
            "bootstrap": False,
            "max_features": 1.0,
            **options,
        }
    )
    return Trainer(model=model, cache=cache, **{"early_stopping": False, **of_trainer})


def digest(detector: FittedDetector) -> str:
    """What the model computes."""
    return content_digest(detector.pipeline, {})


@pytest.mark.parametrize("options", FORESTS)
def test_scores_are_those_of_scikit_learn(X: pd.DataFrame, options: dict[str, Any]) -> None:
    """Summed tree by tree, in threads, and bit by bit the same."""
    detector = trainer(None, n_jobs=2, **options).fit(X).detector
    values = pd.concat([X] * 50)  # more rows than a thread takes at once
    theirs = -detector.pipeline.score_samples(values.to_numpy())
    assert np.array_equal(detector.score(values), theirs)


@pytest.mark.parametrize("options", FORESTS)
def test_a_forest_that_grew_over_runs_is_the_one_fitted_at_once(
    X: pd.DataFrame, options: dict[str, Any], tmp_path: Path
) -> None:
    """Longer than what is kept, shorter, and the same: pipeline, digest and scores are equal."""
    cache = Cache(directory=str(tmp_path))
    for size in (10, 35, 20, 35):
        forget()  # as a new process
        grown = trainer(cache, n_estimators=size, **options).fit(X).detector
        alone = trainer(None, n_estimators=size, **options).fit(X).detector
        assert digest(grown) == digest(alone)
        assert joblib.hash(grown.pipeline) == joblib.hash(alone.pipeline)
        assert np.array_equal(grown.score(X), alone.score(X))
    assert len(list(tmp_path.glob("forests/*.entry"))) == 1


def test_a_forest_is_the_one_that_scikit_learn_fits_alone(X: pd.DataFrame) -> None:
    """No step of ours is in between."""
    kept = X.drop(columns="d")
    ours = trainer(None).fit(kept).detector.pipeline
    theirs = IsolationForest(n_estimators=30, random_state=3).fit(
        ours[:-1].transform(kept.to_numpy())
    )
    assert joblib.hash(ours[-1]) == joblib.hash(theirs)


def test_a_second_run_fits_nothing(
    X: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Growth, forest and scores come from the cache; only the touchstone, one tree, is grown."""
    cache = Cache(directory=str(tmp_path))
    options = {"n_estimators": "auto", "early_stopping": True, "stability_target": 0.4}
    first = trainer(cache, **options).fit(X)
    scores = first.detector.score(X)
    grown: list[int] = []
    fit = IsolationForest.fit

    def counted(self: IsolationForest, *arguments: Any) -> IsolationForest:
        before = len(getattr(self, "estimators_", ()))
        fitted = fit(self, *arguments)
        grown.append(len(self.estimators_) - before)
        return fitted

    monkeypatch.setattr(IsolationForest, "fit", counted)
    forget()  # as a new process
    second = trainer(cache, **options).fit(X)
    assert second.growth == first.growth
    assert np.array_equal(second.detector.score(X), scores)
    assert sum(grown) == 0  # scores need no forest at all
    assert digest(second.detector) == digest(first.detector)
    assert sum(grown) == 1


def test_the_next_job_of_a_process_rebuilds_nothing(
    X: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cuts the forest that the job before left in memory."""
    cache = Cache(directory=str(tmp_path))
    trainer(cache, n_estimators=30).fit(X)
    monkeypatch.setattr(IsolationForest, "fit", None)
    shorter = trainer(cache, n_estimators=10).fit(X).detector
    monkeypatch.undo()
    assert digest(shorter) == digest(trainer(None, n_estimators=10).fit(X).detector)


def test_early_stopping_means_the_same_after_a_longer_forest(
    X: pd.DataFrame, tmp_path: Path
) -> None:
    """A forest that is kept changes neither the agreements nor the number of trees."""
    options = {"early_stopping": True, "stability_target": 0.3, "patience": 2}
    alone = trainer(None, n_estimators=300, **options).fit(X).growth
    cache = Cache(directory=str(tmp_path))
    trainer(cache, n_estimators=310).fit(X)
    for size in (300, 60, 300):
        forget()
        growth = trainer(cache, n_estimators=size, **options).fit(X).growth
        shorter = trainer(None, n_estimators=size, **options).fit(X).growth
        assert growth == shorter
    assert growth == alone
    assert alone.stopped_early


def test_whatever_decides_a_forest_keeps_it_apart(X: pd.DataFrame, tmp_path: Path) -> None:
    """Another seed, parameter or value of X is another forest; contamination is not."""
    cache = Cache(directory=str(tmp_path))
    other = X.copy()
    other.iloc[0, 0] += 1e-9
    trainer(cache).fit(X)
    trainer(cache, contamination=0.3).fit(X)
    assert len(list(tmp_path.glob("forests/*.entry"))) == 1
    for options, data in [({"random_state": 4}, X), ({"bootstrap": True}, X), ({}, other)]:
        found = trainer(cache, **options).fit(data).detector
        assert digest(found) == digest(trainer(None, **options).fit(data).detector)
    assert len(list(tmp_path.glob("forests/*.entry"))) == 4


def test_refits_share_the_cache_with_fits(X: pd.DataFrame, tmp_path: Path) -> None:
    """A refit with the seed of another training is that training's forest, cut to size."""
    cache = Cache(directory=str(tmp_path))
    refitted = trainer(cache).fit(X).refit(X, seed=9, n_estimators=12)
    alone = trainer(None, random_state=9, n_estimators=12).fit(X).detector
    assert np.array_equal(refitted.score(X), alone.score(X))
    assert len(trainer(cache).fit(X).refit(X, seed=9, n_estimators=5).pipeline[-1].estimators_) == 5


def test_a_forest_of_other_data_under_this_name_is_refused(X: pd.DataFrame, tmp_path: Path) -> None:
    """Its first tree gives it away, though its digest is in order; it is grown again."""
    cache = Cache(directory=str(tmp_path))
    trainer(cache).fit(X + 1)
    (wrong,) = tmp_path.glob("forests/*.entry")
    contents = wrong.read_bytes()
    wrong.unlink()
    trainer(cache).fit(X)
    (right,) = tmp_path.glob("forests/*.entry")
    right.write_bytes(contents)
    forget()
    found = trainer(cache).fit(X).detector
    assert digest(found) == digest(trainer(None).fit(X).detector)
    assert right.read_bytes() != contents


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_child", 10**6), ("right_child", 0), ("feature", 99), ("feature", -5)],
)
def test_a_tree_that_leads_outside_is_refused(X: pd.DataFrame, field: str, value: int) -> None:
    """Before scikit-learn walks it, which would crash or never end."""
    trees = trainer(None).fit(X).detector.estimator.estimators_
    arrays = arrays_of_trees(trees)
    nodes = arrays["nodes"].reshape(-1).view(trees[0].tree_.__getstate__()["nodes"].dtype)
    nodes[field][np.flatnonzero(nodes["left_child"] != -1)[1]] = value
    with pytest.raises(ValueError, match="a tree leads outside of itself"):
        trees_of_arrays(arrays, like=trees[0])


def test_arrays_of_objects_are_no_cache_content() -> None:
    """They would be a pickle."""
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        to_bytes(np.array([{}], dtype=object))
    assert from_bytes(to_bytes(np.arange(3))).tolist() == [0, 1, 2]
