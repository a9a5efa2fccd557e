"""The kind of incident that an alert resembles: how often it is right where nothing was learnt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from wifitrain.edge import Kinship, kinship_bytes, read_kinship
from wifitrain.engine import Engine
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource
from wifitrain.pipeline.incident_bench import BenchResult
from wifitrain.simulation import Simulator, write_export

from .conftest import House, wifi_features

#: kind -> access point, hour; twelve minutes each, at a house that the model was not trained on
ELSEWHERE = {
    "deauth_flood": ("ap-01", 20),
    "wrong_psk": ("ap-01", 24),
    "assoc_flapping": ("ap-02", 28),
    "roaming_storm": ("ap-01", 32),
    "eap_failure_burst": ("ap-01", 36),
    "mac_randomising_probe_client": ("ap-01", 40),
    "wps_pin_brute_force": ("ap-01", 44),
}


@pytest.fixture(scope="module")
def bench(house: House) -> BenchResult:
    """Every kind that this house can tell of."""
    return house.play(repeats=3, intensities=[0.1, 1.0])


@pytest.fixture(scope="module")
def kinship(bench: BenchResult) -> Kinship:
    """Its profiles, written and read back as a package carries them."""
    assert bench.kinship is not None
    return read_kinship(kinship_bytes(bench.kinship), columns=bench.kinship.ruler.columns)


def test_profiles_name_held_out_places_far_better_than_chance(bench: BenchResult) -> None:
    """On places that made no profile; with how many ordinary alerts would get a name, too."""
    found = bench.kinship.summary()
    held_out = found["held_out"]
    assert held_out["windows"] > 100
    assert held_out["named"] > 0.6 * held_out["windows"]
    assert held_out["right"] > 0.75 * held_out["named"]
    assert found["chance"] < 0.25
    assert 0 <= found["ordinary_alerts"]["named"] <= found["ordinary_alerts"]["windows"]


def test_what_is_claimed_holds_at_another_house(
    house: House, kinship: Kinship, tmp_path: Path
) -> None:
    """Other stations, other incident lines: seen were 21 alerts, 21 names, 18 of them right."""
    right, named, alerts = _named_elsewhere(house, kinship, tmp_path)
    assert alerts >= 12
    assert named >= 0.6 * alerts
    assert right >= 0.7 * named


def test_profiles_name_nobody(kinship: Kinship) -> None:
    """No access point, no address: columns, and events by their names."""
    text = kinship_bytes(kinship).decode()
    assert "ap-0" not in text
    assert all(kind.startswith("event:") for kind in kinship.ruler.unseen)


def test_without_an_alert_there_are_no_profiles(house: House) -> None:
    """A threshold above every score: nothing to learn from, and nothing is claimed."""
    calibration = replace(house.learned.calibration, threshold=np.inf)
    deaf = replace(house.learned, calibration=calibration)
    result = house.play(learned=deaf, kinds=["deauth_flood"], repeats=1, intensities=[1.0])
    assert result.kinship is None


def _named_elsewhere(house: House, kinship: Kinship, folder: Path) -> tuple[int, int, int]:
    """Alerting windows inside an incident of another house: right names, names, all."""
    incidents = [
        {"kind": kind, "access_point": where, "hour": hour, "duration_s": 720}
        for kind, (where, hour) in ELSEWHERE.items()
    ]
    simulator = Simulator(
        days=2, access_points=2, stations_per_access_point=9,
        dialects=["hostapd_openwrt", "hostapd_broadcom"], seed=77, quiet=True, incidents=incidents,
    )  # fmt: skip
    path = folder / "elsewhere.json"
    write_export(simulator, path, "E10")
    with Engine(threads=1) as engine:
        logs = FileSource(path=str(path)).read(engine, quarantine=folder / "quarantine")
        events = EventExtractor(pseudonymise=False).extract(engine, logs)
        columns = list(kinship.ruler.columns)
        windows = wifi_features(unavailable="drop").build(engine, events, columns=columns)
    judged = house.learned.guarded.judge(windows.X, windows.kinds)
    alerting = judged.score > house.learned.calibration.threshold
    kinds = windows.kinds["kind"].astype("str").groupby(windows.kinds["window"]).agg(set)
    right = named = alerts = 0
    for label in simulator.labels().itertuples():
        inside = (
            (windows.index["entity"] == label.access_point)
            & (windows.index["start"] < label.end)
            & (windows.index["end"] > label.start)
        )
        for row in np.flatnonzero(inside.to_numpy() & alerting):
            values = dict(zip(columns, windows.X.loc[row, columns], strict=True))
            likeness = kinship.nearest(values, kinds.get(row, set()))
            alerts += 1
            named += likeness.is_near
            right += likeness.is_near and likeness.profile.kind == label.kind
    return right, named, alerts
