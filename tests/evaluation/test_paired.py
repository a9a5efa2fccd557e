import numpy as np
import pytest
from scipy.stats import bootstrap
from sklearn.metrics import average_precision_score

from wifitrain.errors import EvaluationError
from wifitrain.evaluation.paired import (
    clustered_rows,
    paired_bootstrap,
    precision_difference,
    recall_difference,
)

N = 200


def two_models(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Trials noticed by two models that mostly agree; the first notices a little more."""
    rng = np.random.default_rng(seed)
    hard = rng.random(N)
    return hard < 0.7 + 0.1 * rng.random(N), hard < 0.6 + 0.1 * rng.random(N)


def test_the_interval_is_that_of_scipys_paired_bootstrap() -> None:
    """Trials on their own: the same percentiles as SciPy's, to what 4000 rounds can tell."""
    first, second = two_models()
    found = recall_difference(first, second, clusters=np.arange(N), rounds=4000, seed=1)
    theirs = bootstrap(
        (first.astype(float), second.astype(float)),
        lambda one, other, axis: one.mean(axis=axis) - other.mean(axis=axis),
        paired=True, vectorized=True, method="percentile", n_resamples=4000,
        rng=np.random.default_rng(2),
    ).confidence_interval  # fmt: skip
    assert found.difference == pytest.approx(first.mean() - second.mean())
    assert found.interval == pytest.approx(tuple(theirs), abs=0.01)
    assert not found.holds_zero


def test_pairing_is_what_makes_it_narrow() -> None:
    """Two independent intervals would be far wider: what both find hard cancels."""
    first, second = two_models()
    found = recall_difference(first, second, clusters=np.arange(N), seed=1)
    unpaired = np.sqrt(first.var() / N + second.var() / N)
    assert found.interval[1] - found.interval[0] < 0.8 * 2 * 1.96 * unpaired


def test_trials_that_stand_together_are_one_draw() -> None:
    """Ten copies of each trial say no more than one: the interval stays as wide."""
    first, second = two_models()
    once = recall_difference(first, second, clusters=np.arange(N), rounds=2000, seed=1)
    tenfold = recall_difference(
        np.repeat(first, 10), np.repeat(second, 10), clusters=np.repeat(np.arange(N), 10),
        rounds=2000, seed=1,
    )  # fmt: skip
    assert tenfold.interval == pytest.approx(once.interval, abs=0.005)
    (rows,) = clustered_rows(
        np.array(["a", "b", "a"]), rounds=1, generator=np.random.default_rng(0)
    )
    assert set(np.bincount(rows, minlength=3)[[0, 2]]) in ({0}, {1}, {2})


def test_a_model_does_not_differ_from_itself() -> None:
    """The difference is 0 in every round."""
    first, _ = two_models()
    found = recall_difference(first, first, clusters=np.arange(N), seed=1)
    assert (found.difference, found.interval) == (0, (0, 0))
    assert found.holds_zero


def test_average_precision_on_the_same_windows() -> None:
    """The difference is scikit-learn's; one that knows the truth is ahead of lots."""
    rng = np.random.default_rng(3)
    truth = (rng.random(600) < 0.1).astype(int)
    lots, knowing = rng.random(600), truth + rng.normal(size=600)
    times = np.arange(600) * 300
    found = precision_difference(
        truth, first=knowing, second=lots, times=times, resampling=(300, 1)
    )
    ours = [average_precision_score(truth, scores) for scores in (knowing, lots)]
    assert found.difference == pytest.approx(ours[0] - ours[1])
    assert found.interval[0] > 0
    assert found.interval[0] < found.difference < found.interval[1]
    assert precision_difference(truth * 0, first=lots, second=lots, times=times) is None


def test_nothing_to_pair_is_refused() -> None:
    """No trials, or trials of one model only."""
    with pytest.raises(EvaluationError, match="no pairs of trials: 0, 0"):
        recall_difference(np.array([]), np.array([]), clusters=np.array([]), seed=1)
    with pytest.raises(EvaluationError, match="no pairs of trials: 2, 1"):
        recall_difference(np.ones(2), np.ones(1), clusters=np.ones(2), seed=1)


def test_a_statistic_that_is_mostly_undefined_gives_no_interval() -> None:
    """Half of the rounds without a value: nothing is said."""
    rounds = iter([True, False, False, False])
    resamples = [np.arange(3)] * 3
    found = paired_bootstrap(
        lambda _: 1.0 if next(rounds) else None, lambda _: 0.0, n=3, resamples=resamples
    )
    assert found is None
