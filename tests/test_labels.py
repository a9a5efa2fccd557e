"""Intervals of a CSV file become labels of windows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import make_windows
from wifitrain.errors import ConfigError
from wifitrain.labels import IntervalLabels


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "labels.csv"
    path.write_text(text)
    return str(path)


def test_windows_that_touch_an_interval_are_marked(tmp_path: Path) -> None:
    """Intervals are half open: a window that begins where it ends is not marked."""
    path = _file(tmp_path, "start,end\n2026-03-02T00:06:00,2026-03-02T00:15:00\n")
    marked = IntervalLabels(path=path).mark(make_windows(np.zeros((5, 1))))
    assert list(marked.index["label"]) == [False, True, True, False, False]


def test_an_interval_of_one_access_point_leaves_others_alone(tmp_path: Path) -> None:
    """The name counts for the access point and for its interfaces."""
    path = _file(
        tmp_path, "start,end,access_point,kind\n2026-03-02T00:00:00Z,2026-03-02T00:05:00Z,ap,x\n"
    )
    windows = make_windows(np.zeros((3, 1)))
    index = windows.index.assign(entity=["ap", "ap/wlan0", "apx"], start=windows.index["start"][0])
    marked = IntervalLabels(path=path).mark(replace(windows, index=index.assign(end=index["end"])))
    assert list(marked.index["label"]) == [True, True, False]


def test_without_a_file_labels_stay_missing() -> None:
    """No labels are invented."""
    marked = IntervalLabels().mark(make_windows(np.zeros((3, 1))))
    assert marked.index["label"].isna().all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("start\n2026-01-01\n", "line 2: expected columns start and end"),
        ("start,end\n2026-01-01,soon\n", "line 2: expected columns start and end"),
        ("start,end\n2026-01-02,2026-01-01\n", "line 2: ends before it begins"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file and the line."""
    with pytest.raises(ConfigError, match=message):
        IntervalLabels(path=_file(tmp_path, text))


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    """No traceback: the key and the path."""
    with pytest.raises(ConfigError, match="source.labels: .*none.csv: No such file"):
        IntervalLabels(path=str(tmp_path / "none.csv"))
