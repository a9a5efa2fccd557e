"""The cheap pass over usual rows gives what the careful one gives, and leaves odd rows to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.export.conftest import Read, row, values, without, write_export

COLUMNS = ("record", "access_point", "time", "level", "program", "interface_hint", "message")
ODD: list[dict[str, Any]] = [
    {"log_level": None},
    {"log_level": "loud"},
    {"log_level": 7},
    {"log_level": " Warning "},
    {"process_name": None},
    {"process_name": ""},
    {"process_name": "/usr/sbin/hostapd[12]"},
    {"process_name": "hostapd: wlan0"},
    {"process_name": 5},
    {"device_ip": ""},
    {"device_ip": None},
    {"timestamp": "2025-06-23T01:02:03.123456"},
    {"timestamp": "2025-06-23 01:02:03,5"},
    {"timestamp": "2025-06-23T01:02:03Z"},
    {"timestamp": " 2025-06-23T01:02:03 "},
    {"timestamp": "2025-02-31T01:02:03"},
    {"timestamp": "1066-10-14T09:00:00"},
    {"timestamp": 1750640523},
    {"timestamp": None},
    {"message": 5},
    {"message": None},
    {"message": ""},
    {"message": " \t\n"},
    {"message": "eth5: ends with blanks \t\r\n"},
    {"message": 'quotes " and \\ and é and 日本'},
    {"message": "é" * 5000},
    {"message": "x" * 5000},
    {"raw_message": 3},
    {"raw_message": None},
    {"structured_data": {"message": "inside", "timestamp": "inside"}},
    {"extra": 1},
]


def test_the_cheap_pass_and_the_careful_one_agree(
    read: Read, refused: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Every odd row on its own among usual ones: same rows, same refusals with same reasons."""
    rows = [row(2 * number, **changes) for number, changes in enumerate(ODD, 1)]
    rows += [row(2 * number + 1) for number in range(len(ODD))]
    rows += [without(row(999), "log_level"), without(row(1001), "process_name", "raw_message")]
    path = write_export(tmp_path / "export.json", rows)
    quick = read(path, max_invalid_ratio=1)
    expected, expected_refused = values(quick, *COLUMNS), refused()
    careful = read(path, max_invalid_ratio=1, labels="a field that no row has")
    assert values(careful, *COLUMNS) == expected
    assert refused() == expected_refused
    assert len(expected_refused) == 12
    assert {**quick.account, "files": 0} == {**careful.account, "files": 0}


def test_columns_go_both_ways_too(read: Read, tmp_path: Path) -> None:
    """A CSV whose rows need the raw line, beside the same rows as JSON."""
    rows = [row(number, log_level=None if number % 3 else "info") for number in range(1, 40)]
    header = list(rows[0])
    lines = [
        ",".join('"' + str(one[key] or "").replace('"', '""') + '"' for key in header)
        for one in rows
    ]
    table = tmp_path / "export.csv"
    table.write_text("\n".join([",".join(header), *lines]) + "\n")
    whole = tmp_path / "export.ndjson"
    whole.write_text("".join(json.dumps(one) + "\n" for one in rows))
    assert values(read(table), *COLUMNS) == values(read(whole), *COLUMNS)
