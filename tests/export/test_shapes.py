"""Every shape of export gives the same table."""

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
import zstandard
from pyarrow import parquet

from tests.export.conftest import Read, row, times, values, without, write_export
from wifitrain.errors import ExportError
from wifitrain.records import LOG_COLUMNS

ROWS = [row(number) for number in (3, 2, 1)]  # newest first, as exports are
MESSAGES = [row(number)["message"] for number in (1, 2, 3)]


def _csv(rows: list[dict], columns: list[str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _zip(path: Path, members: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def _plain(text: str, name: str):
    def write(folder: Path) -> Path:
        (folder / name).write_text(text)
        return folder / name

    return write


def _design_rows() -> list[dict]:
    keys = ("timestamp", "message", "process_name")
    return [{key: made[key] for key in keys} for made in ROWS]


def _documented_rows() -> list[dict]:
    return [
        {"timestamp": made["timestamp"] + "Z", "message": made["message"], "level": "INFO",
         "source": "hostapd", "metadata": {"note": "} ] {"}}
        for made in ROWS
    ]  # fmt: skip


def _batches(folder: Path) -> Path:
    for number, made in enumerate([row(n) for n in range(1, 12)], 1):
        text = json.dumps([without(made, "id")])
        (folder / f"batch_{number}.json").write_text(text)
    (folder / "metadata.json").write_text('{"export_id": "x"}')
    return folder


def _line(made: dict) -> str:
    return made["raw_message"].replace("00:00:07", f"00:0{made['id']}:07")


WRITERS = {
    "E1": lambda folder: write_export(folder / "e.json", ROWS),
    "E1 compact": _plain(json.dumps({"export_metadata": {}, "data": ROWS}), "e.json"),
    "E2": lambda folder: write_export(folder / "e.json", _design_rows(), key="logs"),
    "E4": lambda folder: _zip(
        folder / "e.zip", {"data.csv": "a,b", "data.json": json.dumps({"data": ROWS})}
    ),
    "E5": _plain(_csv(ROWS, sorted(ROWS[0])), "e.csv"),
    "E6": _plain(_csv(ROWS, ["device_id", "message", "raw_message", "timestamp"]), "e.csv"),
    "E8": _plain(json.dumps({"metadata": {"data": "no"}, "data": _documented_rows()}), "e.json"),
    "E9": _plain("".join(_line(made) for made in ROWS), "e.log"),
    "E10": _plain("".join(json.dumps(made) + "\n" for made in ROWS), "e.ndjson"),
    "array": _plain(json.dumps(ROWS, indent=1), "e.json"),
}  # fmt: skip


@pytest.mark.parametrize("shape", WRITERS)
def test_every_shape_gives_the_same_lines_in_order_of_arrival(
    shape: str, tmp_path: Path, read: Read
) -> None:
    """Whatever the shape, the oldest line comes first with its program, and time in UTC."""
    log = read(WRITERS[shape](tmp_path), year=2025)
    assert values(log, "message") == MESSAGES
    assert values(log, "program") == ["hostapd"] * 3
    assert times(log) == [f"2025-06-23T00:0{minute}:07" for minute in (1, 2, 3)]
    assert len(set(values(log, "arrival"))) == 3


@pytest.mark.parametrize("shape", ["E1", "E6", "E9"])
def test_compressed_exports_read_like_plain_ones(shape: str, tmp_path: Path, read: Read) -> None:
    """Gzip and zstd change the digest and nothing else."""
    plain = WRITERS[shape](tmp_path)
    packed = tmp_path / f"{plain.name}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    framed = tmp_path / f"{plain.name}.zst"
    half = len(plain.read_bytes()) // 2
    framed.write_bytes(
        zstandard.compress(plain.read_bytes()[:half])
        + zstandard.compress(plain.read_bytes()[half:])
    )
    for path in (packed, framed):
        assert values(read(path, year=2025), "message") == MESSAGES
    assert len({read(path, year=2025).digest for path in (plain, packed, framed)}) == 3


def test_the_table_has_the_canonical_columns(tmp_path: Path, read: Read) -> None:
    """Names, types and order are those of `LOG_COLUMNS`."""
    schema = read(WRITERS["E1"](tmp_path)).table.schema()
    assert {name: str(kind) for name, kind in schema.items()} == dict(LOG_COLUMNS)


def test_parquet_of_a_data_tool_is_read(tmp_path: Path, read: Read) -> None:
    """Typed columns are cast, dictionaries decoded, nested ones passed over."""
    table = pa.table(
        {
            "id": [2, 1],
            "timestamp": pa.array([2_000_000, 1_000_000], pa.timestamp("us")),
            "message": pa.array(["b", "a"]).dictionary_encode(),
            "process_name": ["hostapd", "hostapd"],
            "structured_data": [{"priority": 30}, {"priority": 30}],
        }
    )
    parquet.write_table(table, tmp_path / "e.parquet")
    assert values(read(tmp_path / "e.parquet"), "message") == ["a", "b"]
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.write(tmp_path / "e.parquet", "rows.parquet")
    assert values(read(tmp_path / "e.zip"), "message") == ["a", "b"]


def test_parquet_with_numbers_as_messages_is_refused(tmp_path: Path, read: Read) -> None:
    """A message column of numbers is named, not turned into text."""
    parquet.write_table(pa.table({"timestamp": ["x"], "message": [1]}), tmp_path / "e.parquet")
    with pytest.raises(ExportError, match="column message is int64, expected text"):
        read(tmp_path / "e.parquet")


def test_batches_come_in_the_order_of_their_numbers(tmp_path: Path, read: Read) -> None:
    """Batch 10 follows batch 9, not batch 1, and metadata.json is no data."""
    log = read(_batches(tmp_path))
    assert values(log, "message") == [row(number)["message"] for number in range(1, 12)]
    assert len(log.account["files"]) == 11


def test_csv_values_with_line_breaks_stay_whole_and_short_rows_are_refused(
    tmp_path: Path, read: Read, refused
) -> None:
    """A quoted line break belongs to the value; a row with too few fields has its own number."""
    text = (
        "device_id,message,process_name,timestamp\n"
        '1,"one\ntwo",hostapd,2025-06-09 08:03:57.955044\n'
        "1,short\n"
        "1,three,hostapd,2025-06-09 08:03:58\n"
    )
    log = read(_plain(text, "e.csv")(tmp_path), max_invalid_ratio=0.5)
    assert values(log, "record", "message") == [(1, "one\ntwo"), (3, "three")]
    assert [(one["record"], one["code"]) for one in refused()] == [(2, "wrong_number_of_fields")]


def test_a_glob_and_a_list_name_each_file_once(tmp_path: Path, read: Read) -> None:
    """Files named twice are read once."""
    for number in (1, 2):
        write_export(tmp_path / f"part{number}.json", [row(number)])
    pattern = str(tmp_path / "part*.json")
    assert len(values(read([pattern, str(tmp_path / "part1.json")]), "record")) == 2


def test_rotated_logs_are_read_oldest_first(tmp_path: Path, read: Read) -> None:
    """messages.2 precedes messages.1 precedes messages, across a New Year."""
    for name, stamp in (
        ("messages", "Jan  1 00:10:00"),
        ("messages.1", "Dec 31 23:50:00"),
        ("messages.2", "Dec 30 12:00:00"),
    ):
        (tmp_path / name).write_text(f"{stamp} ap hostapd: wlan0: STA 02:00:00:00:00:01 {name}\n")
    log = read(tmp_path, year=2024)
    assert times(log) == ["2024-12-30T12:00:00", "2024-12-31T23:50:00", "2025-01-01T00:10:00"]


def test_the_shape_can_be_told(tmp_path: Path, read: Read) -> None:
    """`shape` goes before what the file looks like."""
    path = _plain(json.dumps(row(1)) + "\n", "rows.json")(tmp_path)
    assert len(values(read(path, shape="ndjson"), "record")) == 1
