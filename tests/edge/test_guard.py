"""The guard at the edge judges as the guard of the training."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.edge.made import edge_of, pipeline, windows
from wifitrain.training import FittedDetector, GuardedDetector, GuardSettings, NoveltyGuard

_KINDS = ("event:associated", "event:roam", "template:odd <n>", "event:new")


@pytest.mark.parametrize("ignore", [[], ["f0", "extra"], ["*"]])
def test_both_guards_say_the_same(ignore: list[str]) -> None:
    """Scores and reasons are equal for windows inside, outside, undefined and with new kinds."""
    rng = np.random.default_rng(5)
    names = [f"f{n}" for n in range(5)]
    X = windows(300, 5)
    fitted = pipeline(X, n_estimators=10)
    seen = pd.DataFrame(X, columns=names).assign(extra=0.0, never=np.nan)
    occurred = pd.DataFrame({"window": range(300), "kind": rng.choice(_KINDS[:3], 300)})
    guard = NoveltyGuard.fit(seen, occurred, settings=GuardSettings(margin=1.0, ignore=ignore))
    ceiling = float(-fitted.score_samples(X).min())
    detector = FittedDetector(fitted, feature_names=names)
    trained = GuardedDetector(detector=detector, guard=guard, ceiling=ceiling)
    guard_json = json.loads(json.dumps({**guard.to_json(), "ceiling": ceiling}))
    edge = edge_of(fitted, X, guard=guard_json)

    later = seen.sample(200, replace=True, random_state=1).reset_index(drop=True)
    later += rng.choice([0, 0, 0, 2, 40], later.shape)
    kinds = pd.DataFrame({"window": rng.integers(0, 200, 300), "kind": rng.choice(_KINDS, 300)})
    kinds = kinds.drop_duplicates()
    expected = trained.judge(later, kinds)
    sets = [set(kinds["kind"][kinds["window"] == window]) for window in range(200)]
    judged = edge.judge(later[edge.columns].to_numpy("float64"), kinds=sets)

    assert judged.reasons == expected.reasons
    assert np.array_equal(judged.score, expected.score)
    assert np.array_equal(judged.estimator_score, expected.estimator_score)
    assert 0 < sum(reason != "" for reason in judged.reasons) < 200
    assert np.array_equal(judged.is_anomaly, judged.score > edge.threshold)


def test_without_a_guard_the_estimator_alone_judges() -> None:
    """Score and estimator's score are one, and no window has a reason."""
    X = windows()
    judged = edge_of(pipeline(X, n_estimators=5), X).judge(X, kinds=[["event:new"]] * len(X))
    assert np.array_equal(judged.score, judged.estimator_score)
    assert set(judged.reasons) == {""}


def test_columns_that_only_the_guard_watches_follow_the_estimators() -> None:
    """A window has the estimator's columns first, each column once."""
    X = windows()
    columns = {name: {"low": 0.0, "high": 9.0, "spread": 1.0} for name in ("z", "f1")}
    guard = {"margin": 3.0, "columns": columns, "kinds": [], "ceiling": 0.9}
    edge = edge_of(pipeline(X, n_estimators=5), X, guard=guard)
    assert edge.columns == ["f0", "f1", "f2", "f3", "z"]
    judged = edge.judge(np.array([[0, 0, 0, 1.0, 99.0]]))
    assert judged.reasons == ["z 99 outside 0..9"]
    assert judged.score[0] > 1.9
