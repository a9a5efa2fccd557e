"""The bet goes on from batch to batch: slow drift is caught, at the stated false-alarm rate."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from tests.monitoring.made_up import later, training
from wifitrain.errors import WifitrainError
from wifitrain.monitoring import Baseline, BatchReport, Limits, compare, wealth_after, wealth_entry
from wifitrain.monitoring.martingale import Wealth, bet_against

LIMITS = Limits()
Entries = list[dict[str, object]]


def monitored(
    rng: np.random.Generator,
    baseline: Baseline,
    entries: Entries,
    *,
    shift: float = 0.0,
    n: int = 100,
) -> BatchReport:
    """One more batch of `n` windows, a day after the last; its line of the history is appended."""
    batch = later(rng, baseline, n)
    day = pd.Timedelta(days=1 + len(entries))
    index = batch.windows.index
    index = index.assign(start=index["start"] + day, end=index["end"] + day)
    batch = replace(
        batch,
        windows=replace(batch.windows, index=index),
        scores=batch.scores + shift,
        alerts=np.zeros(n, dtype=bool),
    )
    report = compare(baseline, batch, limits=LIMITS, before=wealth_after(entries))
    bet = report.martingale
    assert bet is not None
    entries.append({"bet": wealth_entry(bet.wealth, windows=bet.new_windows)})
    return report


def test_a_bet_over_many_batches_is_won_by_chance_no_more_often_than_stated() -> None:
    """Twenty batches of each of 150 versions, at a rate of one in five: how many ever alarm."""
    from scipy.stats import binom

    ever = 0
    for number in range(150):
        rng = np.random.default_rng([21, number])
        held_out = [rng.normal(size=150).tolist(), rng.normal(2, size=50).tolist()]
        wealth, alarmed = Wealth(), False
        for _ in range(20):
            bags = np.arange(60) // 30
            scores = np.where(bags, rng.normal(2, size=60), rng.normal(size=60))
            bet = bet_against(held_out, scores, bags, false_alarm_rate=0.2, before=wealth)
            wealth, alarmed = bet.wealth, alarmed or bet.alarmed
        ever += alarmed
    assert 0 < ever <= binom.ppf(0.999, 150, 0.2), ever


def test_stable_versions_stay_stable_over_months_of_batches() -> None:
    """The verdict's reason, too: thirty days of each of twelve versions, hardly one false alarm."""
    from scipy.stats import binom

    ever = 0
    for number in range(12):
        rng = np.random.default_rng([22, number])
        baseline, entries = training(rng), Entries()
        reports = [monitored(rng, baseline, entries) for _ in range(30)]
        ever += any(report.martingale.alarmed for report in reports)
    assert ever <= binom.ppf(0.999, 12, LIMITS.false_alarm_rate / 4)


def test_slow_drift_that_no_single_batch_proves_is_caught() -> None:
    """Scores creep up by 0.3 of their deviation: caught in weeks, alone one batch in ten is."""
    caught = alone = days = 0
    for number in range(10):
        rng = np.random.default_rng([23, number])
        baseline, entries = training(rng), Entries()
        for day in range(60):
            report = monitored(rng, baseline, entries, shift=min(0.015 * day, 0.3))
            alone += compare_alone(rng, baseline, shift=min(0.015 * day, 0.3))
            days += 1
            if any("no longer follow" in reason for reason in report.reasons):
                assert "(a bet over" in " ".join(report.reasons)
                caught += 1
                break
    assert caught >= 9
    assert alone <= 0.15 * days, (alone, days)


def compare_alone(rng: np.random.Generator, baseline: Baseline, *, shift: float) -> bool:
    """Whether a batch alone alarms, with a bet of its own."""
    return monitored(rng, baseline, [], shift=shift).martingale.alarmed


def test_no_window_is_bet_on_twice() -> None:
    """The same batch again leaves the bet where it stood; of one that overlaps only what is new."""
    rng = np.random.default_rng(3)
    baseline = training(rng)
    batch = later(rng, baseline, 200)
    first = compare(baseline, batch, limits=LIMITS).martingale
    again = compare(baseline, batch, limits=LIMITS, before=first.wealth).martingale
    assert again.new_windows == 0
    assert again.wealth == first.wealth
    assert (again.windows, again.batches) == (first.windows, 1)
    index = batch.windows.index
    half = dt.timedelta(minutes=5 * 100)
    moved = replace(
        batch.windows, index=index.assign(start=index["start"] + half, end=index["end"] + half)
    )
    more = compare(baseline, replace(batch, windows=moved), limits=LIMITS, before=first.wealth)
    assert 0 < more.martingale.new_windows <= 100
    assert more.martingale.batches == 2


def test_a_stamp_of_the_future_does_not_end_the_bet() -> None:
    """Broken input is not bet on, and the next batch is; a batch without new windows says so."""
    rng = np.random.default_rng(6)
    baseline = training(rng)
    first = compare(baseline, later(rng, baseline, 100), limits=LIMITS).martingale.wealth
    day, batch = pd.Timedelta(days=1), later(rng, baseline, 100)
    index = batch.windows.index
    index = index.assign(start=index["start"] + day, end=index["end"] + day)
    good = replace(batch, windows=replace(batch.windows, index=index))
    wrong = index.copy()
    wrong.loc[99, ["start", "end"]] += pd.Timedelta(days=3650)
    bad = replace(
        good,
        windows=replace(good.windows, index=wrong),
        data={**batch.data, "last_time": "2036-03-01T08:00:00"},
    )
    report = compare(baseline, bad, limits=LIMITS, before=first)
    assert report.verdict == "broken input"
    assert report.martingale.new_windows == 0
    assert report.martingale.wealth == first
    after = compare(baseline, good, limits=LIMITS, before=first)
    assert after.martingale.new_windows == 100
    assert not [note for note in after.notes if "bet on" in note]
    again = compare(baseline, good, limits=LIMITS, before=after.martingale.wealth)
    assert "no window is later than those that were bet on before" in " ".join(again.notes)


def test_a_window_that_was_not_bet_on_does_not_move_the_end() -> None:
    """Thinning leaves the last window out: the bet ends with the last that was taken."""
    rng = np.random.default_rng(7)
    baseline = training(rng)
    score = msgspec.structs.replace(baseline.sketches["score"], dependence=2.0)
    sketches = {**baseline.sketches, "score": score}
    thinned = msgspec.structs.replace(baseline, sketches=sketches)
    batch = later(rng, baseline, 100)
    wealth = compare(thinned, batch, limits=LIMITS).martingale.wealth
    assert len(wealth.scores) == 50
    assert wealth.until == batch.windows.index["end"].iloc[98]


def test_the_history_carries_the_bet() -> None:
    """Written by batch and read back, it is the bet as it stood; other entries do not matter."""
    rng = np.random.default_rng(4)
    baseline, entries = training(rng), Entries()
    reports = [monitored(rng, baseline, entries) for _ in range(3)]
    mixed = [{"what": "scored"}, entries[0], {"bet": None}, *entries[1:]]
    read = wealth_after(mixed)
    kept = reports[-1].martingale.wealth
    assert read == kept
    assert read.batches == 3
    assert len(read.scores) == reports[-1].martingale.windows
    assert wealth_after([{"what": "scored"}]) == Wealth()


def test_a_bet_on_very_many_windows_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its bags stay small; what was bet on stays bet on."""
    monkeypatch.setattr("wifitrain.monitoring.wealth._MOST_WINDOWS", 250)
    rng = np.random.default_rng(5)
    baseline, entries = training(rng), Entries()
    windows = [monitored(rng, baseline, entries).martingale.windows for _ in range(6)]
    assert windows == [100, 200, 300, 100, 200, 300]
    assert wealth_after(entries).until is not None


@pytest.mark.parametrize(
    "change", [{"hours": [99]}, {"shares": [1]}, {"scores": ["a"]}, {"until": "x"}, {"first": None}]
)
def test_a_bet_that_was_changed_by_hand_is_refused(change: dict[str, object]) -> None:
    """In one line, with the way out."""
    good = wealth_entry(Wealth(hours=[1], scores=[0.5], batches=1), windows=1)
    wealth_after([{"bet": good}])
    with pytest.raises(WifitrainError, match="changed by hand .* to begin anew"):
        wealth_after([{"bet": {**good, **change}}])


def test_a_bet_that_is_there_twice_or_not_at_all_is_noticed() -> None:
    """Of three lines the middle one deleted, the last one doubled, or the first one gone."""
    rng = np.random.default_rng(8)
    baseline, entries = training(rng), Entries()
    for _ in range(3):
        monitored(rng, baseline, entries)
    first, middle, last = entries
    for wrong in ([first, last], [first, middle, last, last], [middle, last]):
        with pytest.raises(WifitrainError, match="windows before one that says .* to begin anew"):
            wealth_after(wrong)
