"""The simulator as a source of lines: repeatable, bounded, ordinary where nothing is scripted."""

import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from wifitrain.errors import ConfigError
from wifitrain.simulation import Simulator, line_schema

MAC = r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"
BIG_MAC = r"[0-9A-F]{2}(?::[0-9A-F]{2}){5}"
STATION = rf"(?:eth[56]|phy[01]-ap0): STA {MAC} "
#: Written by hand from the vocabulary of hostapd, wpa_supplicant and wlceventd.
SHAPES = {
    "hostapd": (
        STATION + r"IEEE 802\.11: (authenticated|associated|associated \(aid \d+\)|disassociated)",
        STATION + r"IEEE 802\.11: (disassociated due to inactivity"
        r"|deauthenticated due to inactivity \(timer DEAUTH/REMOVE\)"
        r"|deauthenticated due to local deauth request|disconnected due to excessive missing ACKs"
        r"|did not acknowledge authentication response)",
        STATION + r"RADIUS: starting accounting session [0-9A-F]{16}",
        STATION + r"WPA: (pairwise|group) key handshake completed \(RSN\)",
        STATION + r"WPA: group key handshake failed \(RSN\) after 4 tries",
        rf"phy[01]-ap0: AP-STA-CONNECTED {MAC} auth_alg=(open|sae)",
        rf"phy[01]-ap0: (AP-STA-DISCONNECTED|EAPOL-4WAY-HS-COMPLETED|AP-STA-POLL-OK) {MAC}",
        rf"phy[01]-ap0: AP-STA-POSSIBLE-PSK-MISMATCH {MAC}",
        rf"phy[01]-ap0: STA-OPMODE-SMPS-MODE-CHANGED {MAC} (off|dynamic)",
        r"phy[01]-ap0: (AP-ENABLED|AP-DISABLED|interface state [A-Z_]+->[A-Z_]+)",
        r"phy1-ap0: (CTRL-EVENT-CHANNEL-SWITCH|AP-CSA-FINISHED) freq=\d{4}.*",
    ),
    "wlceventd": (
        r"wlceventd_proc_event\((499|527)\): eth[56]: (Auth|Assoc) "
        rf"{BIG_MAC}, status: Successful \(0\)",
        r"wlceventd_proc_event\((464|481)\): eth[56]: (Deauth_ind|Disassoc) "
        rf"{BIG_MAC}, status: 0, reason: [A-Z].* \(\d+\)",
    ),
    "wpa_supplicant": (
        rf"wlan0: (SME: Trying to authenticate|Trying to associate) with {MAC}"
        r" \(SSID='simulated-net' freq=5\d{3} MHz\)",
        rf"wlan0: Associated with {MAC}",
        rf"wlan0: CTRL-EVENT-CONNECTED - Connection to {MAC} completed \[id=0 id_str=\]",
        rf"wlan0: CTRL-EVENT-DISCONNECTED bssid={MAC} reason=\d+( locally_generated=1)?",
        rf"wlan0: WPA: Key negotiation completed with {MAC} \[PTK=CCMP GTK=CCMP\]",
        rf"wlan0: WPA: Group rekeying completed with {MAC} \[GTK=CCMP\]",
        r"wlan0: CTRL-EVENT-SIGNAL-CHANGE above=[01] signal=-\d+ noise=9999 txrate=\d+",
        rf"wlan0: CTRL-EVENT-DO-ROAM cur_bssid={MAC} cur_freq=\d+ cur_level=-\d+ cur_est=\d+"
        rf" sel_bssid={MAC} sel_freq=\d+ sel_level=-\d+ sel_est=\d+",
        r"wlan0: CTRL-EVENT-(BEACON-LOSS|DSCP-POLICY clear_all|SUBNET-STATUS-UPDATE status=0)",
        r"wlan0: CTRL-EVENT-REGDOM-CHANGE init=COUNTRY_IE type=COUNTRY alpha2=DE",
        r"wlan0: (Reject scan trigger since one is already pending|Failed to initiate AP scan)",
        r"wlan0: CTRL-EVENT-EAP-[A-Z-]+ .*",
    ),
}


def read(simulator: Simulator, **options: int) -> pa.Table:
    """All lines of a simulation."""
    return pa.concat_tables(list(simulator.lines(**options)))


@pytest.fixture(scope="module")
def lines() -> pa.Table:
    """Three days of every dialect."""
    return read(Simulator(days=3, access_points=4, background={"eap": True}))


def test_the_same_seed_gives_the_same_lines_and_another_seed_others(lines: pa.Table) -> None:
    """A simulation is a function of its options."""
    again = Simulator(days=3, access_points=4, background={"eap": True})
    assert read(again).equals(lines)
    assert read(again).equals(lines), "a second reading of one simulator"
    other = Simulator(days=3, access_points=4, seed=1, background={"eap": True})
    assert not read(other).equals(lines)


def test_lines_do_not_depend_on_the_size_of_the_batches(lines: pa.Table) -> None:
    """Batches cut the stream and change nothing in it."""
    simulator = Simulator(days=3, access_points=4, background={"eap": True})
    batches = list(simulator.lines(batch_rows=97))
    assert max(batch.num_rows for batch in batches) == 97
    assert pa.concat_tables(batches).equals(lines)


def test_a_longer_simulation_begins_with_the_shorter_one() -> None:
    """Days stand for themselves: adding some at the end leaves the others as they were."""
    short = read(Simulator(days=1.5, access_points=2))
    long = read(Simulator(days=3, access_points=2))
    assert long.slice(0, short.num_rows).equals(short)


def test_lines_come_in_order_of_arrival_inside_the_simulated_time(lines: pa.Table) -> None:
    """Arrival never goes back, and nothing lies outside of start and start + days."""
    assert lines.schema.equals(line_schema())
    arrived = lines["arrived"].to_numpy()
    assert (np.diff(arrived) >= np.timedelta64(0)).all()
    assert arrived[0] >= np.datetime64("2026-03-02T00:00:00")
    assert arrived[-1] < np.datetime64("2026-03-05T00:00:00")


def test_every_line_of_a_wifi_program_has_a_shape_of_the_vocabulary(lines: pa.Table) -> None:
    """The patterns above are written by hand and know nothing of the simulator's templates."""
    seen = set()
    for program, patterns in SHAPES.items():
        compiled = [re.compile(pattern) for pattern in patterns]
        mine = lines.filter(pc.equal(lines["program"], program))["message"].to_pylist()
        assert mine
        for message in set(mine):
            fits = [one.pattern for one in compiled if one.fullmatch(message)]
            assert fits, f"{program}: {message}"
            seen.add(fits[0])
    usual = sum(len(patterns) for patterns in SHAPES.values())
    assert len(seen) >= usual - 4, "only what is rare may be missing in three days"


def test_no_line_is_longer_than_the_listener_keeps(lines: pa.Table) -> None:
    """Records are cut at 1024 bytes: nothing simulated may rely on more."""
    assert pc.max(pc.binary_length(lines["message"])).as_py() < 900


def test_broadcom_hosts_stamp_whole_seconds_and_openwrt_hosts_do_not(lines: pa.Table) -> None:
    """The resolution of a timestamp is the device's."""
    by_host = {
        host: lines.filter(pc.equal(lines["host"], host))["time"].to_numpy().astype(np.int64)
        for host in ("ap-01", "ap-02")
    }
    assert (by_host["ap-01"] % 1_000_000 == 0).all()
    assert (by_host["ap-02"] % 1_000_000 != 0).mean() > 0.9


def test_levels_tell_the_emitter_as_hostapd_does(lines: pa.Table) -> None:
    """The logger's lines are info, the control interface's are notice."""
    hostapd = lines.filter(pc.equal(lines["program"], "hostapd"))
    control = pc.match_substring_regex(hostapd["message"], r": (AP-STA|EAPOL-4WAY)")
    assert set(hostapd.filter(control)["level"].to_pylist()) == {"notice"}
    keys = pc.match_substring(hostapd["message"], "key handshake completed")
    assert set(hostapd.filter(keys)["level"].to_pylist()) == {"info"}


def test_nights_are_quieter_than_evenings(lines: pa.Table) -> None:
    """Stations have habits: few sessions begin between one and five in the night."""
    joined = pc.match_substring_regex(lines["message"], "802.11: associated")
    hours = pc.hour(lines.filter(joined)["arrived"]).to_numpy()
    night, evening = np.isin(hours, [1, 2, 3, 4]).sum(), np.isin(hours, [17, 18, 19, 20]).sum()
    assert 4 * night < evening


def test_weekends_differ_from_workdays() -> None:
    """Laptops stay away and phones come more often; 7 March 2026 is a Saturday."""
    counts = {}
    for start in ("2026-03-05T05:00:00", "2026-03-07T05:00:00"):
        options = {"randomised_share": 0, "roaming_share": 0}
        simulator = Simulator(
            days=1,
            access_points=1,
            stations_per_access_point=400,
            start=start,
            background=options,
        )
        messages = pc.match_substring(read(simulator)["message"], "802.11: associated")
        hours = pc.hour(read(simulator).filter(messages)["arrived"]).to_numpy()
        counts[start] = np.isin(hours, [9, 10, 13, 14]).sum() / len(hours)
    assert counts["2026-03-07T05:00:00"] < 0.85 * counts["2026-03-05T05:00:00"]


def test_group_keys_are_renewed_once_an_hour_in_one_burst(lines: pa.Table) -> None:
    """All stations of an access point renew within two seconds, twenty-four times a day."""
    mine = pc.and_(
        pc.equal(lines["host"], "ap-01"),
        pc.match_substring(lines["message"], "group key handshake completed"),
    )
    arrived = lines.filter(mine)["arrived"].to_numpy().astype(np.int64)
    bursts = np.split(arrived, np.flatnonzero(np.diff(arrived) > 600_000_000) + 1)
    assert 70 <= len(bursts) <= 72
    assert all(burst[-1] - burst[0] < 2_000_000 for burst in bursts)
    begins = np.array([burst[0] for burst in bursts])
    assert np.allclose(np.diff(begins), 3_600_000_000, atol=2_000_000)


def test_inactivity_on_openwrt_is_followed_by_removal_a_second_later(lines: pa.Table) -> None:
    """House-keeping comes in pairs."""
    mine = lines.filter(pc.equal(lines["host"], "ap-02"))
    idle = mine.filter(pc.match_substring(mine["message"], ": disassociated due to inactivity"))
    texts, times = mine["message"].to_pylist(), mine["arrived"].to_numpy()
    removed = {
        (text.split()[2], time)
        for text, time in zip(texts, times, strict=True)
        if text.endswith("(timer DEAUTH/REMOVE)")
    }
    assert idle.num_rows > 20
    for text, time in zip(idle["message"].to_pylist(), idle["arrived"].to_numpy(), strict=True):
        gaps = [at - time for mac, at in removed if mac == text.split()[2] and at > time]
        assert min(gaps) < np.timedelta64(1200, "ms")


def test_the_event_daemon_repeats_deauthentications_within_a_second(lines: pa.Table) -> None:
    """The same Deauth_ind two to four times in a second is ordinary."""
    stale = pc.match_substring(lines["message"], "nonassociated station (7)")
    by_station: dict[str, list[int]] = {}
    for row in lines.filter(stale).select(["message", "arrived"]).to_pylist():
        station = row["message"].split()[3]
        by_station.setdefault(station, []).append(int(row["arrived"].timestamp() * 1e6))
    runs = [
        len(run)
        for times in by_station.values()
        for run in np.split(np.array(times), np.flatnonzero(np.diff(times) > 2_000_000) + 1)
    ]
    assert min(runs) >= 2
    assert max(runs) == 4


def test_phones_take_new_addresses_every_day_and_keep_the_local_bit() -> None:
    """With every phone randomising, locally administered addresses do not come back next day."""
    simulator = Simulator(days=2, access_points=1, background={"randomised_share": 1})
    days: dict[int, set[str]] = {}
    for row in read(simulator).select(["message", "arrived"]).to_pylist():
        found = re.search(MAC, row["message"])
        if found and found.group()[1] in "26ae":
            moved = row["arrived"].timestamp() - 5 * 3600
            days.setdefault(int(moved // 86400), set()).add(found.group())
    kept = sorted(days)
    assert len(kept) >= 2
    assert not days[kept[-1]] & days[kept[-2]]


def test_roaming_takes_a_station_to_the_next_access_point() -> None:
    """One address is seen at two access points with roaming and at one without."""
    places = {}
    for share in (0, 1):
        options = {"roaming_share": share, "noise_share": 0}
        simulator = Simulator(days=1, access_points=2, background=options)
        seen: dict[str, set[str]] = {}
        for row in read(simulator).select(["message", "host"]).to_pylist():
            found = re.search(MAC, row["message"].lower())
            if found:
                seen.setdefault(found.group(), set()).add(row["host"])
        places[share] = max(len(hosts) for hosts in seen.values())
    assert places == {0: 1, 1: 2}


def test_quiet_logs_hold_nothing_rare_and_bad() -> None:
    """Fourteen quiet days have no mismatch, refusal, lost link, restart or channel change."""
    bad = (
        "PSK-MISMATCH|failed|Failed|Reject|BEACON-LOSS|did not acknowledge|missing ACKs"
        "|local deauth|interface state|AP-DISABLED|CHANNEL-SWITCH|CSA|Could not"
    )
    loud = read(Simulator(days=14, access_points=3, quiet=False))
    quiet = read(Simulator(days=14, access_points=3, quiet=True))
    assert pc.sum(pc.match_substring_regex(loud["message"], bad)).as_py() > 20
    assert pc.sum(pc.match_substring_regex(quiet["message"], bad)).as_py() == 0


def test_the_share_of_other_programs_follows_the_option() -> None:
    """noise_share=0 leaves only WiFi programs, a large one shows."""
    shares = {}
    for share in (0.0, 0.02, 0.3):
        simulator = Simulator(days=2, access_points=3, background={"noise_share": share})
        programs = read(simulator)["program"].to_pylist()
        shares[share] = sum(program not in SHAPES for program in programs) / len(programs)
    assert shares[0.0] == 0
    assert 0.01 < shares[0.02] < 0.04
    assert shares[0.3] > 0.15


def test_hosts_speak_the_listed_dialects_in_turn() -> None:
    """Broadcom hosts have the event daemon where it is listed; alone it is a host's only voice."""

    def programs(*dialects: str) -> dict[str, set[str]]:
        simulator = Simulator(
            days=1, access_points=2, dialects=dialects, background={"noise_share": 0}
        )
        table = read(simulator)
        pairs = zip(table["host"].to_pylist(), table["program"].to_pylist(), strict=True)
        spoken: dict[str, set[str]] = {}
        for host, program in pairs:
            spoken.setdefault(host, set()).add(program)
        return spoken

    assert programs("hostapd_broadcom", "wpa_supplicant", "wlceventd") == {
        "ap-01": {"hostapd", "wlceventd"},
        "client-02": {"wpa_supplicant"},
    }
    assert programs("hostapd_broadcom") == {"ap-01": {"hostapd"}, "ap-02": {"hostapd"}}
    assert programs("wlceventd") == {"ap-01": {"wlceventd"}, "ap-02": {"wlceventd"}}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"days": 0}, r"simulation\.days must be in \[0\.01, 10000\], got 0"),
        ({"days": "4"}, r"simulation\.days must be in .*, got '4'"),
        ({"days": float("nan")}, r"simulation\.days must be in .*, got nan"),
        ({"access_points": 1.5}, r"simulation\.access_points must be a whole number .*, got 1\.5"),
        ({"access_points": True}, r"simulation\.access_points must be a whole number"),
        ({"stations_per_access_point": 0}, r"simulation\.stations_per_access_point .*, got 0"),
        ({"dialects": []}, r"simulation\.dialects must be a list of hostapd_broadcom, .*got \[\]"),
        ({"dialects": ["cisco"]}, r"simulation\.dialects must be .*, got \['cisco'\]"),
        ({"dialects": "wlceventd"}, r"simulation\.dialects must be a list"),
        ({"start": "soon"}, r"simulation\.start must be ISO text in UTC .*, got 'soon'"),
        ({"start": "2026-03-02T00:00:00Z"}, r"simulation\.start must be ISO text in UTC"),
        ({"seed": -1}, r"simulation\.seed must be a whole number .*, got -1"),
        ({"quiet": "yes"}, r"simulation\.quiet must be true or false, got 'yes'"),
        ({"background": {"noise": 1}}, r"simulation\.background\.noise is unknown; known are eap"),
        ({"background": {"eap": 1}}, r"simulation\.background\.eap must be true or false, got 1"),
        (
            {"background": {"roaming_share": 2}},
            r"simulation\.background\.roaming_share must be in \[0, 1\], got 2",
        ),
        ({"background": [1]}, r"simulation\.background must be a mapping, got \[1\]"),
    ],
)
def test_an_unusable_value_is_refused_by_its_key(options: dict, message: str) -> None:
    """The constructor is the schema: key and value stand in the one line of the error."""
    with pytest.raises(ConfigError, match=message):
        Simulator(**options)


def test_the_room_imports_no_heavy_library_until_lines_are_made() -> None:
    """Help and configuration errors stay quick."""
    import subprocess
    import sys

    code = (
        "import sys; from wifitrain.simulation import Simulator; Simulator();"
        "print([m for m in ('pandas', 'pyarrow', 'duckdb', 'ibis') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.strip() == "[]"
