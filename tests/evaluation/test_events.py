from dataclasses import replace

import numpy as np
import pytest

from wifitrain.evaluation.events import measure_events

from .made_up import case_of, noise


def judged(truth: dict[int, int], alerts: list[int], *, entities: int = 1):
    """Events as first row -> last row, alerts as rows; 400 windows of five minutes."""
    labels, score = np.zeros(400, bool), np.zeros(400)
    for first, last in truth.items():
        labels[first : last + 1] = True
    score[alerts] = 2.0
    case = case_of(noise(400), labels=labels, entities=entities)
    case = replace(case, scored=replace(case.scored, score=score, threshold=1.0))
    return measure_events(case, case.labelled_test_rows)


def test_an_event_counts_once_however_long() -> None:
    """One of two events noticed is half, even if the noticed one is ten windows long."""
    found = judged({310: 319, 350: 351}, [312, 313, 380])
    assert (found.events, found.detected, found.event_recall) == (2, 1, 0.5)
    assert found.event_recall_interval == pytest.approx((0.0945, 0.9055), abs=1e-4)


def test_delay_runs_to_the_end_of_the_first_alert() -> None:
    """An alert in the third window of five minutes comes after 15 minutes."""
    assert judged({310: 319}, [312, 315]).median_delay_s == 900
    assert judged({310: 319}, []).median_delay_s is None


def test_false_alerts_are_told_by_day() -> None:
    """Two alerts on normal windows in 99 windows of five minutes are 5.8 a day."""
    found = judged({310: 319}, [310, 350, 380])
    assert (found.false_alerts, found.false_alerts_per_day) == (2, pytest.approx(2 / (99 / 288)))


def test_events_end_with_their_access_point() -> None:
    """Anomalous windows at the end of one access point and the start of another are two events."""
    found = judged({195: 199, 380: 384}, [196], entities=2)
    assert (found.events, found.detected) == (2, 1)
    joined = judged({350: 384}, [351])
    assert joined.events == 1


def test_nothing_is_point_adjusted() -> None:
    """One alert in a long event leaves recall by window low while the event counts as noticed."""
    found = judged({340: 349}, [341])
    assert found.event_recall == 1.0
    assert found.vus_pr < 0.4


def test_events_do_not_run_on_into_another_access_point() -> None:
    """Even where one access point's logs begin when another's end these are two events."""
    labels = np.zeros(400, bool)
    labels[195:205] = True
    case = case_of(noise(400), labels=labels, entities=2)
    index = case.windows.index.copy()
    index.loc[200:, "start"] += np.timedelta64(200 * 300, "s")
    case = replace(case, windows=replace(case.windows, index=index))
    assert measure_events(case, np.arange(400)).events == 2
