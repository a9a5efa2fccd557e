"""The extractor as its neighbours see it: columns, account, other programs, odd lines, errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.events.conftest import log_table, open_engine
from tests.events.reference import understand
from tests.events.test_real_logs import COMPARED
from wifitrain.errors import ConfigError
from wifitrain.events import EventExtractor
from wifitrain.records import EVENT_COLUMNS

if TYPE_CHECKING:
    from wifitrain.engine import Engine

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


@pytest.fixture(scope="module")
def mixed(extract: Extract) -> Any:
    """Lines that differ in what their row says about them, and the account."""
    return extract(
        [
            {"message": "wlan0: AP-ENABLED", "access_point": "ap-7", "level": "notice"},
            {"message": "wlan0: AP-ENABLED", "label": True},
            {"message": f"AP-STA-CONNECTED {ONE}", "interface_hint": "wlan1"},
            {"message": f"wlan0: AP-STA-CONNECTED {ONE}", "interface_hint": "wlan1"},
            {"message": "WPA: rekeying GTK", "interface_hint": "wlan1"},
            {"program": "dnsmasq", "message": f"wlan0: STA {ONE} IEEE 802.11: authenticated"},
            {"program": None, "message": "wlan0: AP-ENABLED"},
            {"program": "hostapd_5g", "message": "wlan0: AP-ENABLED"},
            {"program": "wpa_supplicant", "message": "wlan0: CTRL-EVENT-BEACON-LOSS"},
        ],
        wifi_programs=["hostapd", "Hostapd_5G"],
    )


def test_what_the_log_row_says_is_passed_on(mixed: Any) -> None:
    """Access point, level and label come with the event; every line stays one row."""
    rows, _ = mixed
    assert [row["access_point"] for row in rows[:2]] == ["ap-7", "ap-1"]
    assert [row["level"] for row in rows[:2]] == ["notice", "info"]
    assert [row["label"] for row in rows[:2]] == [None, True]
    assert [row["arrival"] for row in rows] == list(range(9))


def test_the_tag_s_interface_counts_where_the_message_names_none(mixed: Any) -> None:
    """`hostapd: wlan0` in the tag is as good as `wlan0: ` in the message, which goes first."""
    rows, _ = mixed
    assert [row["interface"] for row in rows[2:5]] == ["wlan1", "wlan0", "wlan1"]


def test_lines_of_other_programs_are_kept_as_other(mixed: Any) -> None:
    """They carry nothing, and they do not count as WiFi lines."""
    rows, account = mixed
    for row in (rows[5], rows[6], rows[8]):
        assert (row["event"], row["category"], row["template"]) == ("other", "other", None)
    assert rows[5]["station"] is None
    assert account["wifi_lines"] == 6


def test_a_program_added_to_the_list_is_read_with_the_same_grammar(mixed: Any) -> None:
    """A vendor's hostapd has another name and the same words."""
    rows, _ = mixed
    assert rows[7]["event"] == "interface_enabled"


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


def test_no_lines_make_no_events_but_a_table_as_the_contract_wants_it(engine: Engine) -> None:
    """Names, types and order are those of EVENT_COLUMNS, and no table with raw names is left."""
    events = EventExtractor().extract(engine, log_table(engine, []))
    assert {name: str(kind) for name, kind in events.table.schema().items()} == EVENT_COLUMNS
    assert list(events.table.columns) == list(EVENT_COLUMNS)
    assert (events.account["wifi_lines"], events.account["events"]) == (0, {})
    assert not {"understood_ratio", "station_local_share"} & set(events.account)
    tables = engine.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert "events" in {name for (name,) in tables}
    assert {name for (name,) in tables if "raw" in name} == set()


def _made_up_messages(count: int) -> list[str]:
    """Lines put together from the pieces that the grammars look for, in and out of place."""
    draw = random.Random(7)
    pieces = [
        *("wlan0: ", "Internet 5 GHz: ", "SME: ", "WPA: ", "RADIUS ", "<3>", "IFNAME=ap0 ", "STA "),
        *(f"{ONE} ", f"{TWO.upper()} ", "[redacted by me] ", "xx:xx ", "IEEE 802.11: ", "MLME: "),
        *("associated", " (aid 4)", "AP-STA-CONNECTED ", "CTRL-EVENT-ASSOC-REJECT", " reason=3"),
        *("CTRL-EVENT-DISCONNECTED", "CTRL-EVENT-SIGNAL-CHANGE", " status_code=99999999999"),
        *(" status_code=16", " signal=-9999", " signal=-70", " noise=9999", " freq=5180"),
        *("Trying to associate with ", "SSID='a'b' ", 'ssid="x', "Auth ", "Deauth_ind ", ": "),
        *("status: Odd (1), ", "reason: Why (4)", "received EAPOL-Key ", "invalid", "nl80211: "),
        *("not ", "\n", "é", " ", "", "bssid=", "/home/me ", "="),
    ]
    return ["".join(draw.choices(pieces, k=draw.randint(1, 7))) for _ in range(count)]


MADE_UP = [{"message": message, "interface_hint": "tag0"} for message in _made_up_messages(3000)]


@pytest.fixture(scope="module")
def made_up(extract: Extract) -> Any:
    """What becomes of made-up lines on two threads."""
    return extract(MADE_UP)


def test_the_engine_and_the_plain_reference_agree_on_made_up_lines(made_up: Any) -> None:
    """They agree wherever the pieces of the grammars stand, also where no real line has them."""
    rows, _ = made_up
    for line, row in zip(MADE_UP, rows, strict=True):
        wanted = understand(line["message"], "tag0")
        assert {n: row[n] for n in COMPARED} == {n: wanted[n] for n in COMPARED}, line


def test_threads_do_not_change_events_or_account(made_up: Any) -> None:
    """One thread sees what two have seen."""
    with open_engine(threads=1) as engine:
        events = EventExtractor(pseudonymise=False).extract(engine, log_table(engine, MADE_UP))
        rows = events.table.order_by("arrival").to_pyarrow().to_pylist()
        assert (rows, events.account) == made_up
