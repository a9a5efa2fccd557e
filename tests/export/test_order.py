"""Arrival, exact repeats, duplicates and limits."""

from pathlib import Path

import pytest

from tests.export.conftest import Read, row, values, without, write_export
from wifitrain.engine import Engine
from wifitrain.export import FileSource

AT = "2025-06-23T00:00:07"


def test_id_is_the_order_of_arrival_within_one_second(tmp_path: Path, read: Read) -> None:
    """Ties in time are in no order in the file; the id knows."""
    rows = [row(number, timestamp=AT) for number in (3, 9, 1, 7)]
    assert values(read(write_export(tmp_path / "e.json", rows)), "record") == [3, 1, 4, 2]


def test_ids_are_compared_as_numbers(tmp_path: Path, read: Read) -> None:
    """10 follows 9, also where ids are texts."""
    rows = [row(number, id=str(number), timestamp=AT) for number in (10, 9)]
    assert values(read(write_export(tmp_path / "e.json", rows)), "record") == [2, 1]


def test_without_ids_the_file_s_order_counts(tmp_path: Path, read: Read) -> None:
    """Turned round where time runs down, ties included."""
    rows = [without(row(number, timestamp=at), "id") for number, at in ((3, AT), (2, AT), (1, AT))]
    rows.append(without(row(4, timestamp="2025-06-23T00:00:01"), "id"))
    assert values(read(write_export(tmp_path / "e.json", rows)), "record") == [4, 3, 2, 1]


def test_ids_order_rows_over_all_files(tmp_path: Path, read: Read) -> None:
    """Parts of one export interleave."""
    first = write_export(tmp_path / "a.json", [row(1, timestamp=AT), row(3, timestamp=AT)])
    second = write_export(tmp_path / "b.json", [row(2, timestamp=AT)])
    log = read([str(second), str(first)])
    assert values(log, "source_file", "record") == [
        (str(first), 1),
        (str(second), 1),
        (str(first), 2),
    ]


def test_exact_repeats_are_kept_and_counted(tmp_path: Path, read: Read) -> None:
    """Access points do say things twice in one second."""
    rows = [row(number, timestamp=AT, message="eth5: x") for number in (1, 2, 3)] + [row(4)]
    log = read(write_export(tmp_path / "e.json", rows))
    assert len(values(log, "record")) == 4
    assert log.account["exact_repeats"] == 2


def test_an_equal_row_under_the_same_id_is_removed(tmp_path: Path, read: Read) -> None:
    """Two exports overlap: each row counts once."""
    first = write_export(tmp_path / "a.json", [row(1), row(2)])
    second = write_export(tmp_path / "b.json", [row(2), row(3)])
    log = read([str(first), str(second)])
    assert values(log, "message") == [row(number)["message"] for number in (1, 2, 3)]
    assert log.account["duplicates_removed"] == 1
    assert log.account["exact_repeats"] == 0
    assert log.account["rows"] == log.account["valid"] == 4


def test_another_row_under_the_same_id_is_refused(tmp_path: Path, read: Read, refused) -> None:
    """Nobody knows which of the two has the id; the first stays."""
    rows = [row(1), row(2), row(2, message="eth5: other")]
    log = read(write_export(tmp_path / "e.json", rows), max_invalid_ratio=0.5)
    assert values(log, "record") == [1, 2]
    assert [(entry["record"], entry["code"]) for entry in refused()] == [(3, "id_conflict")]


def test_ids_of_two_devices_do_not_meet(tmp_path: Path, read: Read) -> None:
    """Ids are compared within one device."""
    rows = [row(1), row(1, device_id=4, message="eth5: other")]
    log = read(write_export(tmp_path / "e.json", rows))
    assert len(values(log, "record")) == 2


def test_max_records_keeps_the_latest_with_a_warning(tmp_path: Path, read: Read) -> None:
    """Those that arrived last; the others are counted."""
    log = read(
        write_export(tmp_path / "e.json", [row(number) for number in range(1, 11)]), max_records=3
    )
    assert values(log, "record") == [8, 9, 10]
    assert {w["code"]: w["count"] for w in log.account["warnings"]}["left_out"] == 7


@pytest.mark.parametrize("threads", [1, 2])
def test_the_table_does_not_depend_on_threads(threads: int, tmp_path: Path) -> None:
    """Thousands of rows with ties come in the same order from one thread and two."""
    rows = [without(row(number % 500, timestamp=AT), "id") for number in range(3000)]
    path = write_export(tmp_path / "e.json", rows)
    with Engine(threads=threads) as engine:
        log = FileSource(path=str(path)).read(engine, quarantine=tmp_path / "q.ndjson")
        assert values(log, "record") == list(range(1, 3001))
