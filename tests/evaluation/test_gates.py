from dataclasses import replace

import pytest

from wifitrain.errors import ConfigError, GateFailed
from wifitrain.evaluation import Gates
from wifitrain.evaluation.bench import IncidentTrial, pooled_recalls, summarise_trials
from wifitrain.evaluation.incidents import IncidentEvidence

from .made_up import labelled_evidence, noise_evidence


@pytest.fixture(scope="module")
def unlabelled():
    """Evidence without labels."""
    return with_volume(noise_evidence(), ratio_to_budget=1.0)


@pytest.fixture(scope="module")
def labelled():
    """Evidence with labels that the model finds."""
    return labelled_evidence()


def incidents(**detected: int):
    """Trials of one incident: scorer -> detected of 50."""
    trials = [
        IncidentTrial(incident="slow_deauth", scorer=name, intensity=1.0, detected=i < hits)
        for name, hits in detected.items()
        for i in range(50)
    ]
    return IncidentEvidence(recalls=summarise_trials(trials), overall=pooled_recalls(trials))


def states(evidence) -> dict[str, str]:
    """Gate -> state."""
    return {check.name: check.state for check in evidence.checks}


def with_volume(evidence, **changed):
    """The same evidence with another alert volume."""
    return replace(evidence, alert_volume=replace(evidence.alert_volume, **changed))


def test_without_labels_nothing_says_that_it_detects(unlabelled) -> None:
    """No labels: detection and metric thresholds are not measured, and the model is a candidate."""
    found = states(unlabelled)
    assert found["finite_scores"] == "passed"
    assert found["detection"] == found["metric_thresholds"] == "not_measured"
    assert unlabelled.storable_as == "candidate"


def test_not_measured_can_be_let_pass(unlabelled) -> None:
    """`gates.not_measured=pass` releases what failed nothing; a failure still holds it back."""
    lenient = replace(unlabelled, gates=Gates(not_measured="pass", seed_jaccard=0))
    assert lenient.storable_as == "available"
    strict = replace(unlabelled, gates=Gates(not_measured="pass", seed_jaccard=1))
    assert strict.storable_as == "candidate"


def test_labels_that_are_found_release_a_model(labelled) -> None:
    """Measured and passed: available; the missing incident bench is no gate of its own."""
    passing = replace(labelled, gates=Gates(seed_jaccard=0.3))
    assert states(passing)["detection"] == "passed"
    assert passing.storable_as == "available"


@pytest.mark.parametrize(
    ("least", "state", "status"), [(0.1, "passed", "available"), (0.99, "failed", "candidate")]
)
def test_metric_thresholds_are_gates_with_labels(labelled, least, state, status) -> None:
    """With labels each configured metric passes or fails with its number."""
    judged = replace(labelled, thresholds={"recall": least}, gates=Gates(seed_jaccard=0.3))
    check = next(check for check in judged.checks if check.name == "recall")
    assert (check.state, check.value) == (state, labelled.labelled.metrics["recall"])
    assert judged.storable_as == status


@pytest.mark.parametrize(("ratio", "state"), [(0.4, "failed"), (0.5, "passed"), (2.1, "failed")])
def test_alert_rate_must_keep_the_budget(unlabelled, ratio, state) -> None:
    """Outside of half to twice the budget on later windows the gate fails."""
    assert states(with_volume(unlabelled, ratio_to_budget=ratio))["alert_rate"] == state


def test_too_few_expected_alerts_judge_nobody(unlabelled) -> None:
    """Silence where .4 alerts were to be expected says nothing; a flood there does."""
    silent = with_volume(unlabelled, windows=20, budget=0.02, alerts=0, ratio_to_budget=0.0)
    assert states(silent)["alert_rate"] == "not_measured"
    flood = with_volume(silent, alerts=20, ratio_to_budget=50.0)
    assert states(flood)["alert_rate"] == "failed"


def test_a_score_that_is_not_finite_fails(unlabelled) -> None:
    """One NaN among the scores is a failed gate."""
    assert states(replace(unlabelled, not_finite=1))["finite_scores"] == "failed"


@pytest.mark.parametrize(
    ("detected", "detection", "rule"),
    [
        ({"model": 40, "random": 3, "one_rule": 30}, "passed", "passed"),
        ({"model": 40, "random": 3, "one_rule": 45}, "passed", "failed"),
        ({"model": 4, "random": 3, "one_rule": 1}, "failed", "passed"),
        ({"model": 40, "estimator": 45}, "passed", "not_measured"),
    ],
)
def test_incidents_are_held_against_chance_and_rules(unlabelled, detected, detection, rule) -> None:
    """Incident recall must be above a random scorer's and not below the best rule's."""
    found = states(unlabelled.with_incidents(incidents(**detected)))
    assert (found["detection"], found["incident_recall"]) == (detection, rule)


def test_metric_thresholds_hold_nobody_back_without_labels(unlabelled) -> None:
    """Incidents that are found release a model although no label exists for its metrics."""
    found = unlabelled.with_incidents(incidents(model=40, random=3, one_rule=30))
    found = replace(found, gates=Gates(seed_jaccard=0))
    assert states(found)["metric_thresholds"] == "not_measured"
    assert found.storable_as == "available"


def test_losing_to_a_rule_is_the_reports_first_line(unlabelled) -> None:
    """The verdict begins with the rule that is better, and numbers are marked as of incidents."""
    found = unlabelled.with_incidents(incidents(model=20, random=1, one_rule=40))
    assert found.verdict.startswith("A simple rule is better than this model: incident recall 0.40")
    assert found.labels == "incidents"
    assert any("slow deauth is 0.40" in advice.text for advice in found.recommendations)


def test_a_rule_that_breaks_the_budget_is_no_rival(unlabelled) -> None:
    """More recall from alerts without end proves nothing; neither gate nor advice name it."""
    found = incidents(model=20, random=1, one_rule=40)
    costly = replace(found, background_alert_rate={"one_rule": 0.4})
    judged = unlabelled.with_incidents(costly)
    assert states(judged)["incident_recall"] == "not_measured"
    assert not any("one-rule" in advice.text for advice in judged.recommendations)


def test_failed_gates_end_the_run_where_configured(unlabelled) -> None:
    """`gates.on_failure=error` names the failed gate; the default only keeps it back."""
    judged = replace(unlabelled, not_finite=3)
    judged.enforce()
    stopping = replace(judged, gates=Gates(on_failure="error", seed_jaccard=0))
    with pytest.raises(GateFailed, match=r"1 release gates failed: finite_scores is 3"):
        stopping.enforce()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_failure": "ignore"}, r"evaluation\.gates\.on_failure must be one of .* got 'ignore'"),
        ({"not_measured": None}, r"evaluation\.gates\.not_measured must be one of .* got None"),
        ({"alert_rate": [2, 1]}, r"evaluation\.gates\.alert_rate must rise"),
        ({"alert_rate": [1]}, r"evaluation\.gates\.alert_rate must be \[lowest, highest\]"),
        ({"seed_jaccard": 1.5}, r"evaluation\.gates\.seed_jaccard must be in \[0, 1\], got 1.5"),
    ],
)
def test_wrong_gates_are_refused(options, message) -> None:
    """Each value is checked and named with its full key."""
    with pytest.raises(ConfigError, match=message):
        Gates(**options)


def test_a_seed_that_flags_nothing_is_not_measured(unlabelled) -> None:
    """Without any alert of any seed there is no agreement to judge."""
    silent = replace(unlabelled, stability=replace(unlabelled.stability, jaccard=None))
    assert states(silent)["seed_stability"] == "not_measured"
