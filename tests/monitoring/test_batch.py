"""A batch that did not change stays stable at its stated rate; one that did is caught at once."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from tests.monitoring.made_up import QUIET_DATA, features, later, training, windows
from wifitrain.errors import PackageError
from wifitrain.monitoring import Baseline, Limits, compare
from wifitrain.monitoring.martingale import bet_against
from wifitrain.monitoring.sketch import Sketch

LIMITS = Limits()


@pytest.mark.parametrize(("size", "batches"), [(100, 200), (20_000, 200)])
def test_stable_batches_are_called_stable(size: int, batches: int) -> None:
    """False verdicts stay within the stated rate at both sizes (Clopper-Pearson at 99.9 %)."""
    from scipy.stats import binom

    false_verdicts = 0
    baselines = [training(np.random.default_rng([1, number])) for number in range(20)]
    for number in range(batches):
        rng, baseline = np.random.default_rng([size, number]), baselines[number % 20]
        report = compare(baseline, later(rng, baseline, size), limits=LIMITS)
        false_verdicts += report.verdict != "stable"
    assert false_verdicts <= binom.ppf(0.999, batches, LIMITS.false_alarm_rate), false_verdicts


@pytest.mark.parametrize(
    ("size", "batches", "least"), [(100, 50, 45), (1_000, 20, 20), (20_000, 10, 10)]
)
def test_half_a_standard_deviation_in_three_features_is_caught(
    size: int, batches: int, least: int
) -> None:
    """In the first batch, and the features that moved are named."""
    caught = 0
    for number in range(batches):
        rng = np.random.default_rng([7, size, number])
        baseline = training(rng)
        X = features(rng, size)
        X[["level_0", "level_1", "level_2"]] += 0.5
        report = compare(baseline, later(rng, baseline, size, windows=windows(X)), limits=LIMITS)
        named = {drift.name for drift in report.distributions if drift.drifted}
        caught += report.verdict == "drifting" and named <= {"level_0", "level_1", "level_2"}
    assert caught >= least


@pytest.mark.parametrize("size", [100, 20_000])
def test_a_change_below_the_threshold_is_no_drift_at_any_size(size: int) -> None:
    """A shift by a tenth of a standard deviation (distance 0.04) is seen, and does not matter."""
    verdicts = []
    for number in range(15):
        rng = np.random.default_rng([11, size, number])
        baseline = training(rng)
        X = features(rng, size)
        X[["level_0", "level_1", "level_2"]] += 0.1
        report = compare(baseline, later(rng, baseline, size, windows=windows(X)), limits=LIMITS)
        verdicts.append(report.verdict)
        if size == 20_000:
            assert report.distributions[0].p_value < 0.01
    assert verdicts.count("stable") >= 14


def test_another_wording_is_caught_in_the_first_batch() -> None:
    """Lines that no training window had, in a third of a hundred windows; they are named."""
    rng = np.random.default_rng(5)
    baseline = training(rng)
    n = 100
    known = pd.DataFrame({"window": np.arange(n), "kind": "event:associated", "count": 1})
    new = pd.DataFrame({"window": np.arange(0, n, 3), "kind": "template:sta <mac> hi", "count": 1})
    batch = windows(features(rng, n), kinds=pd.concat([known, new], ignore_index=True))
    report = compare(baseline, later(rng, baseline, n, windows=batch), limits=LIMITS)
    assert report.verdict == "drifting"
    assert report.unseen_kinds == {"template:sta <mac> hi": 34}
    assert any("template:sta <mac> hi" in reason for reason in report.reasons)


def test_one_new_kind_of_line_in_one_window_is_no_drift() -> None:
    """That is the guard's business."""
    rng = np.random.default_rng(5)
    baseline = training(rng)
    new = pd.DataFrame({"window": [7], "kind": "event:dfs_radar", "count": 1})
    batch = windows(features(rng, 300), kinds=new)
    report = compare(baseline, later(rng, baseline, 300, windows=batch), limits=LIMITS)
    assert report.verdict == "stable"
    assert report.unseen_kinds == {"event:dfs_radar": 1}


def test_dependent_windows_count_for_less() -> None:
    """A slow random walk around one mean: batches of it are no drift although each lies elsewhere.

    Taken as independent they would nearly all be called drifting.
    """
    naive = 0
    verdicts = []
    for number in range(20):
        rng = np.random.default_rng([3, number])
        walk = _slow(rng, 5_000)
        X = features(rng, 5_000).assign(slow=walk)
        before = training(rng, X=X[:4_000])
        batch = later(rng, before, 150, windows=windows(X[4_850:].reset_index(drop=True)))
        report = compare(before, batch, limits=LIMITS)
        verdicts.append(report.verdict)
        sketches = {k: replace_dependence(v) for k, v in before.sketches.items()}
        alone = compare(msgspec.structs.replace(before, sketches=sketches), batch, limits=LIMITS)
        naive += alone.verdict != "stable"
    assert verdicts.count("stable") >= 17
    assert naive >= 7


def _slow(rng: np.random.Generator, n: int) -> np.ndarray:
    """An autoregressive series that forgets in about ten windows."""
    noise, values = rng.normal(size=n), np.zeros(n)
    for step in range(1, n):
        values[step] = 0.9 * values[step - 1] + noise[step]
    return values


def replace_dependence(sketch: Sketch) -> Sketch:
    """The sketch as if its windows were independent."""
    return msgspec.structs.replace(sketch, dependence=1.0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"invalid": 30_000}, "30% of rows unusable, 0% before"),
        ({"clock_reset_rows": 50_000}, "50% of rows stamped by a reset clock"),
        ({"last_time": "2026-09-01T00:00:00"}, "still to come"),
    ],
)
def test_broken_input_is_called_so(changed: dict[str, object], reason: str) -> None:
    """Whatever the scores say; and the advice is to repair it."""
    rng = np.random.default_rng(2)
    baseline = training(rng)
    batch = later(rng, baseline, 500)
    report = compare(baseline, replace(batch, data={**batch.data, **changed}), limits=LIMITS)
    assert report.verdict == "broken input"
    assert any(reason in found for found in report.reasons)
    assert "Repair the input" in report.advice


def test_an_access_point_that_fell_silent_is_broken_input() -> None:
    """Ten hours without a line, where training never had an empty window."""
    rng = np.random.default_rng(2)
    baseline = training(rng)
    batch = later(rng, baseline, 500)
    batch.windows.index.loc[380:, "n_events"] = 0
    report = compare(baseline, batch, limits=LIMITS)
    assert report.verdict == "broken input"
    assert report.reasons[0].startswith("ap said nothing for the last 10.0 h")


def test_lines_that_are_no_longer_understood_are_drift() -> None:
    """The reason names the firmware."""
    rng = np.random.default_rng(2)
    baseline = training(rng)
    batch = later(rng, baseline, 500)
    data = {**batch.data, "understood_ratio": 0.6}
    report = compare(baseline, replace(batch, data=data), limits=LIMITS)
    assert report.verdict == "drifting"
    assert "another firmware or wording" in report.reasons[0]


def test_scores_that_change_in_the_middle_of_a_batch_are_seen_by_the_bet() -> None:
    """The martingale says from which window on, soon after the change."""
    rng = np.random.default_rng(4)
    baseline = training(rng)
    scores = rng.normal(size=1_000)
    scores[600:] += 1
    batch = later(rng, baseline, 1_000, scores=scores)
    bet = compare(baseline, batch, limits=LIMITS).martingale
    assert bet.crossed_at is not None
    assert 600 < bet.crossed_at < 750


def test_the_bet_is_won_by_chance_no_more_often_than_stated() -> None:
    """Ville's inequality, at a rate of one in five, with the same calibration for long batches."""
    from scipy.stats import binom

    won = 0
    for number in range(200):
        rng = np.random.default_rng([13, number])
        bags = np.arange(1_000) // 250 % 2  # two kinds of hours, as night and day
        bet = bet_against(
            [rng.normal(size=200).tolist(), rng.normal(2, size=50).tolist()],
            np.where(bags, rng.normal(2, size=1_000), rng.normal(size=1_000)),
            bags,
            false_alarm_rate=0.2,
        )
        won += bet.alarmed
    assert 0 < won <= binom.ppf(0.999, 200, 0.2)


def test_logs_of_the_training_itself_are_noted() -> None:
    """Monitoring the past proves nothing."""
    rng = np.random.default_rng(2)
    baseline = training(rng)
    report = compare(baseline, later(rng, baseline, 500, data=QUIET_DATA), limits=LIMITS)
    assert any("these are not later logs" in note for note in report.notes)


def test_a_baseline_survives_its_file() -> None:
    """The same verdict with the same numbers; no file of another kind is taken."""
    rng = np.random.default_rng(6)
    baseline = training(rng)
    again = Baseline.from_bytes(baseline.to_bytes())
    batch = later(rng, baseline, 500)
    assert compare(again, batch, limits=LIMITS) == compare(baseline, batch, limits=LIMITS)
    for content in (b"{}", b"no json", baseline.to_bytes().replace(b'"count":', b'"count":1', 1)):
        with pytest.raises(PackageError, match="baseline.json: "):
            Baseline.from_bytes(content)
