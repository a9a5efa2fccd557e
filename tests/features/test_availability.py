"""What an export cannot feed is named, dropped or refused; what it could have shown is a zero."""

from __future__ import annotations

import math

import pytest

from tests.features.made_up import build, choose, line, values
from wifitrain.errors import FeatureError
from wifitrain.features import WindowFeatures

ROWS = [line(0, "associated", "a"), line(1, "roam", "a")]


def test_packet_loss_is_never_available() -> None:
    """No program logs it, so it is neither a column nor a guess."""
    windows = build(ROWS, features=choose("n_events", "mean_packet_loss"))
    assert list(windows.X.columns) == ["n_events"]
    assert "no program logs it" in windows.unavailable["mean_packet_loss"]


def test_signal_is_unavailable_without_signal_lines() -> None:
    """An access point's log carries no signal strength."""
    windows = build(ROWS, features=choose("n_events", "mean_signal_strength", "beacon_ratio"))
    assert list(windows.X.columns) == ["n_events"]
    assert windows.unavailable == {
        "mean_signal_strength": "no WiFi line of this export carries signal_dbm",
        "beacon_ratio": "this export has no line of beacon_loss",
    }


def test_rare_event_is_a_zero_where_its_program_speaks() -> None:
    """Hostapd would have logged a mismatch: zero is a fact, for the guard to watch."""
    assert values(ROWS, "psk_mismatch_count", "refusal_count") == {
        "psk_mismatch_count": [0],
        "refusal_count": [0],
    }


def test_rare_event_is_unavailable_where_no_program_logs_it() -> None:
    """Wlceventd knows no RADIUS server."""
    rows = [line(0, "associated", "a", program="wlceventd")]
    windows = build(rows, features=choose("n_events", "radius_failure_count"))
    assert list(windows.X.columns) == ["n_events"]
    assert "wlceventd" in windows.unavailable["radius_failure_count"]


def test_event_that_occurs_makes_its_feature_available_in_any_program() -> None:
    """What is seen needs no table of what could be seen."""
    rows = [line(0, "psk_mismatch", "a", program="vendord")]
    assert values(rows, "psk_mismatch_count")["psk_mismatch_count"] == [1]


def test_feature_undefined_in_every_window_is_unavailable() -> None:
    """No session ends, so there is no session length anywhere."""
    windows = build(ROWS, features=choose("n_events", "session_p50_s"))
    assert windows.unavailable == {"session_p50_s": "undefined in every window of this export"}


def test_unavailable_can_be_an_error() -> None:
    """With unavailable=error the run ends and names the feature."""
    features = choose("n_events", "mean_packet_loss", unavailable="error")
    with pytest.raises(FeatureError, match="1 features unavailable .*mean_packet_loss: no program"):
        build(ROWS, features=features)


def test_export_that_feeds_nothing_is_refused() -> None:
    """Without a column there is nothing to learn."""
    with pytest.raises(FeatureError, match="can feed none of the configured features"):
        build(ROWS, features=choose("mean_packet_loss"))


def test_service_profile_is_never_dropped() -> None:
    """Five columns in the service's order, the last two zero."""
    names = ["log_count", "error_count", "warning_count", "unused_1", "unused_2"]
    rows = [*ROWS, line(2, "roam", level="error"), line(3, "roam", level="warning")]
    windows = build(rows, features=WindowFeatures(counts=names))
    assert list(windows.X.columns) == names
    assert windows.X.iloc[0].tolist() == [4, 1, 1, 0, 0]
    assert windows.unavailable == {}


def test_codes_are_counted_one_by_one() -> None:
    """Reason and status codes have a column each, zero where none came."""
    names = [
        "beacon_count",
        "unique_ssid_count",
        "reason_code_7",
        "reason_code_8",
        "status_code_17",
    ]
    rows = [
        line(0, "deauthenticated", "a", reason_code=7),
        line(1, "deauthenticated", "a", reason_code=7),
        line(2, "assoc_refused", "a", status_code=17),
    ]
    windows = build(rows, features=WindowFeatures(counts=names))
    assert windows.X.iloc[0].tolist() == [0, 0, 2, 0, 1]


def test_asked_columns_come_even_where_this_export_cannot_feed_them() -> None:
    """A trained model's columns: zero for a count, NaN for a measure, in the order asked for."""
    features = choose("n_events", "mean_signal_strength", "probe_count")
    columns = ["probe_count", "mean_signal_strength", "n_events"]
    X = build(ROWS, features=features, columns=columns).X
    assert list(X.columns) == columns
    assert X.iloc[0, [0, 2]].tolist() == [0, 2]
    assert math.isnan(X.iloc[0, 1])


def test_asked_column_that_is_not_configured_is_refused() -> None:
    """The message names the column."""
    with pytest.raises(FeatureError, match="not among the configured features: silence_s$"):
        build(ROWS, features=choose("n_events"), columns=["silence_s"])
