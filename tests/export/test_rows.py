"""Records: what is refused and why, and how fields are normalised."""

import json
import stat
from pathlib import Path

import pytest

from tests.export.conftest import Read, row, times, values, without, write_export
from wifitrain.errors import ExportError
from wifitrain.export import FileSource

REFUSED = {
    "timestamp_missing": without(row(2), "timestamp"),
    "timestamp_missing ": row(2, timestamp=None),
    "timestamp_not_text": row(2, timestamp=1750636800),
    "timestamp_unreadable": row(2, timestamp="yesterday"),
    "timestamp_unreadable ": row(2, timestamp="2025-02-30T10:00:00"),
    "timestamp_unreadable  ": row(2, timestamp="2025-06-23"),
    "message_missing": without(row(2), "message"),
    "message_not_text": row(2, message=17),
    "message_not_text ": row(2, message={"a": 1}),
    "message_empty": row(2, message="  \n"),
    "level_not_text": row(2, log_level=6),
    "process_not_text": row(2, process_name=["hostapd"]),
    "process_missing": without(row(2), "process_name", "raw_message"),
    "raw_message_not_text": row(2, raw_message=1),
    "not_an_object": "a text",
    "not_an_object ": [1, 2],
    "not_an_object  ": None,
}


def test_unusable_records_go_to_quarantine_with_their_reason(
    tmp_path: Path, read: Read, refused
) -> None:
    """Each is refused by number and code; its neighbours are read."""
    rows = [row(1), *REFUSED.values(), row(3)]
    path = write_export(tmp_path / "e.json", rows)
    log = read(path, max_invalid_ratio=1)
    assert values(log, "record") == [1, len(rows)]
    entries = refused()
    assert [entry["code"] for entry in entries] == [code.strip() for code in REFUSED]
    assert [entry["record"] for entry in entries] == list(range(2, len(rows)))
    assert {entry["file"] for entry in entries} == {str(path)}
    assert all(entry["reason"] for entry in entries)
    assert log.account["invalid"] == log.account["quarantined"] == len(REFUSED)


def test_a_key_that_stands_twice_is_refused(tmp_path: Path, read: Read, refused) -> None:
    """Nobody knows which of the two values is meant."""
    twice = json.dumps(row(2))[:-1] + ', "message": "other"}'
    path = tmp_path / "e.json"
    path.write_text('{"data": [' + json.dumps(row(1)) + "," + twice + "]}")
    read(path, max_invalid_ratio=0.5)
    assert [entry["code"] for entry in refused()] == ["duplicate_keys"]


def test_the_reason_of_a_missing_field_says_what_is_there(
    tmp_path: Path, read: Read, refused
) -> None:
    """Whoever mends the exporter sees which keys the record has."""
    made = {"message": "x", "process_name": "hostapd"}
    read(write_export(tmp_path / "e.json", [row(1), made]), max_invalid_ratio=0.5)
    assert refused()[0]["reason"] == "'timestamp' missing (has: message, process_name)"


def test_too_many_unusable_records_end_the_run(
    tmp_path: Path, read: Read, quarantine: Path
) -> None:
    """The message counts them and names the first; the quarantine is there to look at."""
    path = write_export(tmp_path / "e.json", [row(1), row(2, message=1), row(3)])
    with pytest.raises(ExportError, match=r"1 of 3 records unusable.*message_not_text 1x.*json:2"):
        read(path)
    assert quarantine.exists()


def test_the_quarantine_is_private_pseudonymous_and_short(
    tmp_path: Path, read: Read, quarantine: Path, refused
) -> None:
    """Mode 600, no station address, at most 4 kB of a record."""
    made = row(2, message={"station": "02:AA:BB:CC:DD:EE", "more": "x" * 9000})
    read(write_export(tmp_path / "e.json", [row(1), made]), max_invalid_ratio=0.5)
    assert stat.S_IMODE(quarantine.stat().st_mode) == 0o600
    assert "02:aa:bb" not in quarantine.read_text().lower()
    assert len(refused()[0]["text"]) <= 4096
    assert [path.name for path in quarantine.parent.iterdir()] == [quarantine.name]


def test_pseudonymisation_of_the_quarantine_can_be_switched_off(
    tmp_path: Path, read: Read, quarantine: Path
) -> None:
    """The lines are then those of the export."""
    made = row(2, message={"station": "02:AA:BB:CC:DD:EE"})
    path = write_export(tmp_path / "e.json", [row(1), made])
    read(path, max_invalid_ratio=0.5, pseudonymise=False)
    assert "02:AA:BB:CC:DD:EE" in quarantine.read_text()


def test_nothing_refused_leaves_no_quarantine(tmp_path: Path, read: Read, quarantine: Path) -> None:
    """Nor the one of an earlier read."""
    read(write_export(tmp_path / "e.json", [row(1), row(2, message=1)]), max_invalid_ratio=0.5)
    read(write_export(tmp_path / "e.json", [row(1)]))
    assert not quarantine.exists()


LEVELS = {
    "INFO": "info", "warn": "warning", "WARNING": "warning", "err": "error", "Crit": "critical",
    "emerg": "emergency", "panic": "emergency", "notice": "notice", "debug": "debug", "odd": "info",
}  # fmt: skip


def test_levels_become_the_eight_words_of_syslog(tmp_path: Path, read: Read) -> None:
    """Both writers' words; where there is none the priority tells (30 is daemon.info)."""
    rows = [row(number, log_level=level) for number, level in enumerate([*LEVELS, None], 1)]
    assert values(read(write_export(tmp_path / "e.json", rows)), "level") == [
        *LEVELS.values(),
        "info",
    ]


def test_the_level_is_found_in_structured_data(tmp_path: Path, read: Read) -> None:
    """Encoded twice, an object, or a Python dict's repr."""
    forms = ('{"syslog_priority": 28}', {"priority": 28}, "{'priority': 28}")
    rows = [
        row(number, log_level=None, raw_message=None, structured_data=form)
        for number, form in enumerate(forms, 1)
    ]
    assert values(read(write_export(tmp_path / "e.json", rows)), "level") == ["warning"] * 3


TAGS = {
    "hostapd": ("hostapd", None),
    "hostapd[812]": ("hostapd", None),
    "hostapd: wlan0": ("hostapd", "wlan0"),
    "hostapd[812]: wl0-ap0": ("hostapd", "wl0-ap0"),
    "/usr/sbin/hostapd": ("hostapd", None),
    "WPA_Supplicant": ("wpa_supplicant", None),
    "wlceventd_proc_event(464)": ("wlceventd", None),
}


def test_tags_become_programs(tmp_path: Path, read: Read) -> None:
    """Process id, path and interface are no part of the program's name."""
    rows = [row(number, process_name=tag) for number, tag in enumerate(TAGS, 1)]
    log = read(write_export(tmp_path / "e.json", rows))
    assert values(log, "program", "interface_hint") == list(TAGS.values())


def test_a_missing_process_is_read_from_the_raw_message(tmp_path: Path, read: Read) -> None:
    """As is the host, where the row names none."""
    made = row(1, process_name=None, device_ip=None)
    log = read(write_export(tmp_path / "e.json", [made]))
    assert values(log, "program", "access_point") == [("hostapd", "ap-one")]


STAMPS = {
    "2025-06-23T10:00:00": "2025-06-23T08:00:00",
    "2025-01-23 10:00:00.25": "2025-01-23T09:00:00.250000",
    "2025-06-23T10:00:00Z": "2025-06-23T10:00:00",
    "2025-06-23T10:00:00.123456789+02:00": "2025-06-23T08:00:00.123456",
    "2025-06-23T10:00:00-0500": "2025-06-23T15:00:00",
    "1750636800.5": "2025-06-23T00:00:00.500000",
    "Mon Jun 23 10:00:00 2025": "2025-06-23T08:00:00",
}


def test_naive_stamps_are_of_the_configured_zone(tmp_path: Path, read: Read) -> None:
    """Summer and winter; a stamp that carries its zone keeps it."""
    rows = [row(number, timestamp=stamp) for number, stamp in enumerate(STAMPS, 1)]
    path = write_export(tmp_path / "e.json", rows)
    log = read(path, timezone="Europe/Berlin", clock_reset="keep")
    assert times(log) == list(STAMPS.values())


def test_labels_come_from_the_field_that_is_named(tmp_path: Path, read: Read) -> None:
    """Booleans, numbers and words; what is neither is counted, not guessed."""
    given = [True, False, 1, 0, "anomaly", "normal", None, "perhaps"]
    rows = [row(number, **{"is anomaly/x": value}) for number, value in enumerate(given, 1)]
    log = read(write_export(tmp_path / "e.json", rows), labels="is anomaly/x")
    assert values(log, "label") == [True, False, True, False, True, False, None, None]
    assert {w["code"]: w["count"] for w in log.account["warnings"]}["label_unreadable"] == 1


def test_bad_lines_of_ndjson_are_refused_one_by_one(tmp_path: Path, read: Read, refused) -> None:
    """The lines around them are read; NaN is not JSON."""
    lines = [json.dumps(row(1)), "{broken", "", '{"message": NaN}', json.dumps(row(2))]
    path = tmp_path / "e.jsonl"
    path.write_text("\n".join(lines))
    log = read(path, max_invalid_ratio=0.5)
    assert values(log, "record") == [1, 5]
    assert [(entry["record"], entry["code"]) for entry in refused()] == [
        (2, "not_json"),
        (4, "not_json"),
    ]


def test_validation_returns_the_report_of_an_unfit_export(
    tmp_path: Path, engine, quarantine: Path
) -> None:
    """Where reading raises, validating answers; the form is the design's."""
    path = write_export(tmp_path / "e.json", [row(1), row(2, message=1)])
    report = FileSource(path=str(path)).validate(engine, quarantine=quarantine)
    told = json.loads(report.to_json())
    assert told["is_valid"] is False
    assert told["errors"][0]["code"] == "too_many_invalid"
    assert told["errors"][0]["examples"] == [f"{path}:2"]
    assert told["stats"]["log_count"] == 2
    assert told["stats"]["valid_logs"] == told["stats"]["wifi_logs"] == 1


def test_validation_reports_what_cannot_be_read_at_all(engine, quarantine: Path) -> None:
    """A missing file is an error in the report."""
    report = FileSource(path="/no/such/file").validate(engine, quarantine=quarantine)
    assert [error.code for error in report.errors] == ["unreadable"]
    assert not report.is_valid


def test_no_wifi_rows_end_the_run(tmp_path: Path, read: Read) -> None:
    """An export of other programs trains nothing; the programs that count can be configured."""
    path = write_export(tmp_path / "e.json", [row(1, process_name="crond")])
    with pytest.raises(ExportError, match="no line of a WiFi program"):
        read(path)
    assert values(read(path, wifi_programs=["crond"]), "program") == ["crond"]


def test_few_wifi_rows_and_a_short_span_are_warnings(tmp_path: Path, read: Read) -> None:
    """One row in twenty within an hour: the export is read."""
    rows = [
        row(number, process_name="crond" if number > 1 else "hostapd") for number in range(1, 21)
    ]
    log = read(write_export(tmp_path / "e.json", rows))
    codes = {warning["code"] for warning in log.account["warnings"]}
    assert {"low_wifi_ratio", "short_span"} <= codes
    assert log.account["wifi_ratio"] == 0.05


def test_programs_filter_rows(tmp_path: Path, read: Read) -> None:
    """Only the named programs are kept, and arrival counts them."""
    rows = [row(1), row(2, process_name="crond"), row(3)]
    log = read(write_export(tmp_path / "e.json", rows), programs=["hostapd"])
    assert values(log, "record") == [1, 3]
