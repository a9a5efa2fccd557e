"""What leaves the room: pseudonyms, templates without anyone's data, no control characters."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.events.conftest import log_table
from wifitrain.events import EventExtractor
from wifitrain.events.templates import LONGEST_TEMPLATE
from wifitrain.pseudonyms import KEY_VARIABLE

if TYPE_CHECKING:
    from wifitrain.engine import Engine

RANDOMISED, VENDOR, ACCESS_POINT = "0a:bb:cc:dd:ee:01", "3c:84:6a:10:20:30", "3c:84:6a:99:88:77"
Extract = Callable[..., Any]


def test_stations_bssids_and_networks_leave_as_pseudonyms(extract: Extract) -> None:
    """The same name has the same pseudonym everywhere, and the local bit stays."""
    rows, account = extract(
        [
            {"message": f"wlan0: STA {RANDOMISED} IEEE 802.11: authenticated"},
            {"message": f"wlan0: AP-STA-CONNECTED {RANDOMISED.upper()}"},
            {"message": f"wlan0: STA {VENDOR} IEEE 802.11: authenticated"},
            {
                "program": "wpa_supplicant",
                "message": f"Trying to associate with {VENDOR} (SSID='Blue House' freq=5180 MHz)",
            },
        ],
        pseudonymise=True,
    )
    assert [row["station_is_local"] for row in rows] == [True, True, False, None]
    assert rows[0]["station"] == rows[1]["station"] != rows[2]["station"]
    assert rows[2]["station"] == rows[3]["bssid"]
    assert rows[0]["station"].startswith("sta-")
    assert rows[3]["ssid"].startswith("net-")
    said = json.dumps([rows, account], default=str).lower()
    assert not any(name in said for name in (RANDOMISED, VENDOR, "blue house"))


def test_another_key_makes_other_pseudonyms(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key file decides where the environment names no key."""
    monkeypatch.delenv(KEY_VARIABLE)
    logs = log_table(engine, [{"message": f"wlan0: AP-STA-CONNECTED {VENDOR}"}])
    seen = []
    for name in ("first", "second"):
        extractor = EventExtractor(pseudonym_key_file=str(tmp_path / name))
        seen.append(extractor.extract(engine, logs).table.station.to_pyarrow().to_pylist()[0])
    assert seen[0] != seen[1]
    assert (tmp_path / "first").stat().st_mode & 0o077 == 0


HOSTILE_NAME = "\x1b]0;boo\x07\u202e"
NOBODY = [
    "wlan0: CTRL-EVENT-ASSOC-REJECT bssid=00:00:00:00:00:00 status_code=16",
    "wlan0: AP-STA-DISCONNECTED ff:ff:ff:ff:ff:ff",
    "wlan0: STA a8:5c:2c:iphone7 IEEE 802.11: authenticated",
    "wlan0: AP-STA-DISCONNECTED 02:11:22:33:44",
]
STRANGE = [
    f"met {VENDOR} and {ACCESS_POINT.upper()} and xx:xx:xx:xx:xx:xx",
    "met 'Bob's home' twice",
    'met "Blue House',
    "didn't meet 'Blue House'",
    "joined SSID Blue House",
    "joined ssid=Blue House",
    "identity anna@example.org",
    "asked anna@example.org at 192.0.2.1 and 2001:db8::7",
    "read /home/anna/wifi.conf",
    "called phone.example.org",
    "token 0xDEADBEEF 00112233aabbccdd 17",
    "said \x1b[31m\u202eboo\x00",
    "word " * 100,
    "key=secret count=3",
]
HOSTILE = [
    f"Trying to associate with SSID '{HOSTILE_NAME}'",
    f"wl\x1b0: STA {VENDOR} IEEE 802.11: authenticated",
]

SECOND_DIGITS = {digit: f"AP-STA-CONNECTED 0{digit}:11:22:33:44:55" for digit in "0123456789abcdef"}


@pytest.fixture(scope="module")
def kept(extract: Extract) -> Any:
    """Rows by message where names are kept, and the account."""
    messages = [*NOBODY, *STRANGE, *HOSTILE, *SECOND_DIGITS.values()]
    rows, account = extract([{"message": message} for message in messages])
    return dict(zip(messages, rows, strict=True)), account


def test_nobody_s_address_names_no_station(kept: Any) -> None:
    """The zero BSSID of a failed association, broadcast, masked and cut addresses are null."""
    rows = [kept[0][message] for message in NOBODY]
    events = [row["event"] for row in rows]
    assert events == ["assoc_refused", "sta_disconnected", "authenticated", "sta_disconnected"]
    assert [(row["station"], row["bssid"]) for row in rows] == [(None, None)] * 4


def test_the_second_digit_tells_a_randomised_address(kept: Any) -> None:
    """The locally administered bit is the second lowest of the first octet."""
    local = {digit for digit, line in SECOND_DIGITS.items() if kept[0][line]["station_is_local"]}
    assert local == set("2367abef")


@pytest.mark.parametrize(
    ("beginning", "template"),
    [
        ("met 3c", "met <mac> and <mac> and <mac>"),
        ("met 'Bob", "met <text> twice"),
        ('met "', "met <text>"),
        ("didn't", "didn't meet <text>"),
        ("joined SSID", "joined <text>"),
        ("joined ssid=", "joined <text>"),
        ("identity", "<text>"),
        ("asked", "asked <address> at <ip> and <ip>"),
        ("read", "read <path>"),
        ("called", "called <host>"),
        ("token", "token <hex> <hex> <n>"),
        ("said", "said <control>[<n>m<control>boo<control>"),
        ("key", "key=<value> count=<value>"),
    ],
)
def test_a_template_holds_the_wording_and_nobody_s_data(
    kept: Any, beginning: str, template: str
) -> None:
    """Addresses, names, paths, numbers and control characters give way to what they are."""
    found = [kept[0][message]["template"] for message in STRANGE if message.startswith(beginning)]
    assert found == [template]


def test_a_template_is_cut(kept: Any) -> None:
    """A line of 4 kB makes no feature name of 4 kB."""
    assert len(kept[0]["word " * 100]["template"]) == LONGEST_TEMPLATE


def test_a_hostile_network_name_leaves_escaped(kept: Any) -> None:
    """Also where names are kept, none of them reaches a terminal with its control characters."""
    assert kept[0][HOSTILE[0]]["ssid"] == r"\x1b]0;boo\x07\u202e"


def test_an_interface_name_holds_no_control_characters(kept: Any) -> None:
    """What looks like an interface but has an escape in it is none."""
    rows, account = kept
    assert rows[HOSTILE[1]]["interface"] is None
    assert "\x1b" not in json.dumps(account)
