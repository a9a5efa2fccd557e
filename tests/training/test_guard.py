"""The guard speaks of what the training never saw, and of nothing else."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from tests.conftest import make_windows
from wifitrain.errors import ConfigError
from wifitrain.records import CALIBRATION, FIT, TEST, Parts
from wifitrain.training import GuardSettings, NoveltyGuard, calibration_scores, guard_windows


def _kinds(*kinds: str) -> pd.DataFrame:
    return pd.DataFrame({"window": range(len(kinds)), "kind": kinds, "count": 1})


def _guard(X: pd.DataFrame, *kinds: str, margin: float = 1.0) -> NoveltyGuard:
    return NoveltyGuard.fit(X, _kinds(*kinds), settings=GuardSettings(margin=margin))


def test_windows_inside_the_training_range_are_silent() -> None:
    """Neither the range itself nor the margin around it raises anything."""
    X = pd.DataFrame({"a": [0.0, 1.0, 2.0]})
    guard = _guard(X, "event:x", margin=1.0)
    inside = pd.DataFrame({"a": [0.0, 2.0, 2.0 + 0.8 * X["a"].std(ddof=0), np.nan]})
    excess, reasons = guard.excess(inside, _kinds("event:x", "event:x"))
    assert list(excess) == [0, 0, 0, 0]
    assert reasons == ["", "", "", ""]


def test_a_constant_column_that_moves_is_infinitely_far_outside() -> None:
    """What was constant in training has no spread, so no margin."""
    guard = _guard(pd.DataFrame({"mismatches": [0.0, 0.0]}), "event:x")
    excess, reasons = guard.excess(pd.DataFrame({"mismatches": [0.0, 3.0]}), _kinds())
    assert list(excess) == [0, np.inf]
    assert reasons == ["", "mismatches 3 outside 0..0"]


def test_a_rare_count_may_exceed_its_maximum_a_little() -> None:
    """A spread is at least a sixth of the range, however seldom the range was used."""
    seldom = pd.DataFrame({"count": [0.0] * 500 + [2.0]})
    guard = _guard(seldom, margin=3.0)
    excess, _ = guard.excess(pd.DataFrame({"count": [3.0, 4.0]}), _kinds())
    assert excess[0] == 0
    assert excess[1] > 0


def test_an_unseen_event_raises_its_window() -> None:
    """The reason names the kind."""
    guard = _guard(pd.DataFrame({"a": [0.0, 1.0]}), "event:x")
    kinds = pd.DataFrame({"window": [0, 1], "kind": ["event:x", "event:new"], "count": 1})
    excess, reasons = guard.excess(pd.DataFrame({"a": [0.5, 0.5]}), kinds)
    assert list(excess) == [0, np.inf]
    assert reasons == ["", "unseen event:new"]


def test_further_outside_is_a_larger_excess() -> None:
    """Excess grows with the distance, in spreads of the column."""
    guard = _guard(pd.DataFrame({"a": np.arange(10.0)}))
    excess, _ = guard.excess(pd.DataFrame({"a": [20.0, 30.0, -20.0]}), _kinds())
    assert 0 < excess[0] < excess[1]
    assert excess[2] > 0


def test_ignored_features_raise_nothing() -> None:
    """The calendar moves on by itself."""
    settings = GuardSettings(ignore=["mean_hour*"])
    guard = NoveltyGuard.fit(
        pd.DataFrame({"mean_hour_of_day_sin": [0.0]}), _kinds(), settings=settings
    )
    excess, _ = guard.excess(pd.DataFrame({"mean_hour_of_day_sin": [1.0]}), _kinds())
    assert list(excess) == [0]


def test_the_guard_survives_json() -> None:
    """A package's guard judges as the one that was written."""
    guard = _guard(pd.DataFrame({"a": [0.0, 1.0], "never": [np.nan, np.nan]}), "event:x")
    again = NoveltyGuard.from_json(json.loads(json.dumps(guard.to_json(), allow_nan=False)))
    X = pd.DataFrame({"a": [0.5, 9.0], "never": [1.0, 1.0]})
    kinds = _kinds("event:x", "event:y")
    assert again.excess(X, kinds)[1] == guard.excess(X, kinds)[1]
    assert np.array_equal(again.excess(X, kinds)[0], guard.excess(X, kinds)[0])


class _FirstColumn:
    """A detector whose score is the first feature."""

    feature_names = ("f0",)

    def score(self, X: pd.DataFrame) -> np.ndarray:
        return X["f0"].to_numpy("float64")


def _parts(n: int) -> Parts:
    return Parts(name=np.array([FIT] * (n // 2) + [CALIBRATION] * (n // 4) + [TEST] * (n // 4)))


def test_raised_windows_lie_above_every_calibration_score() -> None:
    """So a threshold that comes from calibration scores cannot silence the guard."""
    X = np.random.default_rng(0).uniform(size=(80, 2))
    X[:, 1] = 0
    X[79, 1] = 5
    windows = make_windows(X)
    _, judged = guard_windows(
        _FirstColumn(), windows, _parts(80), settings=GuardSettings(margin=3.0)
    )
    assert judged.reasons[79] == "f1 5 outside 0..0"
    assert judged.score[79] > judged.estimator_score[:60].max() + 1
    assert np.array_equal(judged.score[:79], judged.estimator_score[:79])


def test_calibration_windows_are_judged_without_their_own_help() -> None:
    """What is new in calibration counts there, and is known afterwards."""
    X = np.zeros((80, 2))
    X[:, 0] = np.linspace(0, 1, 80)
    X[45, 1] = 1
    X[70, 1] = 1
    settings = GuardSettings(margin=50.0)
    _, judged = guard_windows(_FirstColumn(), make_windows(X), _parts(80), settings=settings)
    assert [row for row in range(80) if judged.reasons[row]] == [45]


def test_the_guard_takes_at_most_half_of_the_budget() -> None:
    """Raised calibration windows beyond that count with the estimator's score."""
    X = np.zeros((80, 2))
    X[:, 0] = np.linspace(0, 1, 80)
    X[40:60, 1] = 1
    parts = _parts(80)
    _, judged = guard_windows(
        _FirstColumn(), make_windows(X), parts, settings=GuardSettings(margin=50.0)
    )
    scores, raised = calibration_scores(judged, parts, contamination=0.2)
    assert raised == 20
    assert (scores > 1).sum() == 2


def test_jobs_that_share_windows_share_the_guard() -> None:
    """Only for the same parts and settings; what it says is the same."""
    windows = make_windows(np.random.default_rng(0).uniform(size=(80, 2)))
    narrow, wide = GuardSettings(margin=0.001), GuardSettings(margin=50.0)
    first, judged = guard_windows(_FirstColumn(), windows, _parts(80), settings=narrow)
    again, same = guard_windows(_FirstColumn(), windows, _parts(80), settings=narrow)
    assert again.guard is first.guard
    assert same.reasons == judged.reasons
    assert any(judged.reasons)
    other, silent = guard_windows(_FirstColumn(), windows, _parts(80), settings=wide)
    assert other.guard is not first.guard
    assert not any(silent.reasons)
    later = Parts(name=np.array([FIT] * 50 + [CALIBRATION] * 15 + [TEST] * 15))
    moved, _ = guard_windows(_FirstColumn(), windows, later, settings=narrow)
    assert moved.guard is not first.guard


def test_a_guard_that_is_off_changes_nothing() -> None:
    """The score is the estimator's."""
    windows = make_windows(np.random.default_rng(0).uniform(size=(80, 2)))
    guarded, judged = guard_windows(
        _FirstColumn(), windows, _parts(80), settings=GuardSettings(enabled=False)
    )
    assert guarded.guard is None
    assert judged.score is judged.estimator_score


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"enabled": 1}, "guard.enabled must be true or false, got 1"),
        ({"margin": 0}, r"guard.margin must be in \(0, inf\), got 0"),
        ({"ignore": "a*"}, "guard.ignore must be a list"),
    ],
)
def test_unusable_values_are_named(arguments: dict[str, object], message: str) -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match=message):
        GuardSettings(**arguments)
