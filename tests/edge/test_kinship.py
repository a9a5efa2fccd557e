"""What kind of incident a window resembles: named where near, and checked when read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.edge.made import refused
from wifitrain.edge import (
    BenchWindows,
    Kinship,
    OrdinaryWindows,
    kinship_bytes,
    learn_kinship,
    read_kinship,
    ruler_of,
)

COLUMNS = ["deauths", "probes", "silence", "never"]
PLACES, WINDOWS = 4, 6


def at(site: Any, *, start: Any = 0, end: Any = 1) -> dict[str, np.ndarray]:
    """Where and when trials were played: all at once, if nothing else is said."""
    place = np.asarray(site)
    span = {"start": np.full(len(place), start), "end": np.full(len(place), end)}
    return {"site": place, **span}


@cache
def learnt() -> Kinship:
    """Three kinds: many deauthentications, many probes, and an event that training never saw."""
    rng = np.random.default_rng(5)
    ordinary = np.column_stack([*rng.poisson(3.0, (3, 500)), np.zeros(500)]).astype(float)
    rows, kinds, incident, trial, place = [], [], [], [], []
    for number, kind in enumerate(["deauth_flood", "probe_storm", "radar"]):
        for where in range(PLACES):
            for _ in range(WINDOWS):
                row = rng.poisson(3.0, 4).astype(float)
                row[3] = 0
                row[:2] += {"deauth_flood": (60, 0), "probe_storm": (0, 60), "radar": (0, 0)}[kind]
                rows.append(row)
                kinds.append({"event:dfs_radar"} if kind == "radar" else {"event:deauth"})
                incident.append(kind)
                trial.append(number * PLACES + where)
                place.append(where)
    return learn_kinship(
        BenchWindows(
            X=np.array(rows),
            kinds=kinds,
            incident=np.array(incident, dtype=object),
            trial=np.array(trial),
            **at(place),
        ),
        OrdinaryWindows(
            ruler=ruler_of(ordinary, COLUMNS),
            alerting=ordinary[:7] + 3.0,
            alerting_kinds=[set()] * 7,
        ),
        unseen={"event:dfs_radar"},
        meanings={"deauth_flood": "many", "probe_storm": "many probes", "radar": "a radar"},
    )


def window(**values: float) -> dict[str, float]:
    """An ordinary window but for `values`."""
    return {"deauths": 3.0, "probes": 3.0, "silence": 3.0, "never": 0.0, **values}


@pytest.mark.parametrize(
    ("values", "kinds", "kind"),
    [
        ({"deauths": 40.0}, [], "deauth_flood"),
        ({"probes": 200.0, "silence": np.nan}, [], "probe_storm"),
        ({}, ["event:dfs_radar"], "radar"),
    ],
)
def test_a_window_is_called_by_its_kind(
    values: dict[str, float], kinds: list[str], kind: str
) -> None:
    """Also at another strength than the bench's, and where only a kind of line tells."""
    likeness = learnt().nearest(window(**values), kinds)
    assert likeness.is_near
    told = likeness.to_json()
    assert told["kind"] == kind
    assert (told["right"], told["called"]) == (PLACES * WINDOWS, PLACES * WINDOWS)
    assert told["hint"].startswith(f"resembles {kind}, similarity {told['similarity']:.2f}; ")
    assert "right in 24 of 24 windows" in told["hint"]


@pytest.mark.parametrize("values", [{"never": 9.0}, {"silence": 80.0}, {}, {"deauths": -50.0}])
def test_what_resembles_nothing_gets_no_name(values: dict[str, float]) -> None:
    """Another column, the other direction, no deviation at all: null, and it says how far off."""
    told = learnt().nearest(window(**values)).to_json()
    assert told["kind"] is told["right"] is told["second"] is None
    assert told["similarity"] < told["near"]
    assert "resembles no incident of the bench" in told["hint"]


def test_the_naming_is_tested_on_places_that_made_no_profile() -> None:
    """All named and right where kinds are far apart; chance is the most frequent kind alone."""
    found = learnt().summary()
    assert found["held_out"] == {"windows": 72, "named": 72, "right": 72}
    assert found["chance"] == pytest.approx(1 / 3)
    assert found["ordinary_alerts"]["windows"] == 7


def test_a_place_does_not_vouch_for_itself() -> None:
    """What a kind looks like at one place only is not known from the others: nothing is right."""
    X = np.repeat([[50.0, 0.0], [0.0, 50.0]], [30, 10], axis=0)
    kinship = learn_kinship(
        BenchWindows(
            X=X,
            kinds=[set()] * 40,
            incident=np.array(["one"] * 40, dtype=object),
            trial=np.arange(40) // 10,
            **at(np.arange(40) // 30),
        ),
        OrdinaryWindows(
            ruler=ruler_of(np.eye(2), ["a", "b"]), alerting=np.zeros((0, 2)), alerting_kinds=[]
        ),
        unseen=(),
        meanings={"one": ""},
    )
    assert vars(kinship.held_out) == {"windows": 40, "named": 0, "right": 0}
    assert kinship.nearest({"a": 50.0, "b": 0.0}).similarity > 0.9, "although it is near itself"


@pytest.mark.parametrize(
    ("site", "start", "tested", "right"),
    [
        ([0, 0], [0, 6], 0, 0),  # the second begins in the first's last windows
        ([0, 0], [0, 10], 20, 20),
        ([0, 1], [0, 6], 20, 20),
    ],
)
def test_trials_that_share_windows_do_not_vouch_for_each_other(
    site: list[int], start: list[int], tested: int, right: int
) -> None:
    """Only those that are played after one another, or at different access points, do."""
    begin = np.repeat(start, 10)
    kinship = learn_kinship(
        BenchWindows(
            X=np.full((20, 1), 50.0),
            kinds=[set()] * 20,
            incident=np.array(["one"] * 20, dtype=object),
            trial=np.arange(20) // 10,
            **at(np.repeat(site, 10), start=begin, end=begin + 10),
        ),
        OrdinaryWindows(
            ruler=ruler_of(np.eye(2)[:, :1], ["a"]), alerting=np.zeros((0, 1)), alerting_kinds=[]
        ),
        unseen=(),
        meanings={"one": ""},
    )
    assert vars(kinship.held_out) == {"windows": tested, "named": right, "right": right}


def test_kinds_that_look_alike_are_not_called_right() -> None:
    """The same windows under two names: about half of the names are wrong, and it says so."""
    rng = np.random.default_rng(8)
    X = rng.poisson(3.0, (200, 1)).astype(float) + 50
    kinship = learn_kinship(
        BenchWindows(
            X=X,
            kinds=[set()] * 200,
            incident=np.array(["one", "other"] * 100, dtype=object),
            trial=np.arange(200) // 2 % 10 * 2 + np.arange(200) % 2,
            **at(np.arange(200) // 2 % 10),
        ),
        OrdinaryWindows(ruler=ruler_of(X - 50, ["n"]), alerting=X[:0], alerting_kinds=[]),
        unseen=(),
        meanings={"one": "", "other": ""},
    )
    held_out = kinship.held_out
    assert held_out.windows == held_out.named == 200
    assert held_out.right <= 120


def test_a_name_that_proved_wrong_is_not_given() -> None:
    """Near, but right no more often than by chance where it was tested: null, and why."""
    document = json.loads(kinship_bytes(learnt()))
    document["profiles"][0]["right"] = 8  # of 24, and so is chance
    doubted = read_kinship(json.dumps(document).encode(), columns=COLUMNS)
    told = doubted.nearest(window(deauths=40.0)).to_json()
    assert told["kind"] is None
    assert told["similarity"] > told["near"]
    assert "right in 8 of 24" in told["hint"]


def test_one_place_tests_nothing() -> None:
    """Then no trust is claimed."""
    kinship = learn_kinship(
        BenchWindows(
            X=np.array([[9.0]]),
            kinds=[set()],
            incident=np.array(["one"], dtype=object),
            trial=np.array([0]),
            **at([0]),
        ),
        OrdinaryWindows(
            ruler=ruler_of(np.zeros((9, 1)), ["n"]), alerting=np.zeros((0, 1)), alerting_kinds=[]
        ),
        unseen=(),
        meanings={"one": ""},
    )
    assert kinship.held_out.windows == 0
    assert "untested" in kinship.nearest({"n": 4.0}).hint


def test_written_and_read_again_it_says_the_same() -> None:
    """To the digits that are kept."""
    content = kinship_bytes(learnt())
    again = read_kinship(content, columns=[*COLUMNS, "more"])
    assert kinship_bytes(again) == content
    likeness = again.nearest(window(deauths=50.0))
    assert likeness.to_json() == learnt().nearest(window(deauths=50.0)).to_json()


def _set(*path: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def bend(document: dict[str, Any]) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = value

    return bend


@pytest.mark.parametrize(
    ("bend", "match"),
    [
        (_set("format", value="other"), "format must be"),
        (_set("near", value=0.1), "format must be"),
        (_set("more", value=1), "'more' does not belong"),
        (_set("columns", 0, "name", value="probes"), "each once"),
        (_set("columns", 0, "name", value="unknown"), "columns of the model"),
        (_set("columns", 0, "scale", value=-1), "scale is out of range"),
        (_set("columns", 0, "scale", value=1e308), "scale is out of range"),
        (_set("columns", 0, "center", value="1"), "center must be a number"),
        (_set("columns", 0, "center", value=-1e308), "center is out of range"),
        (_set("unseen", value=["a", "a"]), "occurs twice"),
        (_set("profiles", 0, "direction", value=[0.0] * 5), "of length 1"),
        (_set("profiles", 0, "direction", value=[1.0]), "direction must be 5"),
        (_set("profiles", 0, "direction", 0, value=7), r"direction\[0\] is out of range"),
        (_set("profiles", 0, "direction", 0, value=None), "must be a number"),
        (_set("profiles", 0, "right", value=10**6), "right must be 0 to"),
        (_set("profiles", 1, "kind", value="deauth_flood"), "a kind occurs twice"),
        (_set("profiles", 1, "kind", value="\ud800"), "kind is not whole text"),
        (_set("profiles", 1, "meaning", value="half \udfff"), "meaning is not whole text"),
        (_set("unseen", value=["event:\udc00"]), r"unseen\[0\] is not whole text"),
        (_set("profiles", 0, "windows", value=1.5), "windows must be"),
        (_set("held_out", "named", value=10**6), "named must be"),
        (_set("ordinary_alerts", value=[]), "must be an object"),
        (_set("unseen", value=[f"event:{n}" for n in range(2000)]), "over 1024"),
    ],
)
def test_a_bent_file_is_refused(bend: Callable[[dict[str, Any]], None], match: str) -> None:
    """With the place of the first value that is wrong."""
    document = json.loads(kinship_bytes(learnt()))
    bend(document)
    content = json.dumps(document).encode()
    refused(match, lambda: read_kinship(content, columns=COLUMNS))
