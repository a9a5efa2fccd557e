"""The pieces of the bench: who speaks how, what is lost, how lines are dated, what rules spend."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wifitrain.engine import Engine
from wifitrain.errors import ConfigError
from wifitrain.evaluation import Evaluator
from wifitrain.pipeline.incident_bench import check_kinds
from wifitrain.pipeline.incident_bench.contexts import context_events, context_spans
from wifitrain.pipeline.incident_bench.injection import log_rows, play
from wifitrain.pipeline.incident_bench.rules import RULES, RateRules, rule_of
from wifitrain.pipeline.incident_bench.speakers import speakers_of
from wifitrain.pipeline.incident_bench.trials import plan_trials
from wifitrain.records import LOG_COLUMNS, TEST
from wifitrain.simulation import KINDS

from .conftest import House, prepare, write_log


def planned(house: House, **options):
    """Trials of the house."""
    bench = Evaluator(incidents=options).incidents
    plan = plan_trials(
        bench,
        house.prepared.windows,
        house.learned.parts,
        speakers=speakers_of(house.prepared.events, house.prepared.logs),
        random_state=7,
    )
    return bench, plan.trials


def test_access_points_are_heard_in_their_own_dialect(house: House) -> None:
    """Broadcom's hostapd says less than upstream's; what they know are addresses."""
    found = speakers_of(house.prepared.events, house.prepared.logs)
    assert {name: one.dialects for name, one in found.items()} == {
        "ap-01": ("hostapd_openwrt",),
        "ap-02": ("hostapd_broadcom", "wlceventd"),
    }
    assert all(len(name) == 17 for one in found.values() for name in one.stations)


def test_incidents_are_told_in_the_words_of_the_log(tmp_path: Path) -> None:
    """A hostapd whose control interface is not logged tells of floods without it."""
    path = write_log(tmp_path / "log.json", "hostapd_openwrt", hosts=1)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    never = ("AP-STA-", "EAPOL-4WAY", "pairwise key")
    kept = [line for line in lines if not any(word in line for word in never)]
    path.write_text("".join(kept), encoding="utf-8")
    with Engine(threads=1) as engine:
        silent = prepare(path, tmp_path, engine)
        evidence = silent.play(kinds=["deauth_flood"], repeats=2, intensities=[1.0]).evidence
    assert {"sta_connected", "sta_disconnected", "handshake_completed"} <= set(
        evidence.unsaid["ap-01"]
    )
    named = {name for account in evidence.incidents for name in account.named_by_guard}
    assert not any(name.startswith("event:") for name in named)


def test_a_client_speaks_of_access_points(tmp_path: Path) -> None:
    """A laptop's log: its dialect is wpa_supplicant, what it knows are BSSIDs."""
    path = write_log(tmp_path / "log.json", "wpa_supplicant", days=4, hosts=1)
    with Engine(threads=1) as engine:
        client = prepare(path, tmp_path, engine)
        (found,) = speakers_of(client.prepared.events, client.prepared.logs).values()
        result = client.play(kinds=["beacon_loss_weak_signal", "wps_pin_brute_force"], repeats=2)
    assert (found.access_point, found.client) == ((), ("wpa_supplicant",))
    assert len(found.neighbours) == 3
    assert list(result.evidence.inexpressible) == ["wps_pin_brute_force"]
    assert {one.incident for one in result.evidence.recalls} == {"beacon_loss_weak_signal"}


def test_places_lie_in_the_test_part_and_access_points_take_turns(house: House) -> None:
    """Nothing is played into windows that the model learned from."""
    _, trials = planned(house, kinds=["deauth_flood"], repeats=6, intensities=[1.0])
    windows = house.prepared.windows
    test = windows.index[house.learned.parts.rows(TEST)]
    for trial in trials:
        assert trial.start >= test["start"].min()
        assert trial.start + np.timedelta64(1200, "s") <= test["end"].max()
    names = [trial.speaker.name for trial in trials if not trial.is_control]
    assert sorted(names) == ["ap-01"] * 3 + ["ap-02"] * 3
    assert len({trial.number for trial in trials}) == len(trials) == 7


@pytest.mark.parametrize(("share", "low", "high"), [(1.0, 0, 0), (0.5, 0.3, 0.7)])
def test_a_silent_access_point_loses_lines(
    house: House, share: float, low: float, high: float
) -> None:
    """All of them inside the silence and none outside, or about the share that is lost."""
    bench, trials = planned(
        house,
        kinds=["access_point_silent"],
        repeats=4,
        intensities=[share],
        durations={"access_point_silent": 20_000},
    )
    played = [play(trial, random_state=7) for trial in trials]
    spans = context_spans(played, house.prepared.windows, bench)
    copies = context_events(
        house.preparation.engine,
        house.preparation.events,
        house.prepared.events,
        spans=spans,
        told=played,
    )
    frame = copies.table.select("access_point", "time").to_pandas()
    frame["trial"] = frame["access_point"].str[-6:].astype(int)
    background = house.prepared.events.table.select("access_point", "time").to_pandas()
    kept = lost = 0
    for one, span in zip(trials, spans.frame.itertuples(), strict=True):
        mine = frame.loc[frame["trial"] == one.number, "time"]
        there = background.loc[background["access_point"] == one.speaker.name, "time"]
        outside = _outside(there, span)
        assert len(_outside(mine, span)) == len(outside)
        if not one.is_control:
            kept += len(mine) - len(outside)
            lost += (there.between(span.start, span.end, inclusive="left")).sum()
    assert lost > 20
    assert low <= kept / lost <= high


def _outside(times: pd.Series, span) -> pd.Series:
    inside = times[(times >= span.first) & (times < span.last)]
    return inside[(inside < span.start) | (inside >= span.end)]


def test_a_reset_clock_is_dated_by_arrival(house: House) -> None:
    """As the reader of exports repairs it: the lines are marked, and lie where they happened."""
    _, trials = planned(house, kinds=["clock_reset"], repeats=1, intensities=[1.0])
    played = [play(trial, random_state=7) for trial in trials]
    rows = log_rows(played, first_arrival=100).to_pandas()
    assert list(rows.columns) == list(LOG_COLUMNS)
    assert rows["clock_reset"].all()
    assert rows["time"].between(played[0].trial.start, played[0].end).all()
    assert rows["arrival"].is_unique
    assert rows["arrival"].min() == 100


def test_every_kind_has_a_rule_and_no_rule_is_of_an_unknown_kind() -> None:
    """The mapping is complete."""
    assert set(RULES) == set(KINDS)
    assert rule_of("deauth_flood", ["departure_count", "x"]) == ("departure_count",)
    assert rule_of("deauth_flood", ["x"]) == ()


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(5, 300),
    m=st.integers(1, 6),
    contamination=st.sampled_from([0.01, 0.05, 0.2, 0.5]),
)
def test_rules_together_keep_the_budget(seed: int, n: int, m: int, contamination: float) -> None:
    """Never more calibration windows than one threshold of this budget would raise."""
    rng = np.random.default_rng(seed)
    names = [f"f{i}" for i in range(m)]
    X = pd.DataFrame(rng.poisson(2.0, size=(n, m)).astype(float), columns=names)
    X[rng.random((n, m)) < 0.1] = np.nan
    rules = RateRules.calibrate(X, names, contamination=contamination)
    most = n - min(n, int(np.ceil((n + 1) * (1 - contamination) - 1e-9)))
    assert rules.alerts(X).sum() <= most


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repeats": 0}, r"evaluation.incidents.repeats must be a whole number of at least 1"),
        ({"intensities": []}, r"evaluation.incidents.intensities must be a list of numbers"),
        ({"intensities": [0]}, r"evaluation.incidents.intensities must be in \[0.001, 1000\]"),
        ({"kinds": "deauth_flood"}, r"evaluation.incidents.kinds must be null or a list of names"),
        ({"duration_s": 5}, r"evaluation.incidents.duration_s must be in \[60, 86400\], got 5"),
        (
            {"durations": {"wrong_psk": 5}},
            r"incidents.durations.wrong_psk must be in \[60, 86400\]",
        ),
        ({"durations": [5]}, r"evaluation.incidents.durations must be a mapping, got \[5\]"),
        ({"context_h": 1}, r"evaluation.incidents.context_h must be in \[3, 168\], got 1"),
        ({"max_context_rows": 10}, r"max_context_rows must be a whole number of at least 1000"),
        ({"gate": "yes"}, r"evaluation.incidents.gate must be true or false, got 'yes'"),
        ({"repeat": 5}, r"evaluation.incidents must be one of enabled, .*, got 'repeat'"),
    ],
)
def test_unusable_settings_are_refused_by_key_and_value(options: dict, message: str) -> None:
    """Before any data is read."""
    with pytest.raises(ConfigError, match=message):
        Evaluator(incidents=options)


@pytest.mark.parametrize(
    "options", [{"kinds": ["flood"]}, {"durations": {"flood": 600}}], ids=["kinds", "durations"]
)
def test_an_unknown_kind_is_refused(options: dict) -> None:
    """The message lists what there is."""
    with pytest.raises(ConfigError, match=r"incidents\.\w+ must be of deauth_flood.*got 'flood'"):
        check_kinds(Evaluator(incidents=options).incidents)
