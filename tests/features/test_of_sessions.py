"""Sessions, arrivals and handshakes against values computed by hand."""

from __future__ import annotations

import math

import pytest

from tests.features.made_up import line, values


def test_one_arrival_in_four_lines_counts_once() -> None:
    """Associated, AP-STA-CONNECTED and two handshake lines are one arrival and one handshake."""
    rows = [
        line(10, "authenticated", "a"),
        line(10, "associated", "a"),
        line(11, "sta_connected", "a"),
        line(11, "pairwise_handshake_completed", "a"),
        line(11, "handshake_completed", "a"),
    ]
    X = values(rows, "association_count", "handshake_count", "reconnect_count", "n_events")
    assert X == {
        "association_count": [1],
        "handshake_count": [1],
        "reconnect_count": [0],
        "n_events": [5],
    }


def test_two_programs_that_tell_of_one_arrival_count_once() -> None:
    """Hostapd and wlceventd within two seconds speak of the same association."""
    rows = [
        line(10, "associated", "a", program="wlceventd"),
        line(11, "associated", "a"),
        line(14, "associated", "a", program="wlceventd"),
    ]
    assert values(rows, "association_count")["association_count"] == [2]


def test_a_station_that_comes_back_is_a_reconnect() -> None:
    """Three arrivals of one station and one of another are two reconnects."""
    rows = [line(at, "associated", "a") for at in (1, 5, 9)] + [line(9, "associated", "b")]
    X = values(rows, "reconnect_count", "connection_stability")
    assert X == {"reconnect_count": [2], "connection_stability": [0.5]}


def test_session_runs_from_arrival_to_first_departure() -> None:
    """Lengths 10 s and 200 s: quantiles, share of short ones, and the echo of a departure."""
    rows = [
        line(0, "associated", "a"),
        line(1, "sta_connected", "a"),
        line(10, "sta_disconnected", "a"),
        line(10.5, "disassociated", "a"),
        line(11, "deauthenticated_inactivity", "a"),
        line(20, "associated", "b"),
        line(220, "deauthenticated", "b"),
    ]
    names = ("session_p10_s", "session_p50_s", "short_session_share", "departure_count")
    X = values(rows, *names)
    assert X["session_p10_s"] == [pytest.approx(29.0)]
    assert X["session_p50_s"] == [pytest.approx(105.0)]
    assert X["short_session_share"] == [0.5]
    assert X["departure_count"] == [2]


def test_session_that_began_before_the_log_has_no_length() -> None:
    """A departure without its arrival is counted, but no session ends."""
    rows = [
        line(5, "disassociated", "a"),
        line(400, "associated", "a"),
        line(410, "link_lost", "a"),
    ]
    X = values(rows, "departure_count", "session_p50_s")
    assert X["departure_count"] == [1, 1]
    assert math.isnan(X["session_p50_s"][0])
    assert X["session_p50_s"][1] == 10


def test_session_belongs_to_one_interface() -> None:
    """A station that moves from one band to the other does not end its new session."""
    rows = [
        line(0, "associated", "a", interface="wl0"),
        line(100, "associated", "a", interface="wl1"),
        line(101, "disassociated", "a", interface="wl0"),
    ]
    assert values(rows, "session_p50_s")["session_p50_s"] == [101]


def test_handshake_completion_counts_arrivals_with_keys_in_time() -> None:
    """Of three arrivals one has its keys within 30 s, one too late, one never."""
    rows = [
        line(0, "associated", "a"),
        line(2, "pairwise_handshake_completed", "a"),
        line(10, "associated", "b"),
        line(20, "associated", "c"),
        line(41, "pairwise_handshake_completed", "b"),
    ]
    assert values(rows, "handshake_completion")["handshake_completion"] == [pytest.approx(1 / 3)]


def test_handshake_completion_is_undefined_where_the_dialect_logs_none() -> None:
    """An access point that never logs a handshake is not one whose handshakes fail."""
    rows = [
        line(0, "associated", "a", access_point="mute"),
        line(0, "associated", "a", access_point="talks"),
        line(1, "handshake_completed", "a", access_point="talks"),
    ]
    mute, talks = values(rows, "handshake_completion")["handshake_completion"]
    assert math.isnan(mute)
    assert talks == 1


def test_client_logs_its_keys_before_it_is_connected() -> None:
    """A wpa_supplicant arrival takes the keys that came just before."""
    client = {"program": "wpa_supplicant", "bssid": "sta-ap"}
    rows = [
        line(0, "key_negotiated", **client),
        line(0, "connected", **client),
        line(60, "disconnected", **client),
        line(61, "connected", **client),
    ]
    X = values(rows, "handshake_completion", "session_p50_s", "association_count")
    assert X["association_count"] == [2]
    assert X["handshake_completion"] == [0.5]
    assert X["session_p50_s"] == [60]


def test_inactivity_is_no_forced_deauthentication() -> None:
    """Reason 4 and the inactivity lines are house-keeping; the rest is forced."""
    rows = [
        line(1, "deauthenticated", "a", reason_code=4),
        line(2, "deauthenticated_inactivity", "b"),
        line(3, "deauthenticated", "c", reason_code=7),
        line(4, "deauthenticated_local", "d"),
    ]
    X = values(rows, "forced_deauth_count", "inactivity_end_count", "deauth_ratio")
    assert X["forced_deauth_count"] == [2]
    assert X["inactivity_end_count"] == [2]
    assert X["deauth_ratio"] == [0.5]


def test_burst_of_one_station_stands_out() -> None:
    """The maximum over stations sees three mismatches of one station among four."""
    rows = [line(at, "psk_mismatch", "a") for at in (1, 2, 3)] + [line(3, "psk_mismatch", "b")]
    X = values(rows, "max_mismatch_by_station", "max_events_by_station", "station_concentration")
    assert X["max_mismatch_by_station"] == [3]
    assert X["max_events_by_station"] == [3]
    assert X["station_concentration"] == [pytest.approx(10 / 16)]
