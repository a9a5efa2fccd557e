"""Parts are cut by time, at the same moments for everyone, with a gap between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.conftest import make_windows
from wifitrain.errors import ConfigError, DataError
from wifitrain.records import CALIBRATION, EXCLUDED, FIT, TEST
from wifitrain.splitting import TimeSplit


def test_parts_follow_each_other_in_time_with_a_gap() -> None:
    """Every fit window ends at least one window before calibration begins, and so on."""
    windows = make_windows(np.zeros((100, 1)))
    parts = TimeSplit(gap_windows=2).split(windows)
    index = windows.index
    for earlier, later in ((FIT, CALIBRATION), (CALIBRATION, TEST)):
        end = index["end"][parts.rows(earlier)].max()
        start = index["start"][parts.rows(later)].min()
        assert (start - end) == pd.Timedelta(seconds=2 * 300)
    assert parts.account == {"total": 100, FIT: 58, CALIBRATION: 18, TEST: 20, EXCLUDED: 4}


def test_all_access_points_are_cut_at_the_same_moments() -> None:
    """An access point that joined late does not move another one's later windows into fit."""
    early, late = make_windows(np.zeros((100, 1))), make_windows(np.zeros((40, 1)), entity="late")
    shifted = late.index.assign(
        start=late.index["start"] + pd.Timedelta(seconds=60 * 300),
        end=late.index["end"] + pd.Timedelta(seconds=60 * 300),
    )
    index = pd.concat([early.index, shifted], ignore_index=True)
    both = replace(early, X=pd.DataFrame({"f0": np.zeros(140)}), index=index)
    parts = TimeSplit().split(both)
    ends = index["end"]
    starts = index["start"]
    assert ends[parts.rows(FIT)].max() < starts[parts.rows(CALIBRATION)].min()
    assert ends[parts.rows(CALIBRATION)].max() < starts[parts.rows(TEST)].min()


def test_excluded_intervals_take_part_in_nothing() -> None:
    """A window that touches an excluded interval is in no part, and moves the cuts."""
    windows = make_windows(np.zeros((100, 1)))
    exclude = [["2026-03-02T00:12:00", "2026-03-02T00:20:00"]]
    parts = TimeSplit(exclude=exclude).split(windows)
    assert list(np.flatnonzero(parts.name[:20] == EXCLUDED)) == [2, 3]


def test_jobs_that_share_windows_share_parts() -> None:
    """The very same, not to be written to; other shares or other windows have their own."""
    windows = make_windows(np.zeros((100, 1)))
    parts = TimeSplit().split(windows)
    assert TimeSplit().split(windows) is parts
    assert TimeSplit(test_size=0.3).split(windows).account != parts.account
    assert TimeSplit().split(make_windows(np.zeros((100, 1)))) is not parts
    with pytest.raises(ValueError, match="read-only"):
        parts.rows(FIT)[0] = False


def test_too_few_windows_say_what_is_needed() -> None:
    """Ten windows cannot be split, and the message says how many could."""
    with pytest.raises(DataError, match="needed are 20 to fit on"):
        TimeSplit().split(make_windows(np.zeros((10, 1))))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"test_size": 0}, r"training.test_size must be in \(0, 1\), got 0"),
        ({"validation_size": 1.5}, r"training.validation_size must be in \(0, 1\), got 1.5"),
        ({"test_size": 0.6, "validation_size": 0.5}, "together below 1, got 0.6"),
        ({"gap_windows": 0}, "training.gap_windows must be at least 1, got 0"),
        ({"exclude": [["2026-01-01", "yesterday"]]}, "training.exclude takes a list of pairs"),
        ({"exclude": [["2026-01-02", "2026-01-01"]]}, "ends before it begins"),
        ({"exclude": ["2026-01-02T00:00:00"]}, "training.exclude takes a list of pairs"),
    ],
)
def test_unusable_values_are_named(arguments: dict[str, object], message: str) -> None:
    """The constructor names the key and the value it refuses."""
    with pytest.raises(ConfigError, match=message):
        TimeSplit(**arguments)
