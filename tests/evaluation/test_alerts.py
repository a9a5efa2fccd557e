from dataclasses import replace

import numpy as np
import pytest

from wifitrain.evaluation.alerts import measure_alerts
from wifitrain.evaluation.case import Case
from wifitrain.records import FIT, TEST

from .made_up import TrainedForest, noise, parts_of, scored_by, windows_of


def case_of(
    test_scores: list[float], *, entities: int = 1, reasons: dict[int, str] | None = None
) -> Case:
    """A case whose last test windows have these scores, threshold 1, budget .1, else score 0."""
    X = noise(400)
    windows = windows_of(X, entities=entities)
    parts = parts_of(windows)
    trained = TrainedForest.on(X[parts.rows(FIT)], n_estimators=5)
    score, texts = np.zeros(400), [""] * 400
    score[400 - len(test_scores) :] = test_scores
    estimator = score.copy()
    for at, text in (reasons or {}).items():
        texts[at], score[at] = text, max(score[at], 2.0)
    scored = replace(
        scored_by(windows, parts, trained),
        score=score,
        estimator_score=estimator,
        guard_reasons=texts,
        threshold=1.0,
        contamination=0.1,
    )
    return Case(windows=windows, parts=parts, trained=trained, scored=scored)


def test_volume_is_counted_against_the_budget() -> None:
    """Nine alerts in the 99 test windows of five minutes are 26 a day, and .91 of the budget."""
    volume = measure_alerts(case_of([5.0] * 9), rounds=200)
    assert (volume.windows, volume.alerts) == (99, 9)
    assert volume.ratio_to_budget == pytest.approx(9 / 99 / 0.1)
    assert volume.per_access_point_and_day == pytest.approx(9 / 99 * 288)
    assert volume.rate_interval[0] < volume.rate < volume.rate_interval[1]


def test_guard_and_estimator_are_counted_apart() -> None:
    """Each alert is the estimator's, the guard's or both, and the reasons are named."""
    case = case_of([5.0, 5.0, 5.0], reasons={399: "first mismatch", 390: "first mismatch"})
    volume = measure_alerts(case, rounds=100)
    assert volume.by_source == {"estimator": 2, "guard": 1, "both": 1}
    assert volume.guard_reasons == {"first mismatch": 2}


def test_silence_has_an_upper_bound() -> None:
    """No alert in 99 windows is no proof of none: the interval reaches Wilson's bound."""
    volume = measure_alerts(case_of([]), rounds=100)
    assert volume.rate_interval == (0.0, pytest.approx(0.0374, abs=1e-3))
    assert volume.guard_reasons == {}


def test_alerts_are_told_by_access_point_and_day() -> None:
    """The noisiest access point comes first, and days sum up to all alerts."""
    volume = measure_alerts(case_of([5.0] * 4, entities=2), rounds=100)
    assert [(one.entity, one.alerts) for one in volume.by_access_point] == [("ap1", 4), ("ap0", 0)]
    assert sum(volume.by_day.values()) == volume.alerts == 4
    assert list(volume.by_day) == ["2026-03-02"]


def test_alerts_outside_the_test_part_do_not_count() -> None:
    """A threshold that flags the whole fit part changes nothing in the volume."""
    case = case_of([])
    score = case.scored.score.copy()
    score[~case.parts.rows(TEST)] = 9.0
    other = replace(case, scored=replace(case.scored, score=score))
    assert measure_alerts(other, rounds=100).alerts == 0
