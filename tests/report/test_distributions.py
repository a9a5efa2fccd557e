"""Feature distributions small enough for report.json, with nothing lost or made up."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifitrain.report import summarise_features

PARTS = np.array(["fit"] * 6 + ["calibration"] * 2 + ["test"] * 3 + ["excluded"])


def _summary(values: list[float]) -> dict:
    return summarise_features(pd.DataFrame({"f": values}), PARTS)["f"]


def test_each_part_is_counted_for_itself_and_excluded_windows_are_not() -> None:
    """Counts and missing values of a part add up to its windows."""
    found = _summary([0, 0, 1, 1, 2, np.nan, 3, 3, 50, np.nan, np.nan, 9999])
    assert {part: sum(counts) for part, counts in found["counts"].items()} == {
        "fit": 5,
        "calibration": 2,
        "test": 1,
    }
    assert found["missing"] == {"fit": 1, "calibration": 0, "test": 2}
    assert found["edges"][0] == 0
    assert found["edges"][-1] == 50


def test_few_distinct_values_have_a_bin_each() -> None:
    """A count of 0 to 3 is four bars, not twenty-four."""
    assert len(_summary([0, 1, 2, 3] * 3)["counts"]["fit"]) == 4


def test_quantiles_are_values_that_occurred() -> None:
    """Lowest, median, 95 % and highest are taken from the windows, not from between them."""
    found = _summary([1, 2, 3, 4, 5, 100, 0, 0, 0, 0, 0, 0])
    assert found["quantiles"]["fit"] == [1, 3, 100, 100]


@pytest.mark.parametrize("values", [[np.nan] * 12, [7.0] * 12])
def test_columns_without_spread_are_summarised(values: list[float]) -> None:
    """Nothing but missing values, or one value for ever, is no error."""
    found = _summary(values)
    assert found["edges"][0] < found["edges"][1]


@given(st.lists(st.floats(-1e300, 1e300), min_size=12, max_size=80))
def test_any_finite_values_are_all_counted(values: list[float]) -> None:
    """Edges rise, every window is in a bin, and the summary is strict JSON."""
    parts = np.resize(np.array(["fit", "test"]), len(values))
    found = summarise_features(pd.DataFrame({"f": values}), parts)["f"]
    assert all(a <= b for a, b in zip(found["edges"], found["edges"][1:], strict=False))
    assert sum(sum(counts) for counts in found["counts"].values()) == len(values)
    json.dumps(found, allow_nan=False)
