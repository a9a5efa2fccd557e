"""The real logs beside the checkout: read with a few plain lines here, understood by the room."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.events.reference import understand

TAG = re.compile(r"\b(hostapd|wpa_supplicant|wlceventd)\w*(?:\[\d+\])?(?:\(\d+\))?: (.*)")
COMPARED = [
    *("interface", "event", "category", "template", "station", "station_is_local", "bssid", "ssid"),
    *("reason_code", "status_code", "signal_dbm", "noise_dbm", "tx_rate_kbps", "frequency_mhz"),
    *("channel", "auth_algorithm", "session"),
]


def wifi_lines(path: Path) -> Iterator[dict[str, str]]:
    """Program and message of every line of a WiFi program."""
    if path.suffix == ".json":
        for row in json.loads(path.read_text(encoding="utf-8"))["data"]:
            yield {"program": row["process_name"], "message": row["message"]}
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    if path.suffix == ".csv":
        lines = [row["raw_message"] for row in csv.DictReader(lines)]
    for line in lines:
        if found := TAG.search(line):
            yield {"program": found[1], "message": found[2]}


@pytest.fixture(scope="module")
def by_file(extract: Callable[..., Any]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Of each file its messages and what became of them; extracted in one go."""
    root = Path(__file__).resolve().parents[2] / "../shared/data"
    if not root.is_dir():
        pytest.skip("the real logs (../shared/data) are not here")
    paths = sorted(path for path in root.glob("*/*") if path.suffix in {".json", ".csv", ".log"})
    lines = [(path.name, line) for path in paths for line in wifi_lines(path)]
    events, _ = extract([line for _, line in lines])
    grouped: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for (name, line), event in zip(lines, events, strict=True):
        grouped.setdefault(name, []).append((line["message"], event))
    return grouped


def _understood_ratio(lines: list[tuple[str, dict[str, Any]]]) -> float:
    return sum(event["event"] != "unknown" for _, event in lines) / len(lines)


def test_over_95_percent_of_every_real_file_is_understood(
    by_file: dict[str, list[tuple[str, dict[str, Any]]]],
) -> None:
    """No dialect among the real files is a foreign language."""
    assert len(by_file) == 9
    assert {
        name: r for name, lines in by_file.items() if (r := _understood_ratio(lines)) < 0.95
    } == {}


def test_the_home_export_is_understood_with_its_33_stations(
    by_file: dict[str, list[tuple[str, dict[str, Any]]]],
) -> None:
    """The three days of one home access point are understood to more than 99 percent."""
    lines = by_file["home_ap_hostapd_3days.json"]
    assert len(lines) == 1824
    assert _understood_ratio(lines) > 0.99
    assert len({event["station"] for _, event in lines}) == 33


def test_the_engine_and_the_plain_reference_agree_on_every_real_line(
    by_file: dict[str, list[tuple[str, dict[str, Any]]]],
) -> None:
    """Nested cases and a try-every-row loop read the tables alike, in every column."""
    known: dict[str, Any] = {}
    for lines in by_file.values():
        for message, event in lines:
            if message not in known:
                known[message] = understand(message)
            wanted = {name: known[message][name] for name in COMPARED}
            assert {name: event[name] for name in COMPARED} == wanted, message


def test_the_refused_stations_of_the_hotspot_are_refusals(
    by_file: dict[str, list[tuple[str, dict[str, Any]]]],
) -> None:
    """The incident of that file is a driver that refuses stations beyond its limit."""
    lines = by_file["raspberry_hotspot_4days.log"]
    assert sum(event["event"] == "sta_refused" for _, event in lines) == 755
