import numpy as np

from wifitrain.evaluation.choosing import Configuration, choose

PLACES = [f"flood/{i}" for i in range(30)]


def configuration(job: int, *, recall: float = 0.8, **changes) -> Configuration:
    """A job that notices the same first places of two intensities each, up to `recall`."""
    n = round(recall * len(PLACES))
    noticed = {(place, x): i < n for i, place in enumerate(PLACES) for x in (0.1, 1.0)}
    usual = {
        "contamination": 0.02, "n_estimators": 100, "stability": 0.9, "failed": (),
        "trials_of": "same", "noticed": noticed,
    }  # fmt: skip
    return Configuration(job=job, **{**usual, **changes})


def test_the_cheapest_of_the_best_group_is_taken() -> None:
    """Of three that cannot be told apart: the smallest budget, then the fewest trees."""
    found = choose(
        [
            configuration(0, recall=0.83, contamination=0.05),
            configuration(1, recall=0.8, n_estimators=200),
            configuration(2, recall=0.8, n_estimators=100),
            configuration(3, recall=0.3, n_estimators=50),
        ],
        stability_target=0.8,
    )
    assert found.job == 2
    assert found.best == 0
    assert found.indistinguishable == (0, 1, 2)
    assert [found.standing(job) for job in range(4)] == [
        "indistinguishable", "indistinguishable", "chosen", "behind",
    ]  # fmt: skip
    assert found.behind_the_best[3].interval[0] > 0
    assert "of 3 indistinguishable configurations, the cheapest" in found.verdict
    assert any("Budgets differ" in note for note in found.notes)


def test_a_failed_gate_drops_even_the_best() -> None:
    """Recall buys nothing back."""
    found = choose(
        [configuration(0, recall=1.0, failed=("alert_rate",)), configuration(1, recall=0.5)],
        stability_target=0.8,
    )
    assert found.job == 1
    assert found.dropped == {0: "failed alert_rate"}
    assert found.standing(0) == "dropped"
    assert "the only one left" in found.verdict


def test_where_every_gate_fails_nothing_is_chosen() -> None:
    """No configuration is better than a bad one."""
    found = choose([configuration(0, failed=("seed_stability",))], stability_target=0.8)
    assert found.job is None
    assert found.verdict == "No configuration is chosen: none passes every gate."


def test_the_cheapest_must_be_stable() -> None:
    """A cheaper forest below the target stays in the group; where none reaches it, that is told."""
    jobs = [
        configuration(0, n_estimators=50, stability=0.6),
        configuration(1, n_estimators=100, stability=0.7999999999),
        configuration(2, n_estimators=200, stability=0.9),
    ]
    assert choose(jobs, stability_target=0.8).job == 1
    unstable = choose(jobs, stability_target=0.95)
    assert unstable.job == 2
    assert "none reaches the stability target of 0.95 (it has 0.90)" in unstable.verdict


def test_noise_never_makes_a_winner() -> None:
    """Twelve models with the same chance of noticing: all of them are one group, most times."""
    whole = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        hard = rng.random(len(PLACES))
        jobs = [
            configuration(job, noticed={
                (place, 1.0): bool(h + rng.normal(scale=0.1) < 0.6)
                for place, h in zip(PLACES, hard, strict=True)
            })
            for job in range(4)
        ]  # fmt: skip
        found = choose(jobs, stability_target=0.8, rounds=300)
        whole += len(found.indistinguishable) == len(jobs)
        assert found.job in found.indistinguishable
    assert whole >= 7


def test_without_incidents_nothing_tells_them_apart() -> None:
    """All that passed are one group, and the choice says that nothing was measured."""
    jobs = [configuration(job, noticed=None, n_estimators=100 - job) for job in range(3)]
    found = choose(jobs, stability_target=0.8)
    assert found.job == 2
    assert found.indistinguishable == (0, 1, 2)
    assert found.notes == ("No incidents were played: nothing tells these apart.",)


def test_only_the_same_trials_are_pairs() -> None:
    """A job on other data, or without incidents, is not compared."""
    jobs = [
        configuration(0, recall=0.9),
        configuration(1, trials_of="other", recall=0.2),
        configuration(2, noticed=None),
    ]
    found = choose(jobs, stability_target=0.8)
    assert found.dropped == {
        1: "not judged on the trials of job 0",
        2: "not judged on the trials of job 0",
    }
    assert found.job == 0
