"""Exports on disk: every shape reads back as the lines it was made from, whole or not at all."""

import csv
import errno
import gzip
import hashlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from wifitrain.errors import ConfigError, SimulationError
from wifitrain.simulation import SHAPES, SimulateRun, Simulator, write_export
from wifitrain.simulation import writing as writing_module

FIELDS = [
    "id",
    "device_id",
    "device_ip",
    "timestamp",
    "log_level",
    "process_name",
    "message",
    "raw_message",
    "structured_data",
    "pushed_to_ai",
    "pushed_at",
    "push_attempts",
    "last_push_error",
]
PLAN = (
    {"kind": "wrong_psk", "access_point": "client-03", "hour": 20, "duration_s": 600},
    {"kind": "clock_reset", "access_point": "ap-01", "hour": 30, "duration_s": 60},
)


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    """A day and a half with quotation marks in its lines and a clock that was reset."""
    return Simulator(days=1.5, access_points=3, incidents=PLAN)


@pytest.fixture(scope="module")
def lines(simulator: Simulator) -> list[dict]:
    """What the simulator says, line by line."""
    return pa.concat_tables(list(simulator.lines())).to_pylist()


def stamp(line: dict) -> str:
    """The time as the exporter writes it: no zone, a fraction only where there is one."""
    return line["time"].isoformat()


@pytest.mark.parametrize("indent", [False, True])
def test_e1_has_thirteen_fields_newest_first_by_id(
    simulator: Simulator, lines: list[dict], tmp_path: Path, indent: bool
) -> None:
    """One object, its count true, the id the order of arrival, every line there."""
    path = tmp_path / "site.json"
    count = write_export(simulator, path, "E1", indent=indent)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert list(document) == ["export_metadata", "data"]
    assert document["export_metadata"] == {
        "created_at": "2026-03-03T12:00:00",
        "total_records": count,
        "format": "json",
    }
    rows = document["data"]
    assert all(list(row) == FIELDS for row in rows)
    ids = [row["id"] for row in rows]
    assert ids == list(range(ids[0], ids[0] - count, -1))
    oldest_first = rows[::-1]
    assert [row["message"] for row in oldest_first] == [line["message"] for line in lines]
    assert [row["timestamp"] for row in oldest_first] == [stamp(line) for line in lines]
    assert [row["device_ip"] for row in oldest_first] == [line["host"] for line in lines]
    assert {row["device_ip"]: row["device_id"] for row in rows} == {
        "ap-01": 1,
        "ap-02": 2,
        "client-03": 3,
    }


def test_e1_rows_carry_what_the_service_adds(simulator: Simulator, tmp_path: Path) -> None:
    """structured_data is JSON in a text; raw_message is the syslog line with its line end."""
    path = tmp_path / "site.json"
    write_export(simulator, path)
    rows = json.loads(path.read_text(encoding="utf-8"))["data"]
    client = next(row for row in rows if 'ssid="simulated-net"' in row["message"])
    assert json.loads(client["structured_data"]) == {
        "priority": 29,
        "facility": 3,
        "severity_code": 5,
        "pid": 716,
    }
    assert client["raw_message"].startswith("<29>Mar  2 20:")
    assert client["raw_message"].endswith(f" client-03 wpa_supplicant[716]: {client['message']}\n")
    assert (client["pushed_to_ai"], client["push_attempts"]) == (False, 0)
    assert client["pushed_at"] is client["last_push_error"] is None
    kernel = next(row for row in rows if row["process_name"] == "kernel")
    assert json.loads(kernel["structured_data"])["priority"] == 4


def test_indented_e1_is_laid_out_as_the_service_does(simulator: Simulator, tmp_path: Path) -> None:
    """Two blanks a level, one field a line: the layout of Python's own encoder."""
    path = tmp_path / "site.json"
    write_export(simulator, path, indent=True)
    text = path.read_text(encoding="utf-8")
    assert text.rstrip("\n") == json.dumps(json.loads(text), indent=2)


def test_a_reset_clock_is_early_by_time_and_in_place_by_id(
    simulator: Simulator, tmp_path: Path
) -> None:
    """Rows dated seven weeks early lie in the middle of the export."""
    path = tmp_path / "site.json"
    write_export(simulator, path)
    rows = json.loads(path.read_text(encoding="utf-8"))["data"][::-1]
    early = [n for n, row in enumerate(rows) if row["timestamp"] < "2026-02"]
    assert early
    assert rows[early[0] - 1]["timestamp"] >= "2026-03-03T05"
    assert rows[early[-1] + 1]["timestamp"] >= "2026-03-03T06"


def test_e2_has_metadata_and_logs(simulator: Simulator, lines: list[dict], tmp_path: Path) -> None:
    """The design's shape: entries with timestamp, message and process_name."""
    path = tmp_path / "site.json.gz"
    count = write_export(simulator, path, "E2")
    document = json.loads(gzip.decompress(path.read_bytes()))
    assert list(document) == ["metadata", "logs"]
    assert document["metadata"]["total_records"] == count == len(document["logs"])
    assert [entry["message"] for entry in document["logs"]] == [one["message"] for one in lines]
    assert {"timestamp", "message", "process_name"} <= set(document["logs"][0])


@pytest.mark.parametrize("pri", [True, False])
def test_e9_is_syslog_text(
    simulator: Simulator, lines: list[dict], tmp_path: Path, pri: bool
) -> None:
    """[<PRI>]Mon dd HH:MM:SS host program[pid]: message, oldest first."""
    path = tmp_path / "site.log.zst"
    write_export(simulator, path, "E9", pri=pri)
    text = zstandard.ZstdDecompressor().stream_reader(path.read_bytes()).read().decode()
    written = text.splitlines()
    assert len(written) == len(lines)
    severities = {"emergency": 0, "warning": 4, "notice": 5, "info": 6, "debug": 7}
    for got, line in zip(written, lines, strict=True):
        time = line["time"]
        when = f"{time:%b} {time.day:2d} {time:%H:%M:%S}"
        pid = f"[{line['pid']}]" if line["pid"] is not None else ""
        priority = f"<{8 * line['facility'] + severities[line['level']]}>" if pri else ""
        head = f"{priority}{when} {line['host']} {line['program']}{pid}: "
        assert got == head + line["message"]
        assert len(got.encode()) < 1024


def test_e10_is_one_row_a_line(simulator: Simulator, lines: list[dict], tmp_path: Path) -> None:
    """NDJSON holds the thirteen fields, oldest first."""
    path = tmp_path / "site.ndjson"
    write_export(simulator, path, "E10")
    rows = [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]
    assert all(list(row) == FIELDS for row in rows)
    assert [row["message"] for row in rows] == [line["message"] for line in lines]
    assert [row["id"] for row in rows] == list(range(rows[0]["id"], rows[0]["id"] + len(lines)))


def test_e10_as_parquet_is_typed(simulator: Simulator, lines: list[dict], tmp_path: Path) -> None:
    """The same rows with times as timestamps."""
    path = tmp_path / "site.parquet"
    assert write_export(simulator, path, "E10") == len(lines)
    table = pq.read_table(path)
    assert table.column_names == FIELDS
    assert table["timestamp"].to_pylist() == [line["time"] for line in lines]


@pytest.mark.parametrize("name", ["site.json", "site.json.gz", "site.json.zst", "site.parquet"])
def test_writing_twice_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    """No clock, no name and no order of a dictionary reaches the file."""
    digests = set()
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / name
        write_export(Simulator(days=1, incidents=PLAN[:1]), path, "E10" if "parq" in name else "E1")
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1


def test_a_compressed_export_does_not_tell_when_it_was_made(tmp_path: Path) -> None:
    """The time of writing, bytes 4 to 7 of a gzip file (RFC 1952), is left out."""
    path = tmp_path / "site.json.gz"
    write_export(Simulator(days=0.1, access_points=1), path)
    assert path.read_bytes()[4:8] == bytes(4)


@pytest.mark.parametrize("shape", SHAPES)
def test_an_export_without_lines_is_still_well_formed(tmp_path: Path, shape: str) -> None:
    """A silent quarter of an hour is an empty export, not a broken one."""
    silent = {"kind": "access_point_silent", "access_point": 1, "hour": 0, "duration_s": 1000}
    simulator = Simulator(days=0.0115, access_points=1, incidents=[silent | {"duration_s": 993}])
    path = tmp_path / "site.json"
    assert write_export(simulator, path, shape) == 0
    text = path.read_text(encoding="utf-8")
    if shape in {"E1", "E2"}:
        assert list(json.loads(text).values())[1] == []
    else:
        assert text.strip() == ""


def test_labels_lie_beside_the_export(simulator: Simulator, tmp_path: Path) -> None:
    """Intervals with start, end, access point and kind under the export's own name."""
    write_export(simulator, tmp_path / "site.json.gz")
    text = (tmp_path / "site.labels.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["kind"] for row in rows] == ["wrong_psk", "clock_reset"]
    assert [row["access_point"] for row in rows] == ["client-03", "ap-01"]
    assert rows[0]["start"] == "2026-03-02T20:00:00.000000"
    assert all(row["start"] < row["end"] for row in rows)


def test_a_simulation_without_incidents_has_an_empty_label_file(tmp_path: Path) -> None:
    """Nothing happened is a statement too."""
    write_export(Simulator(days=0.5, access_points=1), tmp_path / "a.log", "E9")
    assert (tmp_path / "a.labels.csv").read_text() == "start,end,access_point,kind\n"


def test_a_failed_writing_leaves_what_was_there(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle: the old export is untouched and nothing half-written stays."""
    path = tmp_path / "site.log"
    path.write_text("before")

    def full(draft: object, shape: str) -> list[str]:  # noqa: ARG001
        yield "some lines\n"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing_module, "texts_of", full)
    with pytest.raises(SimulationError, match=r"cannot write .*site\.log: No space left on device"):
        write_export(simulator, path, "E9")
    assert path.read_text() == "before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["site.log"]


def test_a_missing_folder_is_one_line(simulator: Simulator, tmp_path: Path) -> None:
    """The error names the file that could not be written."""
    with pytest.raises(SimulationError, match=r"cannot write .*a\.json: No such file"):
        write_export(simulator, tmp_path / "nowhere" / "a.json")


def test_the_run_says_what_it_wrote(tmp_path: Path) -> None:
    """The summary has the count, the places and the size."""
    path, labels = tmp_path / "site.json", tmp_path / "marks.csv"
    simulator = Simulator(days=1.5, incidents=PLAN)
    run = SimulateRun(simulation=simulator, path=str(path), labels_path=str(labels))
    summary = run.run()
    assert summary["status"] == "ok"
    assert summary["rows"] == len(json.loads(path.read_text(encoding="utf-8"))["data"])
    assert summary["bytes"] == path.stat().st_size
    assert summary["incidents"] == 2
    assert labels.read_text().count("\n") == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": "E3"}, "shape must be one of E1, E2, E9, E10, got 'E3'"),
        ({"path": ""}, "path must name the export to write, got ''"),
        ({"path": "a.parquet"}, r"path a\.parquet must not end so: Parquet is shape E10"),
        ({"path": "a.parquet.gz", "shape": "E10"}, r"path a\.parquet\.gz must not end so"),
        ({"indent": 2}, "indent must be true or false, got 2"),
        ({"pri": None}, "pri must be true or false, got None"),
        ({"labels_path": 3}, "labels_path must be text or null, got 3"),
        ({"simulation": {}}, r"simulation must be a simulator, got \{\}"),
    ],
)
def test_an_unusable_option_of_the_run_is_refused(options: dict, message: str) -> None:
    """Refused while the run is built, before a line is made."""
    given = {"simulation": Simulator(), "path": "a.json"} | options
    with pytest.raises(ConfigError, match=message):
        SimulateRun(**given)
