import numpy as np
import pytest

from wifitrain.evaluation.ranking import Ranks


def ranks_of(spread: float) -> np.ndarray:
    """Ranks of 60 windows in seven rounds whose scores differ by `spread`."""
    generator = np.random.default_rng(5)
    generator.random(120), generator.random(240)
    scores = generator.normal(size=(60, 1)) + spread * generator.normal(size=(60, 7))
    return (scores.argsort(0).argsort(0) + 1).T


@pytest.mark.parametrize(
    ("budget", "expected"), [(0.05, 0.8546609997), (0.1, 0.7378985173), (0.3, 0.602016346780132)]
)
def test_rank_stability_agrees_with_the_authors_program(budget, expected) -> None:
    """The values were computed once with the program that came with the paper."""
    # Its numerical search for the Beta distribution ends within 1e-5 of the exact solution.
    assert Ranks.of(ranks_of(0.7)).stability(budget) == pytest.approx(expected, abs=1e-5)


def test_equal_ranks_are_stable_and_spread_costs() -> None:
    """Ranks that never change are stable; noisier ones less, also at the largest budget."""
    assert Ranks.of(np.tile(np.arange(1, 31), (4, 1))).stability(0.1) == 1.0
    assert Ranks.of(ranks_of(0.2)).stability(0.5) > Ranks.of(ranks_of(2.0)).stability(0.5)
