"""Every feature against loops in plain Python, and on other threads and row orders."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.features.made_up import build, choose, every_feature, random_events
from tests.features.reference import reference
from wifitrain.features import catalogue, x_digest


@pytest.mark.parametrize(("seed", "window_s"), [(1, 300), (2, 60), (3, 3600)])
def test_every_feature_equals_its_plain_python_reference(seed: int, window_s: int) -> None:
    """On random events each column agrees with loops over rows, window by window."""
    table = random_events(seed)
    windows = build(table, features=every_feature(window_s=window_s))
    expected = reference(table, window_s=window_s)
    number = (windows.index["start"] - pd.Timestamp(0)) // pd.Timedelta(seconds=window_s)
    keys = list(zip(windows.index["entity"], number, strict=True))
    assert keys == sorted(expected)
    frame = pd.DataFrame([expected[key] for key in keys])[list(windows.X.columns)]
    assert set(windows.unavailable) == {"mean_packet_loss"}
    assert windows.X.shape[1] == sum(len(one.columns) for one in catalogue().values())
    pd.testing.assert_frame_equal(windows.X, frame.astype("float64"), rtol=1e-9, atol=1e-9)


def test_threads_and_row_order_leave_every_bit_as_it_was() -> None:
    """One thread, four threads and shuffled rows give the same digest."""
    table = random_events(4, count=3000)
    features = every_feature(window_s=120)
    shuffled = table.sample(frac=1, random_state=7)
    digests = {
        x_digest(build(table, features=features, threads=1)),
        x_digest(build(table, features=features, threads=4)),
        x_digest(build(shuffled, features=features, threads=4)),
    }
    assert len(digests) == 1


def test_one_changed_line_changes_the_digest() -> None:
    """The digest sees a single event that differs."""
    table = random_events(5, count=200)
    changed = table.copy()
    changed.loc[50, "event"] = "psk_mismatch" if table.loc[50, "event"] == "roam" else "roam"
    features = choose("n_events", "roam_count", "association_count")
    before, after = (x_digest(build(one, features=features)) for one in (table, changed))
    assert before != after
