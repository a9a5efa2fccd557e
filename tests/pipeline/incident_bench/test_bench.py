"""What the incident bench says of a model, on a small house."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wifitrain.evaluation import Evaluator
from wifitrain.evaluation.bench import ScorerRecall
from wifitrain.pipeline.incident_bench import BenchResult, run_bench
from wifitrain.records import CALIBRATION, TEST, Detector
from wifitrain.training import GuardedDetector

from .conftest import CONTAMINATION, QUICK, House


def recall_of(result: BenchResult, incident: str, scorer: str = "model") -> ScorerRecall:
    """One scorer on one incident."""
    (found,) = [
        one
        for one in (*result.evidence.recalls, *result.evidence.overall)
        if (one.incident, one.scorer) == (incident, scorer)
    ]
    return found


def test_recall_rises_with_the_intensity_of_a_flood(played: BenchResult) -> None:
    """A faint flood drowns in the background, a full one is always seen."""
    flood = recall_of(played, "deauth_flood")
    recalls = [point.recall for point in flood.by_intensity]
    assert recalls == sorted(recalls)
    assert recalls[0] < recalls[-1] == 1.0
    assert flood.intensity_at_90 is not None


def test_a_random_scorer_gets_what_the_budget_gives(played: BenchResult) -> None:
    """Its interval over all incidents holds the recall that the windows touched explain."""
    low, high = recall_of(played, "all", "random").recall_interval
    assert low <= played.evidence.chance_recall <= high


def test_copies_without_an_incident_are_the_windows_of_the_full_run(played: BenchResult) -> None:
    """The context is long enough: every value of every compared window is equal."""
    context = played.evidence.context
    assert context.compared > 20
    assert (context.equal, context.differing) == (context.compared, ())


def test_a_copy_that_differs_is_noticed(house: House) -> None:
    """Where the full run knows more than the copy, the check counts it and names the feature."""
    prepared = house.prepared
    X = prepared.windows.X.assign(session_p50_s=1.0, n_events=prepared.windows.X["n_events"])
    windows = replace(prepared.windows, X=X)
    other = replace(house, prepared=replace(prepared, windows=windows))
    context = other.play(kinds=["slow_deauth"], repeats=1, intensities=[1.0]).evidence.context
    assert context.equal == 0 < context.compared
    assert context.differing == ("session_p50_s",)


def test_guard_and_estimator_are_shown_apart(played: BenchResult) -> None:
    """An event that training never saw: the guard names it, the forest hardly moves."""
    guard = recall_of(played, "sae_commit_flood", "guard")
    estimator = recall_of(played, "sae_commit_flood", "estimator")
    assert guard.recall == 1.0 > estimator.recall
    (account,) = [o for o in played.evidence.incidents if o.incident == "sae_commit_flood"]
    assert account.named_by_guard["event:sae_commit"] >= guard.trials
    assert account.dialects == ("hostapd_openwrt",)


def test_what_no_dialect_can_tell_says_so(played: BenchResult) -> None:
    """Reasons by dialect, in the evidence and in its JSON."""
    assert played.evidence.inexpressible == {
        "beacon_loss_weak_signal": {
            "hostapd_openwrt": "hostapd never logs signal or beacons",
            "hostapd_broadcom": "hostapd never logs signal or beacons",
            "wlceventd": "the daemon never logs signal or beacons",
        }
    }
    assert not any(one.incident == "beacon_loss_weak_signal" for one in played.evidence.recalls)


def test_every_scorer_says_what_it_costs(house: House, played: BenchResult) -> None:
    """Recall is worth what the alerts on ordinary test windows are: each scorer has its rate."""
    rates = played.evidence.background_alert_rate
    test = house.learned.parts.rows(TEST)
    assert rates["model"] == house.learned.scored.is_anomaly[test].mean()
    assert rates["random"] == CONTAMINATION
    assert set(rates) == {one.scorer for one in played.evidence.recalls}
    assert all(0 <= rate < 0.5 for rate in rates.values())


def test_a_delay_ends_with_the_first_window_that_alerts(played: BenchResult) -> None:
    """Not negative, and never longer than the windows touched."""
    trials = played.trials
    noticed = trials[trials["detected_model"]]
    delay = noticed["delay_s_model"]
    assert (delay > 0).all()
    assert (delay <= (noticed["end"] - noticed["start"]).dt.total_seconds() + 300).all()
    assert trials.loc[~trials["detected_model"], "delay_s_model"].isna().all()


def test_the_same_seed_gives_the_same_trials(house: House, played: BenchResult) -> None:
    """Row for row; another seed plays elsewhere."""
    options = {"kinds": ["deauth_flood", "clock_reset"], "repeats": 2, "intensities": [0.1, 1.0]}
    first, second = (house.play(**options).trials for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    both = ["incident", "intensity", "repeat", "access_point", "start", "lines"]
    common = played.trials.merge(first[both], on=both)
    assert len(common) == len(first), "a place depends on the kind and its number alone"


def test_the_engine_has_its_events_back(house: House, played: BenchResult) -> None:
    """The bench borrows the table's name and returns it."""
    assert played.trials is not None
    lines = house.prepared.events.table.count().to_pandas()
    assert lines == house.prepared.logs.account["rows"]


def test_metrics_of_the_mixture_are_marked_as_of_incidents(
    house: House, played: BenchResult
) -> None:
    """Without labels the supervised numbers come from the bench, and say so; strict JSON."""
    evidence = evaluate(house, played)
    full = evidence.to_json()
    assert full["labels"] == full["incidents"]["mixture"]["labels"] == "incidents"
    assert full["basic_metrics"]["roc_auc"] == played.evidence.mixture.metrics["roc_auc"]
    assert "confusion_matrix" in full["advanced_metrics"]
    assert "labelled" not in full
    json.dumps(full, allow_nan=False)


def test_thresholds_hold_for_the_mixture_only_where_configured(
    house: House, played: BenchResult
) -> None:
    """`incidents.gate` decides whether metric thresholds are gates without labels."""
    free, bound = (
        evaluate(
            house, replace(played, evidence=replace(played.evidence, gate=gate)), recall=0.9999
        )
        for gate in (False, True)
    )
    assert "recall" not in {check.name for check in free.checks}
    assert {c.name: c.state for c in bound.checks}["recall"] == "failed"


def evaluate(house: House, played: BenchResult, **thresholds: float):
    """Evidence with the bench's outcome."""
    learned = house.learned
    evaluator = Evaluator(**QUICK, thresholds=thresholds)
    found = evaluator.evaluate(
        house.prepared.windows, learned.parts, learned.trained, learned.scored
    )
    return found.with_incidents(played.evidence)


def test_the_verdict_counts_the_kinds_that_are_found(house: House, played: BenchResult) -> None:
    """In words, at the budget, beside chance."""
    verdict = evaluate(house, played).verdict
    found = len(played.evidence.found)
    assert f"Finds {found} of 5 incident kinds at the budget (recall 0." in verdict
    assert "by chance" in verdict


@dataclass(frozen=True)
class OfAnotherTime:
    """A detector that is given the features of another window."""

    detector: Detector
    pool: pd.DataFrame

    @property
    def feature_names(self):
        """Those of the detector."""
        return self.detector.feature_names

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Scores of as many windows of the pool, in disorder."""
        rows = np.random.default_rng(len(X)).integers(len(self.pool), size=len(X))
        return self.detector.score(self.pool.iloc[rows])


def test_features_shuffled_in_time_are_beaten_by_a_rule_and_the_first_line_says_so(
    unguarded: House,
) -> None:
    """The model knows the house but not the moment; the rules win, and the verdict begins so."""
    learned, windows = unguarded.learned, unguarded.prepared.windows
    pool = windows.X[learned.parts.rows(CALIBRATION)]
    detector = OfAnotherTime(learned.trained.detector, pool)
    shuffled = replace(learned, guarded=GuardedDetector(detector=detector, guard=None, ceiling=0.0))
    result = unguarded.play(
        learned=shuffled, kinds=["deauth_flood", "restart_loop", "eap_failure_burst"], repeats=5
    )
    evidence = evaluate(unguarded, result)
    assert evidence.verdict.startswith("A simple rule is better than this model: incident recall")
    assert evidence.storable_as == "candidate"
    assert any("has 1.00" in advice.text for advice in evidence.recommendations)
    assert result.evidence.not_measured["guard"] == "the guard is off (guard.enabled=false)"


def test_the_estimator_alone_is_the_model_where_the_guard_is_off(unguarded: House) -> None:
    """Same scores, same threshold, same trials noticed."""
    trials = unguarded.play(kinds=["slow_deauth"], repeats=3).trials
    assert (trials["detected_model"] == trials["detected_estimator"]).all()


def test_the_bench_can_be_left_out(house: House) -> None:
    """No bench, no evidence of it."""
    off = Evaluator(**QUICK, incidents={"enabled": False})
    found = run_bench(house.prepared, house.learned, preparation=house.preparation, evaluator=off)
    assert found is None


def test_windows_of_stations_are_not_measured(house: House) -> None:
    """Incidents happen to access points: the evidence says why there is none."""
    windows = house.prepared.windows
    account = {**windows.account, "entity": "station"}
    other = replace(
        house, prepared=replace(house.prepared, windows=replace(windows, account=account))
    )
    evidence = other.play().evidence
    assert not evidence.recalls
    assert "windows of stations" in evidence.not_measured["bench"]
    assert evaluate(house, BenchResult(evidence=evidence, trials=None)).labels == "none"


def test_an_incident_longer_than_the_test_part_is_not_played(house: House) -> None:
    """It says so instead of being cut short."""
    evidence = house.play(kinds=["wrong_psk"], duration_s=86_400).evidence
    assert "shorter than the incident" in evidence.no_place["wrong_psk"]
