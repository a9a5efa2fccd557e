"""The cheap pass over usual rows gives what the careful one gives, and leaves odd rows to it."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.export.conftest import Read, row, values, without, write_export
from wifitrain.pseudonyms import KEY_VARIABLE

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
    {"message": "\u00a0 "},
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
    assert len(expected_refused) == 13
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


@pytest.mark.parametrize("shape", ["json", "ndjson"])
def test_a_few_odd_records_among_thousands_keep_their_numbers(
    shape: str, read: Read, refused: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Pieces with an odd record go on one by one, the others at once; nothing is lost between."""
    odd = {700: {"message": 5}, 701: {"log_level": None}, 1999: {"timestamp": "then"}}
    rows = [row(number, **odd.get(number, {})) for number in range(1, 2001)]
    path = tmp_path / f"export.{shape}"
    if shape == "json":
        write_export(path, rows)
    else:
        path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    kept = read(path)
    assert values(kept, "record") == [n for n in range(1, 2001) if n not in {700, 1999}]
    assert [(one["record"], one["code"]) for one in refused()] == [
        (700, "message_not_text"),
        (1999, "timestamp_unreadable"),
    ]


def test_a_key_twice_is_found_in_a_large_array(
    read: Read, refused: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Also where the record is usual in all else, and the key one that nothing is read from."""
    texts = [json.dumps(row(number)) for number in range(1, 1001)]
    for at, key in ((10, "message"), (500, "raw_message"), (900, "structured_data")):
        texts[at] = texts[at][:-1] + f', "{key}": "again"}}'
    texts[950] = texts[950][:-1] + ', "pushed_at": "again"}'
    path = tmp_path / "export.json"
    path.write_text('{"data": [' + ", ".join(texts) + "]}")
    assert len(values(read(path), "record")) == 997
    assert [(one["record"], one["code"]) for one in refused()] == [
        (11, "duplicate_keys"),
        (501, "duplicate_keys"),
        (901, "duplicate_keys"),
    ]


def test_ids_and_ranks_tell_the_same_order(read: Read, tmp_path: Path) -> None:
    """One id that two devices share turns places that are ids into ranks: the order stays."""
    rows = [row(number) for number in range(1, 400)]
    shuffled = random.Random(3).sample(rows, len(rows))
    places = values(read(write_export(tmp_path / "a.json", shuffled)), "message")
    shared = row(200, device_id=9, device_ip="ap-nine", message="eth5: shared")
    ranks = values(read(write_export(tmp_path / "b.json", [*shuffled, shared])), "message")
    assert ranks.count("eth5: shared") == 1
    assert [message for message in ranks if message != "eth5: shared"] == places


def test_halves_of_records_do_not_end_each_other(
    read: Read, refused: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Two lines that together make a record, and one that holds two: as many records as lines."""
    usual = [json.dumps(row(number)) for number in range(1, 12)]
    halves = json.dumps(row(20)).split(", ", 3)
    first, second = ", ".join(halves[:3]), halves[3]
    lines = [*usual[:4], first, second, f"{usual[4]},{usual[5]}", *usual[6:]]
    path = tmp_path / "export.ndjson"
    path.write_text("".join(line + "\n" for line in lines))
    assert values(read(path, max_invalid_ratio=1), "record") == [1, 2, 3, 4, 8, 9, 10, 11, 12]
    assert [(one["record"], one["code"]) for one in refused()] == [
        (5, "not_json"),
        (6, "not_json"),
        (7, "not_json"),
    ]


def test_a_message_broken_over_two_lines_is_refused_twice(
    read: Read, refused: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """A bare line break in a text: no record is made of the halves, and numbers stay."""
    first, second = json.dumps(row(3, message="one two")).split(" two")
    lines = [json.dumps(row(1)), json.dumps(row(2)), first, f" two{second}", json.dumps(row(4))]
    path = tmp_path / "export.ndjson"
    path.write_text("".join(line + "\n" for line in lines))
    assert values(read(path, max_invalid_ratio=1), "record") == [1, 2, 5]
    assert [(one["record"], one["code"]) for one in refused()] == [(3, "not_json"), (4, "not_json")]


@pytest.mark.parametrize("shape", ["json", "csv", "log"])
def test_stamps_with_a_zone_do_not_depend_on_the_machine(shape: str, tmp_path: Path) -> None:
    """Typed on a connection of its own, on a machine in another zone."""
    stamps = ["2025-06-23T10:00:00Z", "2025-06-23T10:00:00+02:00", "2025-06-23 10:00:00"]
    path = tmp_path / f"export.{shape}"
    if shape == "json":
        write_export(path, [row(n, timestamp=stamp) for n, stamp in enumerate(stamps, 1)])
    elif shape == "csv":
        lines = [f"1,{stamp},hostapd: a,info,ap,hostapd" for stamp in stamps]
        head = "device_id,timestamp,message,log_level,device_ip,process_name"
        path.write_text("\n".join([head, *lines]) + "\n")
    else:
        path.write_text("".join(f"{stamp} ap hostapd: wlan0: a\n" for stamp in stamps))
    code = (
        "import sys; from pathlib import Path; from wifitrain.engine import Engine;"
        "from wifitrain.export import FileSource\n"
        "with Engine() as engine:\n"
        "    log = FileSource(path=sys.argv[1], timezone='Asia/Tokyo').read(engine,"
        " quarantine=Path(sys.argv[2]))\n"
        "    print(sorted(str(time) for time in log.table.time.to_pyarrow().to_pylist()))"
    )
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(path), str(tmp_path / "q")],
        env={**os.environ, "TZ": "America/New_York", KEY_VARIABLE: "k" * 32},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ast.literal_eval(told.stdout) == [
        "2025-06-23 01:00:00",
        "2025-06-23 08:00:00",
        "2025-06-23 10:00:00",
    ]
