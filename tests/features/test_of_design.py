"""The design's features against values computed by hand."""

from __future__ import annotations

import math

import pytest

from tests.features.made_up import line, values


def _signal(at: float, dbm: int, **fields: object) -> dict[str, object]:
    return dict(line(at, "signal_change", program="wpa_supplicant", signal_dbm=dbm, **fields))


def test_signal_has_mean_deviation_and_slope() -> None:
    """-50, -60, -70 dBm every 10 s: mean -60, deviation 10, slope -1 dB/s."""
    rows = [_signal(at, dbm) for at, dbm in ((0, -50), (10, -60), (20, -70))]
    X = values(rows, "mean_signal_strength", "std_signal_strength", "signal_strength_trend")
    assert X["mean_signal_strength"] == [-60]
    assert X["std_signal_strength"] == [pytest.approx(10)]
    assert X["signal_strength_trend"] == [pytest.approx(-1)]


def test_slope_of_samples_at_one_time_is_undefined() -> None:
    """Two samples in one second have no slope, and it is not infinite."""
    rows = [_signal(299, -50), _signal(299, -80), _signal(300, -50), _signal(310, -60)]
    trend = values(rows, "signal_strength_trend")["signal_strength_trend"]
    assert math.isnan(trend[0])
    assert trend[1] == pytest.approx(-1)


def test_mean_hour_is_circular() -> None:
    """23:00 and 01:00 average to midnight (cosine 1), not to noon."""
    rows = [line(hour * 3600, "roam") for hour in (1, 23)]
    X = values(rows, "mean_hour_of_day", window_s=86_400)
    assert X["mean_hour_of_day_cos"] == [pytest.approx(1)]
    assert X["mean_hour_of_day_sin"] == [pytest.approx(0, abs=1e-9)]


def test_weekday_counts_from_monday() -> None:
    """Monday is angle 0; Tuesday a seventh of the circle further."""
    rows = [line(0, "roam"), line(86_400, "roam")]
    X = values(rows, "mean_day_of_week", window_s=86_400)
    assert X["mean_day_of_week_sin"] == [0, pytest.approx(math.sin(2 * math.pi / 7))]
    assert X["mean_day_of_week_cos"] == [1, pytest.approx(math.cos(2 * math.pi / 7))]


def test_time_between_events_is_undefined_for_one_event() -> None:
    """Gaps of 1 s and 3 s have mean 2 s; a lone event has no gap."""
    rows = [line(at, "roam") for at in (0, 1, 4, 300)]
    first, second = values(rows, "mean_time_between_events")["mean_time_between_events"]
    assert first == 2
    assert math.isnan(second)


def test_categories_become_shares() -> None:
    """One of two stations is randomised; of three lines with an algorithm two say SAE."""
    rows = [
        line(0, "sta_connected", "a", auth_algorithm="sae", station_is_local=True),
        line(1, "sta_connected", "b", auth_algorithm="open", station_is_local=False),
        line(2, "sta_connected", "a", auth_algorithm="SAE", station_is_local=True),
    ]
    X = values(rows, "device_type", "connection_type")
    assert X["device_type_randomised"] == [0.5]
    assert X["connection_type_sae"] == [pytest.approx(2 / 3)]
    assert X["connection_type_open"] == [pytest.approx(1 / 3)]
    assert X["connection_type_ft"] == [0]


def test_levels_and_names_are_counted() -> None:
    """Ratios by level, distinct addresses and distinct networks."""
    rows = [
        line(0, "roam", "a", level="error", ssid="net-a"),
        line(1, "roam", "b", level="warning", ssid="net-a"),
        line(2, "roam", "a", level="critical", bssid="c"),
        line(3, "roam", None, bssid="c"),
    ]
    names = ("error_ratio", "warning_ratio", "unique_mac_count", "unique_ssid_count")
    X = values(rows, *names)
    assert X["error_ratio"] == [0.5]
    assert X["warning_ratio"] == [0.25]
    assert X["unique_mac_count"] == [3]
    assert X["unique_ssid_count"] == [1]


def test_slope_stays_undefined_where_rounding_would_invent_one() -> None:
    """Late in a window of a day the sums exceed 2**53; one time is still no spread in time."""
    rows = [_signal(86_399.999, dbm) for dbm in (-50, -60, -80)]
    rows += [_signal(90_000, -50), _signal(90_010, -60)]
    trend = values(rows, "signal_strength_trend", window_s=86_400)["signal_strength_trend"]
    assert math.isnan(trend[0])
    assert trend[1] == pytest.approx(-1)
