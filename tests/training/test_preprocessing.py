"""The steps before an estimator are those that scikit-learn fits by itself."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from wifitrain.training import content_digest
from wifitrain.training.preprocessing import fit_steps
from wifitrain.training.recipe import Matrix


def _values() -> np.ndarray:
    """Known and undefined values, a constant column, even and odd numbers of values."""
    values = np.random.default_rng(3).normal(size=(101, 5)) * 1e6
    values[::3, 1] = np.nan
    values[1:, 2] = np.nan
    values[:50, 2] = [*range(50)]
    values[:, 3] = 7
    values[0, 4] = np.nan
    return values


@pytest.mark.parametrize("scaled", [False, True])
def test_steps_learn_what_a_plain_pipeline_learns(scaled: bool) -> None:
    """Same digest of everything learned, same prepared values to the last bit."""
    values = _values()
    plain = [("vary", VarianceThreshold()), ("impute", SimpleImputer(strategy="median"))]
    plain += [("scale", StandardScaler())] if scaled else []
    reference = Pipeline(plain)
    expected = reference.fit_transform(values)
    steps, prepared = fit_steps(values, scaled=scaled)
    assert content_digest(steps, {}) == content_digest(reference, {})
    assert vars(steps["impute"]).keys() == vars(reference["impute"]).keys()
    np.testing.assert_array_equal(prepared, expected)
    np.testing.assert_array_equal(steps.transform(values[::-1]), expected[::-1])


def test_seeds_share_the_steps_of_a_matrix() -> None:
    """What a matrix is prepared by does not depend on the seed: it is made once."""
    matrix = Matrix(_values())
    assert matrix.steps(scaled=False) is matrix.steps(scaled=False)
    assert matrix.steps(scaled=True)[0] is not matrix.steps(scaled=False)[0]
