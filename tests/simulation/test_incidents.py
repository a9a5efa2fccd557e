"""Scripted incidents: said in every dialect that can say them, louder with rising intensity."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from wifitrain.errors import ConfigError, SimulationError
from wifitrain.simulation import (
    KINDS,
    IncidentLines,
    Simulator,
    expressible,
    incident_lines,
    line_schema,
)

DIALECTS = ("hostapd_broadcom", "hostapd_openwrt", "wpa_supplicant", "wlceventd")
STATIONS = ["04:00:00:00:00:01", "04:00:00:00:10:0c", "06:12:00:00:20:03"]
START = "2026-03-02T10:00:00"
SPOKEN = [(kind, one) for kind in KINDS for one in DIALECTS if expressible(kind, one) is None]
MUTE = [(kind, one) for kind in KINDS for one in DIALECTS if expressible(kind, one) is not None]
#: What an operator would look for, by kind and dialect.
TELLING = {
    ("deauth_flood", "wlceventd"): r"Deauth_ind .*\(7\)$",
    ("deauth_flood", "hostapd_broadcom"): r"disassociated$",
    ("deauth_flood", "hostapd_openwrt"): r"AP-STA-DISCONNECTED",
    ("deauth_flood", "wpa_supplicant"): r"DISCONNECTED bssid=\S+ reason=7$",
    ("wrong_psk", "hostapd_openwrt"): r"AP-STA-POSSIBLE-PSK-MISMATCH",
    ("wrong_psk", "hostapd_broadcom"): r"local deauth request$",
    ("wrong_psk", "wlceventd"): r"\(15\)$",
    ("wrong_psk", "wpa_supplicant"): r"pre-shared key may be incorrect$",
    ("wps_pin_brute_force", "hostapd_openwrt"): r"WPS-(FAIL msg=8|AP-SETUP-LOCKED)",
    ("sae_commit_flood", "hostapd_openwrt"): r"start SAE authentication \(RX commit",
    ("eap_failure_burst", "hostapd_openwrt"): r"CTRL-EVENT-EAP-FAILURE2|authentication failed",
    ("eap_failure_burst", "wpa_supplicant"): r"EAP authentication failed$",
    ("radius_outage", "hostapd_openwrt"): r"RADIUS No response from Authentication server",
    ("radius_outage", "hostapd_broadcom"): r"RADIUS No response from Authentication server",
    ("radius_outage", "wpa_supplicant"): r"Authentication with \S+ timed out\.$",
    ("roaming_storm", "hostapd_openwrt"): r"BSS-TM-RESP|auth_alg=ft",
    ("roaming_storm", "wlceventd"): r"ReAssoc",
    ("roaming_storm", "wpa_supplicant"): r"CTRL-EVENT-DO-ROAM",
    ("mac_randomising_probe_client", "hostapd_openwrt"): r"RX-PROBE-REQUEST sa=.[26ae]",
    ("restart_loop", "hostapd_openwrt"): r"AP-(EN|DIS)ABLED$",
    ("restart_loop", "wpa_supplicant"): r"CTRL-EVENT-TERMINATING$",
    ("dfs_channel_hopping", "hostapd_openwrt"): r"DFS-(RADAR-DETECTED|NEW-CHANNEL)",
    ("dfs_channel_hopping", "wpa_supplicant"): r"CHANNEL-SWITCH",
    ("beacon_loss_weak_signal", "wpa_supplicant"): r"BEACON-LOSS|signal=-[789]\d",
}


def write(kind: str, dialect: str, **options: object) -> IncidentLines:
    """Incident `kind` of ten minutes in `dialect`."""
    given = {
        "start": START,
        "duration_s": 600,
        "intensity": 1.0,
        "stations": STATIONS,
        "rng": np.random.default_rng(3),
        "host": "ap-01",
    }
    return incident_lines(kind, dialect=dialect, **(given | options))


def test_the_bench_has_all_incidents_of_the_evidence() -> None:
    """Names are a contract: other parts of the program ask for them."""
    assert set(KINDS) == {
        "deauth_flood",
        "slow_deauth",
        "wrong_psk",
        "wps_pin_brute_force",
        "eap_failure_burst",
        "radius_outage",
        "sae_commit_flood",
        "assoc_flapping",
        "roaming_storm",
        "mac_randomising_probe_client",
        "access_point_silent",
        "restart_loop",
        "dfs_channel_hopping",
        "beacon_loss_weak_signal",
        "clock_reset",
    }


@pytest.mark.parametrize(("kind", "dialect"), SPOKEN)
def test_an_incident_gives_lines_inside_its_interval(kind: str, dialect: str) -> None:
    """Lines carry the host, stay inside [start, end] and come in order of arrival."""
    incident = write(kind, dialect)
    lines = incident.lines
    assert lines.schema.equals(line_schema())
    assert incident.start == np.datetime64(START)
    assert incident.end >= np.datetime64("2026-03-02T10:10:00")
    if kind == "access_point_silent":
        assert (lines.num_rows, incident.removed_share) == (0, 1.0)
        return
    assert incident.removed_share == 0
    assert lines.num_rows > 0
    arrived = lines["arrived"].to_numpy()
    assert arrived[0] >= incident.start
    assert arrived[-1] <= incident.end
    assert (np.diff(arrived) >= np.timedelta64(0)).all()
    assert set(lines["host"].to_pylist()) == {"ap-01"}
    assert pc.max(pc.binary_length(lines["message"])).as_py() < 900


@pytest.mark.parametrize(
    ("kind", "dialect"), [one for one in SPOKEN if one[0] != "access_point_silent"]
)
def test_more_intensity_means_more_lines(kind: str, dialect: str) -> None:
    """Counts rise with intensity in every dialect."""
    options = {"duration_s": 1800}
    counts = [
        write(kind, dialect, intensity=factor, **options).lines.num_rows
        for factor in (0.5, 1, 2, 8)
    ]
    assert counts == sorted(set(counts))


@pytest.mark.parametrize(("kind", "dialect"), TELLING)
def test_an_incident_says_what_an_operator_would_look_for(kind: str, dialect: str) -> None:
    """The telling lines are there, about as many as the kind's rate promises."""
    messages = write(kind, dialect).lines["message"].to_pylist()
    telling = sum(bool(re.search(TELLING[kind, dialect], message)) for message in messages)
    assert telling >= 10 * KINDS[kind].per_minute


@pytest.mark.parametrize(("kind", "dialect"), MUTE)
def test_what_a_dialect_cannot_say_is_refused_with_the_reason(kind: str, dialect: str) -> None:
    """No invented lines: an incident that a program never logs is not expressible."""
    reason = expressible(kind, dialect)
    assert reason
    match = re.escape(f"{kind} is not expressible in {dialect}: {reason}")
    with pytest.raises(SimulationError, match=match):
        write(kind, dialect)


def test_hostapd_never_speaks_of_signal() -> None:
    """The reason is the vocabulary's: signal is the client's to report."""
    assert expressible("beacon_loss_weak_signal", "hostapd_openwrt") == (
        "hostapd never logs signal or beacons"
    )


def test_unknown_names_are_refused() -> None:
    """A misspelt kind or dialect ends with the list of those that exist."""
    with pytest.raises(SimulationError, match="no incident is called 'flood'; known are deauth_"):
        expressible("flood", "wlceventd")
    with pytest.raises(SimulationError, match="no dialect is called 'cisco'; known are hostapd_b"):
        write("deauth_flood", "cisco")


def test_an_incident_is_a_function_of_its_arguments() -> None:
    """The same generator state gives the same lines, another one others."""
    first, again = write("deauth_flood", "wlceventd"), write("deauth_flood", "wlceventd")
    other = write("deauth_flood", "wlceventd", rng=np.random.default_rng(4))
    assert first.lines.equals(again.lines)
    assert not first.lines.equals(other.lines)


def test_a_log_without_known_stations_still_gets_an_incident() -> None:
    """Three addresses are made up where the log names none."""
    messages = write("deauth_flood", "hostapd_openwrt", stations=[]).lines["message"].to_pylist()
    macs = {re.search(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", message).group() for message in messages}
    assert len(macs) == 3


def test_a_clock_reset_stamps_its_lines_seven_weeks_early() -> None:
    """Arrival stays true while the stamp goes back."""
    lines = write("clock_reset", "hostapd_broadcom").lines
    gap = lines["arrived"].to_numpy() - lines["time"].to_numpy()
    assert (gap >= np.timedelta64(49, "D")).all()
    assert (gap < np.timedelta64(49, "D") + np.timedelta64(1, "s")).all()


def simulate(incidents: list[dict], **options: object) -> tuple[Simulator, pa.Table]:
    """A day of three hosts with `incidents`, and its lines."""
    given = {"days": 1, "access_points": 3, "seed": 5} | options
    simulator = Simulator(**given, incidents=incidents)
    return simulator, pa.concat_tables(list(simulator.lines()))


def test_labels_hold_the_incidents_and_the_background_stays_as_it_was() -> None:
    """Exactly the incident's lines are added, all of them inside its label."""
    plan = [
        {"kind": "wrong_psk", "access_point": "ap-02", "hour": 14.5, "duration_s": 900},
        {"kind": "deauth_flood", "access_point": 1, "start": "2026-03-02T09:00:00"},
    ]
    simulator, lines = simulate(plan)
    labels = simulator.labels()
    assert labels["kind"].tolist() == ["deauth_flood", "wrong_psk"]
    assert labels["access_point"].tolist() == ["ap-01", "ap-02"]
    assert str(labels["start"][1]) == "2026-03-02 14:30:00"
    plain = simulate([])[1]
    for label in labels.itertuples():
        here = pc.equal(lines["host"], label.access_point)
        before = plain.filter(pc.equal(plain["host"], label.access_point)).num_rows
        inside = pc.and_(
            pc.greater_equal(lines["arrived"], pa.scalar(label.start, pa.timestamp("us"))),
            pc.less_equal(lines["arrived"], pa.scalar(label.end, pa.timestamp("us"))),
        )
        outside = lines.filter(pc.and_(here, pc.invert(inside))).num_rows
        assert lines.filter(here).num_rows > before + 100
        assert outside <= before
    kept = set(zip(lines["arrived"].to_pylist(), lines["message"].to_pylist(), strict=True))
    assert kept >= set(zip(plain["arrived"].to_pylist(), plain["message"].to_pylist(), strict=True))


def test_both_dialects_of_a_broadcom_host_tell_of_the_same_station() -> None:
    """One guesser is seen by hostapd and by wlceventd, not two."""
    plan = [{"kind": "wrong_psk", "access_point": 1, "hour": 3, "duration_s": 600}]
    plain = set(simulate([])[1]["message"].to_pylist())
    added = [text for text in simulate(plan)[1]["message"].to_pylist() if text not in plain]
    macs = {re.search(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", text.lower()).group() for text in added}
    assert len(macs) == 1
    assert {text.startswith("wlceventd") for text in added} == {True, False}


@pytest.mark.parametrize(("share", "left"), [(1.0, (0, 0)), (0.5, (0.3, 0.7))])
def test_silence_removes_the_background_of_its_host_only(
    share: float, left: tuple[float, float]
) -> None:
    """Intensity is the share of lines that never arrive."""
    silence = {"kind": "access_point_silent", "access_point": 2, "intensity": share}
    lines = simulate([silence | {"hour": 8, "duration_s": 6 * 3600}])[1]
    plain = simulate([])[1]

    def count(table: pa.Table, host: str) -> int:
        hours = pc.hour(table["arrived"]).to_numpy()
        here = np.array(table["host"].to_pylist()) == host
        return int((here & (hours >= 8) & (hours < 14)).sum())

    assert left[0] <= count(lines, "ap-02") / count(plain, "ap-02") <= left[1]
    assert count(lines, "ap-01") == count(plain, "ap-01")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("wrong_psk", r"simulation\.incidents\[0\] must be a mapping, got 'wrong_psk'"),
        ({"kind": "flood"}, r"simulation\.incidents\[0\]\.kind must be one of .*, got 'flood'"),
        ({"kind": "wrong_psk"}, r"simulation\.incidents\[0\] must have one of start and hour"),
        (
            {"kind": "wrong_psk", "hour": 1, "start": START},
            r"simulation\.incidents\[0\] must have one of start and hour",
        ),
        (
            {"kind": "wrong_psk", "hour": 1, "when": 2},
            r"simulation\.incidents\[0\]\.when is unknown; known are access_point, duration_s",
        ),
        (
            {"kind": "wrong_psk", "hour": 23.99, "duration_s": 60},
            r"simulation\.incidents\[0\] must lie inside the simulated time",
        ),
        (
            {"kind": "wrong_psk", "hour": 1, "access_point": 4},
            r"\.access_point must be a number from 1 to 3 or a name such as 'ap-01', got 4",
        ),
        (
            {"kind": "wrong_psk", "hour": 1, "intensity": 0},
            r"simulation\.incidents\[0\]\.intensity must be in \[0\.001, 1000\], got 0",
        ),
        (
            {"kind": "wps_pin_brute_force", "hour": 1, "access_point": 1},
            r"incidents\[0\]\.kind: wps_pin_brute_force is not expressible in hostapd_broadcom: ",
        ),
    ],
)
def test_an_unusable_incident_is_refused_by_its_place(entry: object, message: str) -> None:
    """The plan is checked whole before a line is made."""
    with pytest.raises(ConfigError, match=message):
        Simulator(days=1, incidents=[entry])


def test_the_plan_must_be_a_list() -> None:
    """A single mapping is a common slip and is named."""
    with pytest.raises(ConfigError, match=r"simulation\.incidents must be a list, got \{"):
        Simulator(incidents={"kind": "wrong_psk"})
