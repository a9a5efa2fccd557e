import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from wifitrain.evaluation.diagnostics import agreement_with, measure_diagnostics
from wifitrain.evaluation.massvolume import excess_mass, mass_volume

from .made_up import TrainedDistance, case_of, evidence_of, noise

BOX = 8.0  # from -4 to 4


@pytest.fixture(scope="module")
def gaussian() -> tuple[np.ndarray, np.ndarray]:
    """Scores of a standard normal and of the box around it, by the best score there is."""
    rng = np.random.default_rng(0)
    return -norm.pdf(rng.normal(size=100_000)), -norm.pdf(rng.uniform(-4, 4, size=100_000))


def test_a_uniform_square_by_hand() -> None:
    """Data fill half of a box of volume 2 and the score knows it.

    EM(t) = 1 - t down to .9, area .095; MV(a) = 1 everywhere, area .099.
    """
    scores, uniform = np.zeros(1000), np.repeat([0.0, 1.0], 1000)
    assert excess_mass(scores, uniform, volume=2) == pytest.approx(0.095, abs=1e-6)
    assert mass_volume(scores, uniform, volume=2) == pytest.approx(0.099, abs=1e-6)


def test_mass_volume_of_a_normal_by_integration(gaussian) -> None:
    """The least interval with mass a is twice the quantile at (1 + a) / 2."""
    expected, _ = quad(lambda a: 2 * norm.ppf((1 + a) / 2), 0.9, 0.999)
    assert mass_volume(*gaussian, volume=BOX) == pytest.approx(expected, rel=0.02)


def test_excess_mass_of_a_normal_by_integration(gaussian) -> None:
    """The level set of the density at t is an interval around 0; the area ends where EM is .9."""

    def excess(t: float) -> float:
        half = np.sqrt(-2 * np.log(t * np.sqrt(2 * np.pi)))
        return 2 * norm.cdf(half) - 1 - 2 * t * half

    end = brentq(lambda t: excess(t) - 0.9, 1e-6, 0.3)
    expected, _ = quad(excess, 1e-9, end)
    assert excess_mass(*gaussian, volume=BOX) == pytest.approx(expected, rel=0.02)


def test_a_score_that_draws_lots_wraps_nothing(gaussian) -> None:
    """Its level sets are as large as their mass: worse on both."""
    lots = tuple(np.random.default_rng(1).random((2, 100_000)))
    assert excess_mass(*lots, volume=BOX) < 0.8 * excess_mass(*gaussian, volume=BOX)
    assert mass_volume(*lots, volume=BOX) > 1.5 * mass_volume(*gaussian, volume=BOX)


def test_agreement_is_kendalls_by_counting_pairs() -> None:
    """Concordant minus discordant pairs over all pairs; what never varies drops out."""
    rng = np.random.default_rng(2)
    one, other = rng.random(60), rng.random(60)
    pairs = [(i, j) for i in range(60) for j in range(i)]
    signs = [np.sign((one[i] - one[j]) * (other[i] - other[j])) for i, j in pairs]
    found = agreement_with(one, {"other": other, "same": one, "flat": np.ones(60)})
    assert found == {"other": pytest.approx(sum(signs) / len(pairs)), "same": pytest.approx(1.0)}


def test_diagnostics_are_marked_and_open_no_gate() -> None:
    """They stand in the report with their use, and no gate asks them."""
    found = evidence_of(noise(800))
    told = found.to_json()["diagnostics"]
    assert told["use"] == "diagnostics: not for choosing"
    assert told["excess_mass"] > 0
    assert told["mass_volume"] > 0
    assert set(told["agreement"]) == {"largest_deviation", "pca_residual", "nearest_neighbours"}
    assert told["consensus"] > 0.1
    assert not any("mass" in check.name or "consensus" in check.name for check in found.checks)
    assert "diagnostics" not in evidence_of(noise(800), diagnostics=False).to_json()


def test_models_without_trees_and_columns_without_values_are_measured_too() -> None:
    """No forest to size; a column of NaN, a constant one; many windows are capped."""
    X = noise(9000).assign(empty=np.nan, flat=1.0)
    X.loc[::7, "f1"] = np.nan
    found = measure_diagnostics(case_of(X, make=TrainedDistance))
    assert found.mass_volume is not None
    assert found.consensus is not None
    alone = pd.DataFrame({"f0": np.arange(400.0), "flat": 1.0})
    assert measure_diagnostics(case_of(alone, make=TrainedDistance)).excess_mass is not None
