"""The grammar tables themselves: names, uniqueness, patterns, coverage of the contract."""

from __future__ import annotations

import re
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.events.reference import understand
from wifitrain.events import event_names
from wifitrain.events.heads import INTERFACE, WRAPPING
from wifitrain.events.rows import fields, module_names, rules
from wifitrain.events.templates import MASKS
from wifitrain.records import EVENT_COLUMNS

CONTRACT = """
auth: authenticated sae_commit sae_confirm network_reenabled
auth_failure: auth_refused auth_timeout psk_mismatch sae_failed eapol_invalid eapol_timeout
auth_failure: group_handshake_failed network_disabled
association: associated reassociated sta_connected connected connecting sta_polled
refusal: assoc_refused sta_refused assoc_before_auth assoc_invalid
handshake: handshake_completed pairwise_handshake_completed group_handshake_completed
handshake: key_negotiated group_rekeyed gtk_rekeying eapol_message pmksa_cache
disassociation: disassociated disassociated_inactivity sta_disconnected disconnected
deauthentication: deauthenticated deauthenticated_local deauthenticated_inactivity session_timeout
link_failure: link_lost auth_unacknowledged assoc_unacknowledged
eap: eap_started eap_method eap_success eap_certificate eap_status eapol_authenticated
eap_failure: eap_failure eap_timeout eap_retransmit eap_certificate_error eapol_auth_failed
radius: accounting_started accounting_stopped radius_message
radius_failure: radius_no_response radius_failure
roaming: roam roam_skipped bss_transition ft_auth neighbor_report
channel: channel_switch dfs_radar dfs_cac_start dfs_cac_completed dfs_new_channel dfs_other acs
channel: regdom_change
interface: interface_enabled interface_disabled interface_state daemon_started daemon_terminating
interface_failure: interface_failure driver_error
signal: signal_change beacon_loss opmode_change measurement_report
probe: probe_request
scan: scan scan_failed
wps: wps_activity wps_success wps_failed wps_locked wps_timeout
attack: mic_failure tkip_countermeasures unprotected_beacon ocv_failure
mesh: mesh_peer mesh_failure
p2p: p2p
dpp: dpp
configuration: configuration
benign: benign
debug: debug
unknown: unknown
other: other
"""
VOCABULARY = Path(__file__).resolve().parents[2] / "../shared/contract/vocabulary.md"
MAC = "02:11:22:33:44:55"


def patterns() -> list[str]:
    """Every pattern that meets a line."""
    return [
        *(rule.where for rule in rules() if rule.where),
        *(field.pattern for field in fields().values()),
        *(pattern for pattern, _ in MASKS),
        *(WRAPPING, INTERFACE),
    ]


def test_the_names_that_other_rooms_build_on_exist_in_their_categories() -> None:
    """A renamed event would silence a feature."""
    for line in CONTRACT.strip().splitlines():
        category, _, names = line.partition(": ")
        for name in names.split():
            assert event_names()[name] == category


def test_rows_name_only_known_events_and_fields() -> None:
    """A typing error in a table is found here and not in a user's log."""
    assert {rule.event for rule in rules()} <= set(event_names())
    assert {name for rule in rules() for name in rule.fields} <= set(fields())
    assert {field.column for field in fields().values()} <= set(EVENT_COLUMNS)


def test_no_two_rows_are_equally_specific_for_the_same_text() -> None:
    """Which row wins never depends on its place in a file."""
    refined = Counter((rule.literal, rule.equals, rule.where is not None) for rule in rules())
    assert [row for row, count in refined.items() if count > 1] == []


def test_a_literal_is_long_enough_to_mean_something() -> None:
    """A prefix of one or two letters would swallow lines nobody has thought of."""
    assert [rule.literal for rule in rules() if len(rule.literal) < 3] == []


def test_every_field_pattern_has_one_group() -> None:
    """The value is the one group of the pattern."""
    assert {re.compile(field.pattern).groups for field in fields().values()} == {1}


def test_words_before_a_colon_that_are_modules_are_no_interfaces() -> None:
    """`WPA: ...` is not said by an interface called WPA."""
    assert {"WPA", "RSN", "SME", "nl80211", "dbus", "ACS", "WNM", "RADIUS"} <= set(module_names())


@pytest.mark.parametrize(
    "line",
    [
        "a" * 4096,
        "'" * 4096,
        "0:" * 2048,
        "0" * 4096,
        ".a" * 2048,
        "=/ '" * 1024,
        "Auth " + "x, status: (" * 340,
        "Deauth_ind reason: " + "(4" * 2000,
        " freq=" * 680,
        "SSID='" * 680,
        "ssid " * 800,
        "@" * 4096,
    ],
)
def test_no_pattern_blows_up_on_a_hostile_line_of_four_kilobytes(line: str) -> None:
    """Even a backtracking engine is through with every pattern in a fraction of a second."""
    started = time.perf_counter()
    for pattern in patterns():
        re.search(pattern, line, re.ASCII)
    assert time.perf_counter() - started < 2


def _filled(shape: str) -> str:
    shape = shape.replace("<MAC>", MAC).replace('\\"', '"')
    return re.sub(r"%[-0-9.]*l*[duxX]", "1", shape).replace("%s", "x").replace("%c", "x")


def test_every_control_interface_event_of_the_contract_is_understood() -> None:
    """Each name of the vocabulary's third section has a type."""
    if not VOCABULARY.exists():
        pytest.skip("the contract's vocabulary is not beside this checkout")
    section = VOCABULARY.read_text(encoding="utf-8").partition("\n## 3.")[2].partition("\n## 4.")[0]
    names = re.findall(r"^\| ([A-Z][^|]*?) +\|[^|]*\| *`?([^|`]*)", section, re.MULTILINE)
    assert len(names) > 250
    messages = [message for name, shape in names for message in (name, _filled(shape) or name)]
    unknown = [m for m in messages if understand(f"wlan0: {m}")["event"] == "unknown"]
    assert unknown == []


def test_every_logger_message_of_the_contract_is_understood() -> None:
    """Each text of the vocabulary's fourth section has a type, with a station and without."""
    if not VOCABULARY.exists():
        pytest.skip("the contract's vocabulary is not beside this checkout")
    section = VOCABULARY.read_text(encoding="utf-8").partition("\n## 4.")[2].partition("\n## 5.")[0]
    texts = re.findall(r"^\| ([^|]+) \| [A-Z]+ \| `([^`]+)`", section, re.MULTILINE)
    assert len(texts) > 200
    lines = []
    for module, shape in texts:
        # a text that begins with a placeholder stands for the words its source puts there
        words = shape.replace("driver %s", "driver had").replace("Could not %s", "Could not add")
        text = _filled(
            re.sub(r"^%s server", "Authentication server", words).replace("%sauth", "auth")
        )
        lines += [f"STA {MAC} {module}: {text}", f"{module} {text}"]
    unknown = [line for line in lines if understand(f"wlan0: {line}")["event"] == "unknown"]
    assert unknown == []
