"""Real logs, where they are at hand."""

from pathlib import Path

import pytest

from tests.export.conftest import Read, values

SYSLOGS = {
    "chromebook_day1.log": (213, "2026-05-11T13:24:30.939620"),
    "home_ap_wlceventd.log": (293, "2025-06-20T10:18:05"),
    "laptop_journal.log": (219, "2025-01-05T17:29:45"),
    "raspberry_boots.log": (98, "2025-01-02T06:17:14"),
    "raspberry_hotspot_4days.log": (4327, "2025-04-02T07:21:47"),
}


def test_the_real_export_is_read_whole(shared_data: Path, read: Read) -> None:
    """1,824 rows over 3.5 days: 17 exact repeats, 15 rows of a reset clock placed by id."""
    log = read(shared_data / "exports/home_ap_hostapd_3days.json")
    account = log.account
    assert (account["rows"], account["valid"], account["wifi_rows"]) == (1824, 1824, 1824)
    assert (account["exact_repeats"], account["clock_reset_rows"]) == (17, 15)
    assert account["first_time"] == "2025-06-23T20:31:55"
    assert account["last_time"] == "2025-06-27T09:16:56"
    assert account["span_days"] == pytest.approx(3.53, abs=0.01)
    stamps = values(log, "time")
    assert stamps == sorted(stamps)


def test_the_four_column_csv_names_its_programs(shared_data: Path, read: Read) -> None:
    """Program, host and level come out of the raw message."""
    log = read(shared_data / "exports/openwrt_mesh_100rows.csv")
    assert set(values(log, "program")) == {"hostapd", "wpa_supplicant"}
    assert set(values(log, "access_point")) == {"OpenWrt"}
    assert values(log, "record") == list(range(100, 0, -1))


@pytest.mark.parametrize("name", SYSLOGS)
def test_real_syslogs_are_read_whole(name: str, shared_data: Path, read: Read) -> None:
    """Not a line is refused, and every line is of a WiFi program."""
    rows, first = SYSLOGS[name]
    log = read(shared_data / "syslogs" / name, year=2025)
    assert log.account["rows"] == log.account["wifi_rows"] == rows
    assert log.account["first_time"] == first
