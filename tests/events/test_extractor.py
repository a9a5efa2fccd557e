"""The extractor as its neighbours see it: columns, account, other programs, odd lines, errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.events.conftest import log_table, open_engine
from tests.events.reference import understand
from tests.events.test_real_logs import COMPARED
from wifitrain.engine import Engine
from wifitrain.errors import ConfigError
from wifitrain.events import EventExtractor
from wifitrain.records import EVENT_COLUMNS

ONE, TWO = "02:11:22:33:44:55", "3c:84:6a:10:20:30"
Extract = Callable[..., Any]


@pytest.mark.parametrize("programs", [[], "hostapd", [1], None, [" "]])
def test_wifi_programs_that_are_no_list_of_names_are_refused(programs: object) -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match=r"database\.wifi_programs must be a list .* got "):
        EventExtractor(wifi_programs=programs)  # type: ignore[arg-type]


def test_pseudonymise_must_be_true_or_false() -> None:
    """A word that YAML took for text does not switch privacy off."""
    with pytest.raises(ConfigError, match=r"source\.pseudonymise must be true or false, got 'no'"):
        EventExtractor(pseudonymise="no")  # type: ignore[arg-type]


def test_the_key_file_must_be_a_path() -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match=r"source\.pseudonym_key_file must be .* got 7"):
        EventExtractor(pseudonym_key_file=7)  # type: ignore[arg-type]


def test_the_table_has_the_columns_and_types_of_the_contract(engine: Engine) -> None:
    """Names, types and order are those of EVENT_COLUMNS, and the scratch table is gone."""
    events = EventExtractor().extract(engine, log_table(engine, [{"message": "wlan0: AP-ENABLED"}]))
    assert {name: str(kind) for name, kind in events.table.schema().items()} == EVENT_COLUMNS
    assert list(events.table.columns) == list(EVENT_COLUMNS)
    tables = engine.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert "events" in {name for (name,) in tables}
    assert {name for (name,) in tables if "raw" in name} == set()


def test_what_the_log_row_says_is_passed_on(extract: Extract) -> None:
    """Access point, level and label come with the event; every line stays one row."""
    rows, _ = extract(
        [
            {"message": "wlan0: AP-ENABLED", "access_point": "ap-7", "level": "notice"},
            {"message": "wlan0: AP-ENABLED", "label": True},
        ]
    )
    assert [row["access_point"] for row in rows] == ["ap-7", "ap-1"]
    assert [row["level"] for row in rows] == ["notice", "info"]
    assert [row["label"] for row in rows] == [None, True]
    assert [row["arrival"] for row in rows] == [0, 1]


def test_the_tag_s_interface_counts_where_the_message_names_none(extract: Extract) -> None:
    """`hostapd: wlan0` in the tag is as good as `wlan0: ` in the message, which goes first."""
    rows, _ = extract(
        [
            {"message": f"AP-STA-CONNECTED {ONE}", "interface_hint": "wlan1"},
            {"message": f"wlan0: AP-STA-CONNECTED {ONE}", "interface_hint": "wlan1"},
            {"message": "WPA: rekeying GTK", "interface_hint": "wlan1"},
        ]
    )
    assert [row["interface"] for row in rows] == ["wlan1", "wlan0", "wlan1"]


def test_lines_of_other_programs_are_kept_as_other(extract: Extract) -> None:
    """They carry nothing, and they do not count as WiFi lines."""
    rows, account = extract(
        [
            {"program": "dnsmasq", "message": f"wlan0: STA {ONE} IEEE 802.11: authenticated"},
            {"program": None, "message": "wlan0: AP-ENABLED"},
        ]
    )
    assert [(row["event"], row["category"], row["template"]) for row in rows] == [
        ("other", "other", None)
    ] * 2
    assert rows[0]["station"] is None
    assert account["wifi_lines"] == 0
    assert "understood_ratio" not in account
    assert "station_local_share" not in account


def test_a_program_added_to_the_list_is_read_with_the_same_grammar(extract: Extract) -> None:
    """A vendor's hostapd has another name and the same words."""
    line = {"program": "hostapd_5g", "message": "wlan0: AP-ENABLED"}
    rows, _ = extract([line], wifi_programs=["Hostapd_5G"])
    assert rows[0]["event"] == "interface_enabled"


def test_the_account_counts_what_was_understood_and_who_was_seen(extract: Extract) -> None:
    """Every number of the account is the one a reader would count by hand."""
    _, account = extract(
        [
            {"message": f"wlan0: STA {ONE} IEEE 802.11: authenticated"},
            {"message": f"wlan1: STA {TWO} IEEE 802.11: authenticated"},
            {"message": f"wlan1: STA {TWO.upper()} IEEE 802.11: disassociated"},
            {"message": "wlan1: frobnicated 17 times"},
            {"message": "wlan1: frobnicated 9 times"},
            {"message": "wlan1: a lone sentence"},
            {"program": "kernel", "message": "hello"},
        ]
    )
    assert account == {
        "wifi_lines": 6,
        "understood_lines": 3,
        "understood_ratio": 0.5,
        "stations": 2,
        "station_local_share": 0.5,
        "unknown_templates": [
            {"template": "frobnicated <n> times", "count": 2},
            {"template": "a lone sentence", "count": 1},
        ],
        "events": {"authenticated": 2, "disassociated": 1, "other": 1, "unknown": 3},
        "interfaces": {"wlan0": 1, "wlan1": 5},
        "programs": {"hostapd": 6, "kernel": 1},
    }


def test_no_lines_make_no_events_and_no_ratio(extract: Extract) -> None:
    """An empty table is no error of this room."""
    rows, account = extract([])
    assert rows == []
    assert (account["wifi_lines"], account["stations"], account["events"]) == (0, 0, {})


def _made_up_messages(count: int) -> list[str]:
    """Lines put together from the pieces that the grammars look for, in and out of place."""
    draw = random.Random(7)
    pieces = [
        *("wlan0: ", "Internet 5 GHz: ", "SME: ", "WPA: ", "RADIUS ", "<3>", "IFNAME=ap0 ", "STA "),
        *(f"{ONE} ", f"{TWO.upper()} ", "[redacted by me] ", "xx:xx ", "IEEE 802.11: ", "MLME: "),
        *(
            "associated",
            " (aid 4)",
            "AP-STA-CONNECTED ",
            "CTRL-EVENT-",
            "DISCONNECTED ",
            "reason=3",
        ),
        *(" status_code=99999999999", " signal=-9999", " noise=9999", " freq=5180", "SSID='a'b' "),
        *(
            'ssid="x',
            "Auth ",
            "Deauth_ind ",
            "status: Odd (1), ",
            "reason: Why (4)",
            "\n",
            "é",
            ": ",
        ),
        *(
            "received EAPOL-Key ",
            "invalid",
            "nl80211: ",
            "not ",
            " ",
            "",
            "bssid=",
            "/home/me ",
            "=",
        ),
    ]
    return ["".join(draw.choices(pieces, k=draw.randint(1, 7))) for _ in range(count)]


def test_the_engine_and_the_plain_reference_agree_on_made_up_lines(extract: Extract) -> None:
    """They agree wherever the pieces of the grammars stand, also where no real line has them."""
    messages = _made_up_messages(3000)
    rows, _ = extract([{"message": message, "interface_hint": "tag0"} for message in messages])
    for message, row in zip(messages, rows, strict=True):
        wanted = understand(message, "tag0")
        assert {n: row[n] for n in COMPARED} == {n: wanted[n] for n in COMPARED}, message


def test_threads_do_not_change_events_or_account() -> None:
    """One thread and three see the same."""
    lines = [{"message": message} for message in _made_up_messages(500)]
    seen = []
    for threads in (1, 3):
        with open_engine(threads) as engine:
            events = EventExtractor().extract(engine, log_table(engine, lines))
            rows = events.table.order_by("arrival").to_pyarrow().to_pylist()
            seen.append((rows, events.account))
    assert seen[0] == seen[1]
