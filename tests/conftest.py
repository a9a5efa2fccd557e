"""Shared by all tests: frames of windows made by hand, and the place of the real logs."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wifitrain.records import WindowTable

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A script's command in the background ignores Ctrl-C, and would leave that to what tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).resolve().parents[1] / "../shared/data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no process ends with it while the others wait."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real logs, which is no part of the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real logs (../shared/data) are not here")
    return SHARED_DATA


def make_windows(X: np.ndarray, *, window_s: int = 300, entity: str = "ap") -> WindowTable:
    """Windows of one access point, one after another from 2 March 2026, with features f0, f1 ..."""
    n, columns = X.shape
    start = pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(n) * window_s, unit="s")
    index = pd.DataFrame(
        {
            "entity": entity,
            "start": start.astype("datetime64[us]"),
            "end": (start + pd.Timedelta(seconds=window_s)).astype("datetime64[us]"),
            "n_events": 1,
            "label": pd.array([pd.NA] * n, dtype="boolean"),
        }
    )
    kinds = pd.DataFrame({"window": np.arange(n), "kind": "event:associated", "count": 1})
    return WindowTable(
        X=pd.DataFrame(X, columns=[f"f{i}" for i in range(columns)]),
        index=index,
        kinds=kinds,
        unavailable={},
        window_s=window_s,
    )
