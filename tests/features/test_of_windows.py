"""Which windows exist, what their index says, and what silence looks like."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.features.made_up import START, build, choose, line, values
from wifitrain.errors import FeatureError

COUNT = choose("n_events")


def test_windows_stand_on_the_grid_of_the_epoch() -> None:
    """A first line at 00:04:59.999999 and a last at 00:05:00 lie in two windows of 300 s."""
    windows = build([line(299.999999, "roam"), line(300, "roam")], features=COUNT)
    assert windows.index["start"].tolist() == [START, START + pd.Timedelta(seconds=300)]
    assert windows.index["end"].tolist() == [START + pd.Timedelta(seconds=s) for s in (300, 600)]
    assert windows.index["n_events"].tolist() == [1, 1]
    assert windows.window_s == 300


def test_empty_windows_are_rows() -> None:
    """Silence between two lines exists: zero counts, and seconds since the last line."""
    rows = [line(100, "associated", "a"), line(1000, "associated", "a")]
    X = values(rows, "n_events", "silence_s", "is_empty", "auth_failure_ratio")
    assert X["n_events"] == [1, 0, 0, 1]
    assert X["silence_s"] == [200, 500, 800, 200]
    assert X["is_empty"] == [0, 1, 1, 0]
    assert X["auth_failure_ratio"][0] == 0
    assert math.isnan(X["auth_failure_ratio"][1])


def test_long_gaps_have_no_windows_but_a_count() -> None:
    """Beyond max_silence_s the access point is not known to be up."""
    rows = [line(0, "roam"), line(3900, "roam"), line(4500, "roam")]
    windows = build(rows, features=choose("n_events", "silence_s", max_silence_s=3600))
    assert windows.X["n_events"].tolist() == [1, 1, 0, 1]
    assert windows.account["gap_windows"] == 12
    assert windows.account["empty_windows"] == 1
    assert windows.account["total"] == 4


def test_lines_of_other_programs_keep_the_access_point_up_but_are_no_events() -> None:
    """A dnsmasq line makes a window exist; n_events counts WiFi lines only."""
    other = {"program": "dnsmasq"}
    rows = [line(0, "roam"), line(650, "other", **other), line(900, "other", **other)]
    windows = build(rows, features=choose("n_events", "line_count", "silence_s"))
    assert windows.X["n_events"].tolist() == [1, 0, 0, 0]
    assert windows.X["line_count"].tolist() == [1, 0, 1, 1]
    assert windows.X["silence_s"].tolist() == [300, 600, 900, 1200]
    assert set(windows.kinds["kind"]) == {"event:roam"}


def test_order_is_entity_then_start() -> None:
    """Windows of one entity stand together, and entities in the order of their names."""
    rows = [line(at, "roam", access_point=name) for at, name in ((0, "b"), (700, "b"), (400, "a"))]
    index = build(rows, features=COUNT).index
    assert index["entity"].tolist() == ["a", "b", "b", "b"]
    assert index["start"].is_monotonic_increasing is False
    assert index.loc[1:, "start"].is_monotonic_increasing


def test_label_is_the_worst_of_the_rows() -> None:
    """True where a row is, false where rows say so, missing where none says anything."""
    rows = [
        line(1, "roam", label=False),
        line(2, "roam", label=True),
        line(301, "roam", label=False),
        line(601, "roam"),
    ]
    label = build(rows, features=COUNT).index["label"]
    assert label.dtype == "boolean"
    assert label[:2].tolist() == [True, False]
    assert label[2] is pd.NA


@pytest.mark.parametrize(
    ("entity", "names"), [("interface", ["ap1/wl0", "ap1/wl1"]), ("station", ["a", "b"])]
)
def test_entity_is_configurable(entity: str, names: list[str]) -> None:
    """Windows by interface or by station; rows without one are left out and counted."""
    rows = [
        line(1, "roam", "a", interface="wl0"),
        line(2, "roam", "b", interface="wl1"),
        line(3, "roam", None, interface=None),
    ]
    windows = build(rows, features=choose("n_events", entity=entity))
    assert windows.index["entity"].tolist() == names
    assert windows.account["rows_without_entity"] == 1


def test_export_without_wifi_lines_is_refused() -> None:
    """Lines of other programs alone make no window."""
    with pytest.raises(FeatureError, match="no line of a WiFi program"):
        build([line(0, "other", program="dnsmasq")], features=COUNT)


def test_entity_that_no_line_names_is_refused() -> None:
    """The message says which entity and what to do."""
    with pytest.raises(FeatureError, match=r"names its interface: use features\.entity=access_p"):
        build([line(0, "roam", interface=None)], features=choose("n_events", entity="interface"))


def test_kinds_count_events_and_templates_by_window() -> None:
    """Known lines by event, unknown ones by their template, in the order of window and kind."""
    rows = [
        line(1, "roam"),
        line(2, "unknown", template="odd <n>"),
        line(3, "unknown", template="odd <n>"),
        line(700, "associated", "a"),
    ]
    kinds = build(rows, features=COUNT).kinds
    assert kinds.to_dict("list") == {
        "window": [0, 0, 2],
        "kind": ["event:roam", "template:odd <n>", "event:associated"],
        "count": [1, 2, 1],
    }


def test_presence_ends_two_hours_after_the_last_line() -> None:
    """network_load counts an address for 24 windows of 300 s, also across silent ones."""
    rows = [line(0, "associated", "a"), line(600, "associated", "b"), line(9000, "roam", "c")]
    load = values(rows, "network_load")["network_load"]
    assert load[:3] == [1, 1, 2]
    assert load[23:26] == [2, 1, 1]
    assert load[26:] == [0, 0, 0, 0, 1]


def test_presence_also_ends_inside_a_gap() -> None:
    """A station that fell silent before a gap is not there after it."""
    rows = [line(0, "associated", "a"), line(90_000, "associated", "b")]
    assert values(rows, "network_load")["network_load"] == [1, 1]
