from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from wifitrain.evaluation.stability import Panel, jaccard, measure_stability
from wifitrain.records import CALIBRATION, FIT, TEST

from .made_up import TrainedDistance, TrainedForest, case_of, noise


def test_jaccard_is_intersection_over_union() -> None:
    """One common alert of three is a third; two empty sets have no agreement to speak of."""
    first, second = np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 0], bool)
    assert jaccard(first, second) == pytest.approx(1 / 3)
    assert jaccard(first & ~first, second & ~second) is None


def test_spearman_is_scipys() -> None:
    """The mean rank correlation over the three pairs equals scipy's, ties included."""
    scores = np.random.default_rng(0).normal(size=(3, 40)).round(1)
    expected = np.mean([spearmanr(scores[a], scores[b])[0] for a, b in [(0, 1), (0, 2), (1, 2)]])
    found = Panel(scores, calibration=np.arange(40) < 20).agreement(0.1)
    assert found.spearman == pytest.approx(expected)
    assert found.pairs == 3


def test_larger_forests_agree_more() -> None:
    """More trees buy agreement: the facts of the specification in small."""
    found = measure_stability(case_of(noise(600)), seeds=4, sizes=[5, 200])
    small, own, large = found.by_size
    assert [one.n_estimators for one in found.by_size] == [5, 50, 200]
    assert small.jaccard < own.jaccard < large.jaccard
    assert small.spearman < own.spearman < large.spearman
    assert (found.jaccard, found.n_estimators, found.windows) == (own.jaccard, 50, 298)


def test_every_size_of_a_seed_is_asked_for_on_the_fit_part_only() -> None:
    """Sizes rise, so that a forest can grow; no calibration or test window is ever fitted."""
    case = case_of(noise(600))
    measure_stability(case, seeds=3, sizes=[5, 10, 100])
    assert case.trained.sizes == [5, 10, 50, 100] * 3
    held = set(case.rows(CALIBRATION, TEST))
    assert not any(held & set(index) for index in case.trained.refits)


def test_a_nested_result_equals_independent_fits() -> None:
    """Agreement at a small size is the agreement of forests fitted at that size."""
    case = case_of(noise(600))
    nested = measure_stability(case, seeds=2, sizes=[8, 90]).by_size[0]
    small = replace(case, trained=TrainedForest.on(case.matrix(FIT), n_estimators=8))
    alone = measure_stability(small, seeds=2, sizes=[])
    assert (nested.jaccard, nested.n_estimators) == (alone.jaccard, 8)
    assert nested.spearman == pytest.approx(alone.spearman, abs=1e-12)


def test_another_budget_needs_no_other_fit() -> None:
    """Jobs of a sweep that share windows and forest share the scores of its refits."""
    case = case_of(noise(600))
    case.trained.detector.made_of = {"recipe": "a forest", "trees": 50}
    first = measure_stability(case, seeds=3, sizes=[5])
    fitted = len(case.trained.sizes)
    wider = replace(case, scored=replace(case.scored, contamination=0.2))
    assert measure_stability(wider, seeds=3, sizes=[5]).jaccard != first.jaccard
    assert len(case.trained.sizes) == fitted
    measure_stability(replace(case, random_state=1), seeds=3, sizes=[5])
    assert len(case.trained.sizes) == 2 * fitted
    case.trained.detector.made_of = {"recipe": "another forest", "trees": 50}
    measure_stability(case, seeds=3, sizes=[5])
    assert len(case.trained.sizes) == 3 * fitted


def test_each_size_of_a_sweep_is_refitted_once() -> None:
    """A job with other trees asks for its own size alone; what it finds is what it finds alone."""
    case = case_of(noise(600))
    case.trained.detector.made_of = {"recipe": "a forest", "trees": 50}
    measure_stability(case, seeds=2, sizes=[5])
    other = replace(case, trained=TrainedForest.on(case.matrix(FIT), n_estimators=8))
    alone = measure_stability(other, seeds=2, sizes=[5])
    other.trained.detector.made_of = {"recipe": "a forest", "trees": 8}
    other.trained.sizes.clear()
    assert measure_stability(other, seeds=2, sizes=[5]) == alone
    assert other.trained.sizes == [8, 8]


def test_deterministic_estimators_say_so() -> None:
    """Where the seed changes nothing the agreement is 1 and marked as deterministic."""
    found = measure_stability(case_of(noise(600), make=TrainedDistance), seeds=2, sizes=[50, 100])
    assert (found.deterministic, found.jaccard, found.n_estimators) == (True, 1.0, None)
    assert found.by_size == ()


def test_deterministic_silence_is_agreement_too() -> None:
    """A scorer that never alerts and draws nothing at random agrees with itself."""
    case = case_of(noise(200) * 0.0, make=TrainedDistance)
    assert measure_stability(case, seeds=2, sizes=[]).jaccard == 1.0
