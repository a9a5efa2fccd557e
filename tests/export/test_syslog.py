"""Syslog lines: every prefix that is met in the wild, and those that carry no time."""
# ruff: noqa: E501  # a table of log lines is read across

import json
import os
from pathlib import Path

import pytest

from tests.export.conftest import Read, row, times, values, write_export
from wifitrain.errors import ExportError

M = "wlan0: AP-STA-CONNECTED 02:00:00:00:00:01"
# line -> time (UTC), host, level, program, message
LINES: dict[str, tuple] = {
    f"<29>Jun 27 09:16:56 ap-one hostapd: {M}": ("2025-06-27T09:16:56", "ap-one", "notice", "hostapd", M),
    f"<30>Oct 10 20:22:28 hostapd: {M}": ("2025-10-10T20:22:28", "unknown", "info", "hostapd", M),
    f"Oct 11 07:21:47 ap hostapd[2769]: {M}": ("2025-10-11T07:21:47", "ap", None, "hostapd", M),
    f"Oct 11 12:35:12.042484 ap hostapd[1]: {M}": ("2025-10-11T12:35:12.042484", "ap", None, "hostapd", M),
    f"Oct 11 15:55:24 bone daemon.notice wpa_supplicant[1259]: {M}": ("2025-10-11T15:55:24", "bone", "notice", "wpa_supplicant", M),
    f"Sun Oct 12 08:57:36 2025 daemon.notice hostapd: {M}": ("2025-10-12T08:57:36", "unknown", "notice", "hostapd", M),
    f"[Oct 13, 2025, 2:01:48 AM UTC] daemon.notice: hostapd: {M}": ("2025-10-13T02:01:48", "unknown", "notice", "hostapd", M),
    f"[Oct 13, 2025, 12:01:48\u202fPM UTC] daemon.err: hostapd: {M}": ("2025-10-13T12:01:48", "unknown", "error", "hostapd", M),
    f"[14 okt 2025, 21:12:11 CEST] daemon.info: hostapd: {M}": ("2025-10-14T19:12:11", "unknown", "info", "hostapd", M),
    f"2025-10-15T12:50:21.432305Z NOTICE wpa_supplicant[695]: {M}": ("2025-10-15T12:50:21.432305", "unknown", "notice", "wpa_supplicant", M),
    f"2025-10-15T11:44:14.862842-05:00 host wpa_supplicant[8]: {M}": ("2025-10-15T16:44:14.862842", "host", None, "wpa_supplicant", M),
    f"2025-10-16T11:44:14+0200 host /usr/sbin/hostapd[8]: {M}": ("2025-10-16T09:44:14", "host", None, "hostapd", M),
    f"<30>1 2025-10-16T12:00:00Z host hostapd 812 - - {M}": ("2025-10-16T12:00:00", "host", "info", "hostapd", M),
    f"1760616000.490224: {M}": ("2025-10-16T12:00:00.490224", "unknown", None, "hostapd", M),
    "1760616001.490224: wlan0: CTRL-EVENT-SCAN-STARTED ": ("2025-10-16T12:00:01.490224", "unknown", None, "wpa_supplicant", "wlan0: CTRL-EVENT-SCAN-STARTED"),
    f"okt 17 07:00:00 ap wpa_supplicant[3]: 1724860734.100364: {M}": ("2025-10-17T07:00:00", "ap", None, "wpa_supplicant", M),
    "Oct 20 10:18:05 host wlceventd_proc_event(464): eth5: Assoc": ("2025-10-20T10:18:05", "host", None, "wlceventd", "eth5: Assoc"),
    "Oct 20 10:18:06 wlceventd: wlceventd_proc_event(464): eth5: Assoc": ("2025-10-20T10:18:06", "unknown", None, "wlceventd", "wlceventd_proc_event(464): eth5: Assoc"),
    "Oct 21 10:00:00 host kernel: [ 12.5] eth5 up": ("2025-10-21T10:00:00", "host", None, "kernel", "[ 12.5] eth5 up"),
    "Oct 22 10:00:00 host something without a tag": ("2025-10-22T10:00:00", "unknown", None, None, "host something without a tag"),
    f"říj 23 10:00:00 ap hostapd: {M}": ("2025-10-23T10:00:00", "ap", None, "hostapd", M),
    f"10月 24 10:00:00 ap hostapd: {M}": ("2025-10-24T10:00:00", "ap", None, "hostapd", M),
    f"окт 25 10:00:00 ap hostapd: {M}": ("2025-10-25T10:00:00", "ap", None, "hostapd", M),
}  # fmt: skip


def test_every_known_prefix_is_understood(tmp_path: Path, read: Read) -> None:
    """Time, host, level, program and message of each line of the table above."""
    path = tmp_path / "mixed.log"
    path.write_text("\n".join(["-- Logs begin at Mon --", "", *LINES, "-- Reboot --"]) + "\n")
    log = read(path, year=2025, clock_reset="keep")
    found = values(log, "time", "access_point", "level", "program", "message")
    assert [(time.isoformat(), *rest) for time, *rest in found] == list(LINES.values())
    assert log.account["rows"] == len(LINES)


UNTIMED = {
    "<3>CTRL-EVENT-CONNECTED": "control console",
    "IFNAME=wlan0 <3>CTRL-EVENT-CONNECTED": "control console",
    "[20:06:55.206] wlp3s0: STA": "time of day without a date",
    "[31669.856219] ieee80211 phy0: x": "seconds since boot",
    "wlan0: AP-STA-CONNECTED 02:00:00:00:00:01": "no listed form",
    "Foo 12 10:00:00 ap hostapd: x": "no listed form of a timestamp: Foo 12",
    "Feb 30 10:00:00 ap hostapd: x": "no listed form of a timestamp: Feb 30",
    "Feb 20 25:00:00 ap hostapd: x": "no listed form of a timestamp: Feb 20",
    "[14 okt 2025, 21:12:11 XYZT] daemon.info: hostapd: x": "no listed form of a timestamp",
}


def test_lines_without_a_time_are_refused_with_a_reason(
    tmp_path: Path, read: Read, refused
) -> None:
    """No time is made up; the reason says what kind of line it seems to be."""
    path = tmp_path / "x.log"
    path.write_text("\n".join([*UNTIMED, next(iter(LINES))]))
    read(path, year=2025, max_invalid_ratio=1)
    reasons = [entry["reason"] for entry in refused()]
    assert len(reasons) == len(UNTIMED)
    for reason, said in zip(reasons, UNTIMED.values(), strict=True):
        assert said in reason


def test_a_text_that_is_no_log_is_unfit(tmp_path: Path, read: Read) -> None:
    """Prose has no timestamps."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader,\nthis is no log.\n")
    with pytest.raises(ExportError, match="2 of 2 records unusable"):
        read(path)


def test_binary_files_are_of_no_known_shape(tmp_path: Path, read: Read) -> None:
    """An image is not taken for a log."""
    path = tmp_path / "image.log"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    with pytest.raises(ExportError, match="no known shape"):
        read(path)


def test_dirty_bytes_in_raw_logs_are_replaced_and_counted(tmp_path: Path, read: Read) -> None:
    """An SSID in Latin-1 does not cost the file."""
    path = tmp_path / "x.log"
    path.write_bytes(b"Oct 11 07:21:47 ap hostapd: wlan0: caf\xe9\r\n")
    log = read(path, year=2025)
    assert values(log, "message") == ["wlan0: caf\ufffd"]
    assert "not_utf8" in {warning["code"] for warning in log.account["warnings"]}


def test_zero_bytes_of_a_power_cut_are_dropped(tmp_path: Path, read: Read) -> None:
    """The block that the file system never filled costs no line."""
    path = tmp_path / "x.log"
    line = b"Oct 11 07:21:4%d ap hostapd: wlan0: up\n"
    path.write_bytes(b"".join(line % n for n in range(9)) + b"\0" * 50 + line % 9)
    assert values(read(path, year=2025), "record") == list(range(1, 11))


def test_a_host_less_console_keeps_the_row_order(tmp_path: Path, read: Read) -> None:
    """A log that runs newest first (a browser's export) is turned round."""
    lines = [f"Oct 11 07:0{minute}:00 ap hostapd: {minute}" for minute in (3, 2, 2, 1)]
    path = tmp_path / "x.log"
    path.write_text("\n".join(lines))
    assert values(read(path, year=2025), "record") == [4, 3, 2, 1]


def _years(folder: Path, read: Read, stamps: list[str], year: int | None = 2024) -> list[str]:
    path = folder / "x.log"
    path.write_text("".join(f"{stamp} ap hostapd: wlan0: up\n" for stamp in stamps))
    return [time[:10] for time in times(read(path, year=year, clock_reset="keep"))]


@pytest.mark.parametrize(
    ("stamps", "dates"),
    [
        (["Dec 31 23:59:59", "Jan  1 00:00:01"], ["2024-12-31", "2025-01-01"]),
        (["Nov  1 10:00:00", "Feb  1 10:00:00", "Jul  1 10:00:00", "Nov  1 10:00:00",
          "Jan 20 10:00:00"],
         ["2024-11-01", "2025-02-01", "2025-07-01", "2025-11-01", "2026-01-20"]),
        (["Dec 31 23:59:58", "Jan  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01"],
         ["2024-12-31", "2025-01-01", "2024-12-31", "2025-01-01"]),
        (["Mar  1 10:00:00", "Jan  1 10:00:00", "Mar  1 11:00:00"],
         ["2024-03-01", "2024-01-01", "2024-03-01"]),
        (["Feb 29 10:00:00", "Mar  1 10:00:00"], ["2024-02-29", "2024-03-01"]),
        (["Dec 10 10:00:00", "May  5 05:05:05", "May  5 05:05:09", "Dec 10 10:01:00"],
         ["2024-12-10", "2024-05-05", "2024-05-05", "2024-12-10"]),
        (["May  5 05:05:05", "Dec 10 10:01:00", "Dec 11 10:01:00"],
         ["2024-05-05", "2024-12-10", "2024-12-11"]),
        (["Dec 30 10:00:00", "Jan  2 10:00:00", "Aug  1 10:00:00", "Jan  2 10:01:00"],
         ["2024-12-30", "2025-01-02", "2024-08-01", "2025-01-02"]),
    ],
)  # fmt: skip
def test_years_follow_from_the_order_of_arrival(
    stamps: list[str], dates: list[str], tmp_path: Path, read: Read
) -> None:
    """A New Year is a step back of half a year; a firmware's date is none."""
    assert _years(tmp_path, read, stamps) == dates


def test_without_a_year_the_file_s_own_time_tells_with_a_warning(
    tmp_path: Path, read: Read
) -> None:
    """The last line is the latest that the modification time allows."""
    path = tmp_path / "x.log"
    path.write_text("Dec 31 10:00:00 ap hostapd: a\nJan  2 10:00:00 ap hostapd: b\n")
    os.utime(path, (1_736_000_000, 1_736_000_000))  # 4 January 2025
    log = read(path)
    assert times(log) == ["2024-12-31T10:00:00", "2025-01-02T10:00:00"]
    assert "year_guessed" in {warning["code"] for warning in log.account["warnings"]}


def test_an_unlikely_modification_time_asks_for_the_year(tmp_path: Path, read: Read) -> None:
    """A file of 1970 tells nothing."""
    path = tmp_path / "x.log"
    path.write_text("Dec 31 10:00:00 ap hostapd: a\n")
    os.utime(path, (0, 0))
    with pytest.raises(ExportError, match="set source.year"):
        read(path)


def test_stamps_of_rows_may_be_of_any_listed_form(tmp_path: Path, read: Read) -> None:
    """The text -> time step is the same for every shape."""
    made = [row(1, timestamp="Dec 31 23:59:59"), row(2, timestamp="Jan 1 00:00:01")]
    log = read(write_export(tmp_path / "e.json", made), year=2024)
    assert times(log) == ["2024-12-31T23:59:59", "2025-01-01T00:00:01"]
    assert json.dumps(log.account)
