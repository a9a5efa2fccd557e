"""Incidents from alerts: gaps, persistence, cooldown, exceptions, and going on after a stop."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifitrain.errors import ConfigError
from wifitrain.scoring import Aggregator, AlertSettings, Exceptions, Window, read_exceptions

_START = datetime.fromisoformat("2026-03-02")
_STEP = timedelta(minutes=5)


def _windows(pattern, *, entity="ap-01", **fields):
    """One window for each character: `!` alerts, `.` is quiet, blank does not exist."""
    return [
        Window(
            entity=entity,
            start=_START + place * _STEP,
            end=_START + (place + 1) * _STEP,
            score=0.5 + place / 1000,
            alerts=mark == "!",
            **fields,
        )
        for place, mark in enumerate(pattern)
        if mark != " "
    ]


def _told(pattern, *, exceptions=None, finish=True, **settings):
    """(kind, first window, last window, alerts) of everything that is told."""
    aggregator = Aggregator(AlertSettings(**settings), exceptions or Exceptions())
    notices = [notice for window in _windows(pattern) for notice in aggregator.take(window)]
    notices += aggregator.finish() if finish else []
    return [
        (
            notice.kind,
            (notice.incident.start - _START) // _STEP,
            (notice.incident.end - _START) // _STEP - 1,
            notice.incident.alerts,
        )
        for notice in notices
    ]


def test_consecutive_alerts_are_one_incident():
    """Dozens of alerts are opened once and closed once."""
    assert _told("..!!!!!!....") == [("opened", 2, 2, 1), ("closed", 2, 7, 6)]


@pytest.mark.parametrize(("gap", "incidents"), [(0, 3), (1, 2), (2, 1)])
def test_gap_that_is_tolerated_joins(gap, incidents):
    """Alerts with as many quiet windows between them as allowed are one incident, not with more."""
    told = _told("!.!..!....", gap_windows=gap)
    assert [kind for kind, *_ in told].count("closed") == incidents


def test_windows_that_do_not_exist_count_as_time():
    """Across a silence without windows an incident does not go on."""
    told = _told("!" + " " * 50 + "!", gap_windows=3)
    assert told == [("opened", 0, 0, 1), ("closed", 0, 0, 1), ("opened", 51, 51, 1),
                    ("closed", 51, 51, 1)]  # fmt: skip


def test_persistence_wants_k_of_the_last_n():
    """One alert is not enough; the second of three opens, from the first of them on."""
    settings = {"persistence": 2, "persistence_of": 3, "gap_windows": 1}
    assert _told("!...!.!...", **settings)[0] == ("opened", 4, 6, 2)
    assert _told("!...!...!", **settings) == []


def test_cooldown_announces_nothing_new():
    """An alert soon after an incident is counted and not told; one after the cooldown is."""
    settings = {"gap_windows": 0, "cooldown_s": 1500}
    told = _told("!.!......!", **settings)
    assert [(kind, first) for kind, first, *_ in told] == [
        ("opened", 0), ("closed", 0), ("opened", 9), ("closed", 9),
    ]  # fmt: skip


def test_incident_is_closed_by_the_first_window_that_rules_an_alert_out():
    """Not earlier: the next alert could still belong to it."""
    assert _told("!...", gap_windows=2, finish=False) == [("opened", 0, 0, 1), ("closed", 0, 0, 1)]
    assert len(_told("!..", gap_windows=2, finish=False)) == 1


@given(
    st.text(alphabet="!. ", max_size=40), st.integers(0, 3), st.integers(1, 3), st.integers(0, 2)
)
def test_going_on_from_a_saved_state_tells_the_same(pattern, gap, persistence, cooldown):
    """Saved as JSON after every window and restored: nothing is lost, nothing doubled."""
    settings = AlertSettings(
        gap_windows=gap, persistence=persistence, persistence_of=3, cooldown_s=cooldown * 600
    )
    whole = Aggregator(settings, Exceptions())
    expected = [notice for window in _windows(pattern) for notice in whole.take(window)]
    expected += whole.finish()
    state, found = Aggregator(settings, Exceptions()).to_json(), []
    for window in _windows(pattern):
        again = Aggregator(settings, Exceptions())
        again.restore(json.loads(json.dumps(state)))
        found += again.take(window)
        state = again.to_json()
    last = Aggregator(settings, Exceptions())
    last.restore(state)
    assert found + list(last.finish()) == expected


def _exceptions(tmp_path, **content):
    path = tmp_path / "exceptions.json"
    path.write_text(json.dumps(content))
    return read_exceptions(str(path))


def test_maintenance_is_quiet_for_the_entities_it_names(tmp_path):
    """Windows that overlap the time do not alert; another access point's do."""
    exceptions = _exceptions(
        tmp_path,
        maintenance=[{"start": "2026-03-02T00:07", "end": "2026-03-02T00:12Z", "entity": "ap-0*"}],
    )
    assert _told("!!!!", exceptions=exceptions, gap_windows=0)[:3] == [
        ("opened", 0, 0, 1), ("closed", 0, 0, 1), ("opened", 3, 3, 1),
    ]  # fmt: skip
    assert exceptions.why(_windows("!!", entity="elsewhere")[1]) is None


def test_allowance_needs_all_its_patterns_and_ends(tmp_path):
    """Station and leading feature must both match, and only until the day it expires."""
    exceptions = _exceptions(
        tmp_path,
        allow=[{"station": "sta-3f*", "feature": "probe_*", "expires": "2026-03-02T00:10"}],
    )
    mine = {"station": "sta-3f9c", "features": ("probe_count", "n_events")}
    assert exceptions.why(_windows("!", **mine)[0]) == "allowed"
    assert exceptions.why(_windows("..!", **mine)[2]) is None
    assert exceptions.why(_windows("!", **{**mine, "features": ("n_events",)})[0]) is None
    assert exceptions.why(_windows("!", **{**mine, "station": None})[0]) is None
    assert exceptions.expired(_START + timedelta(days=1)) == ["* sta-3f* probe_* (no reason given)"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ([], "must be an object"),
        ({"allow": [{"entity": "ap-01"}]}, r"allow\[0\]: expires is missing"),
        ({"allow": [{"expires": "2026-01-01"}]}, "needs entity, station or feature"),
        ({"allow": [{"entity": "a", "expires": "soon"}]}, "must be ISO text"),
        ({"maintenance": [{"start": "2026-01-02", "end": "2026-01-01"}]}, "ends before it starts"),
        ({"maintenance": [{"start": "2026-01-01", "end": "2026-01-02", "x": "y"}]}, "'x' is unkn"),
        ({"allow": {}}, "allow must be a list"),
    ],
)
def test_exceptions_that_say_nothing_sensible_are_refused(tmp_path, content, said):
    """The first entry that is wrong is named."""
    path = tmp_path / "exceptions.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=said):
        read_exceptions(str(path))


@pytest.mark.parametrize(
    ("key", "value"),
    [("gap_windows", -1), ("persistence", 2), ("cooldown_s", True), ("lines", 1.5),
     ("persistence_of", 0), ("exceptions", 3)],
)  # fmt: skip
def test_settings_out_of_range_are_refused_by_their_key(key, value):
    """Also a persistence that its own windows could never reach."""
    with pytest.raises(ConfigError, match=rf"alerts\.{key} must"):
        AlertSettings(**{key: value})
