"""A real Spark computes what the embedded engine computes.

One session for the module: starting Java and its first queries are what these tests cost, about
half a minute of the processor each for starting, for all features and for a whole training.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hydra import compose, initialize_config_dir

from tests.conftest import SHARED_DATA
from tests.export.conftest import row
from wifitrain.assembly import build, config_dir, plain, sample_export
from wifitrain.engine import Engine
from wifitrain.errors import ExportError
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource
from wifitrain.features import WindowFeatures
from wifitrain.features.catalogue import catalogue
from wifitrain.pipeline.context import RunContext
from wifitrain.pseudonyms import KEY_VARIABLE
from wifitrain.records import EventTable, LogTable, WindowTable
from wifitrain.spark import SparkEngine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("pyspark") is None, reason="the extra spark is not installed"),
    pytest.mark.skipif(
        "JAVA_HOME" not in os.environ and shutil.which("java") is None,
        reason="Spark needs Java 17: no java in PATH",
    ),
]

#: Small data: Java's first compiler alone, and few partitions.
OPTIONS = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.shuffle.partitions": 2,
    "spark.ui.enabled": False,
}


@dataclass(frozen=True, kw_only=True)
class Read:
    """An export on one engine."""

    logs: LogTable
    lines: pa.Table
    quarantine: str | None


@pytest.fixture(scope="module", autouse=True)
def key() -> Iterator[None]:
    """Pseudonyms of both engines are made with one key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, "a key that only the tests know")
        yield


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkEngine]:
    """The engine whose session all tests share."""
    with SparkEngine(master="local[2]", options=OPTIONS) as engine:
        yield engine


@pytest.fixture(scope="module")
def embedded() -> Iterator[Engine]:
    """The engine to compare with."""
    with Engine() as engine:
        yield engine


def _read(engine: Engine, source: FileSource, folder: Path) -> Read:
    quarantine = folder / f"{type(engine).__name__}.ndjson"
    logs = source.read(engine, quarantine=quarantine)
    refused = quarantine.read_text() if quarantine.exists() else None
    return Read(logs=logs, lines=_rows(logs.table), quarantine=refused)


def _rows(table: Any) -> pa.Table:
    return table.order_by("arrival").to_pyarrow()


def _events(engine: Engine, logs: LogTable) -> EventTable:
    return EventExtractor().extract(engine, logs)


def _windows(engine: Engine, events: EventTable) -> WindowTable:
    groups: dict[str, list[str]] = {}
    for one in catalogue().values():
        groups.setdefault(one.group, []).append(one.name)
    return WindowFeatures(**groups).build(engine, events)


def _check_same(ours: Read, other: Read) -> None:
    """The log table with its account and the quarantine are the same to the last byte."""
    assert other.logs.account == ours.logs.account
    assert other.logs.digest == ours.logs.digest
    assert other.quarantine == ours.quarantine
    assert other.lines.equals(ours.lines)


def _real_logs() -> list[str]:
    return [str(path) for path in sorted(SHARED_DATA.glob("*s/*"))]


@pytest.mark.parametrize("corpus", ["the sample", "real logs"])
def test_both_engines_give_the_same_windows(
    corpus: str, spark: SparkEngine, embedded: Engine, tmp_path: Path
) -> None:
    """Lines, events, every feature to 1e-9, the index and the kinds."""
    paths = [sample_export()] if corpus == "the sample" else _real_logs()
    if not paths:
        pytest.skip("the real logs (../shared/data) are not here")
    source = FileSource(path=paths, year=2026, max_invalid_ratio=0.5)
    found = []
    for engine in (embedded, spark):
        read = _read(engine, source, tmp_path)
        events = _events(engine, read.logs)
        found.append((read, events, _rows(events.table), _windows(engine, events)))
    (ours, events, rows, windows), (other, its_events, its_rows, its_windows) = found
    _check_same(ours, other)
    assert its_rows.equals(rows)
    assert its_events.account == events.account
    assert its_windows.account == windows.account
    assert its_windows.unavailable == windows.unavailable
    pd.testing.assert_frame_equal(its_windows.index, windows.index)
    pd.testing.assert_frame_equal(its_windows.kinds, windows.kinds)
    pd.testing.assert_frame_equal(its_windows.X, windows.X, rtol=0, atol=1e-9)


def _folder_of_parts(folder: Path) -> Path:
    """NDJSON and Parquet parts with everything that ordering and judging care about."""
    folder.mkdir()
    rows = [row(number) for number in range(1, 241)]
    rows[50] = {**rows[50], "id": 50}  # its id stands on another record
    rows[60] = {**rows[59]}  # a whole record twice
    rows[70] = {**rows[70], "timestamp": "not a time"}
    for number in range(100, 110):  # a reboot, before the network told the time
        rows[number] = {**rows[number], "timestamp": f"2018-01-01T00:00:{number - 90}"}
    texts = [json.dumps(one) for one in rows]
    texts[80] = "{broken"
    (folder / "part_2.ndjson").write_text("\n".join(texts[:90]))
    (folder / "part_1.ndjson").write_text("\n".join(texts[90:200]))
    columns = {name: [str(one[name]) for one in rows[200:]] for name in rows[0] if rows[0][name]}
    pq.write_table(pa.table(columns), folder / "part_3.parquet")
    return folder


@pytest.mark.parametrize("clock_reset", ["repair", "quarantine"])
def test_a_folder_of_parts_is_read_as_one_export(
    clock_reset: str, spark: SparkEngine, embedded: Engine, tmp_path: Path
) -> None:
    """Order across files, conflicts and copies of ids, reset clocks; nothing refused is lost."""
    folder = _folder_of_parts(tmp_path / "export")
    source = FileSource(path=str(folder), clock_reset=clock_reset)
    ours, other = (_read(engine, source, tmp_path) for engine in (embedded, spark))
    _check_same(ours, other)
    assert ours.logs.account["clock_reset_rows"] == 10
    assert ours.logs.account["duplicates_removed"] == 1
    codes = [json.loads(line)["code"] for line in (other.quarantine or "").splitlines()]
    assert {"id_conflict", "timestamp_unreadable"} < set(codes)
    assert ("clock_reset" in codes) == (clock_reset == "quarantine")


def test_lines_without_a_year_are_dated_by_the_whole_series(
    spark: SparkEngine, embedded: Engine, tmp_path: Path
) -> None:
    """A rotated log goes over New Year from one file to the next."""
    folder = tmp_path / "logs"
    folder.mkdir()
    line = "{} ap hostapd: wlan0: STA 02:00:00:00:00:01 IEEE 802.11: associated"
    for name, day in (("messages.1", "Dec 31"), ("messages", "Jan  1")):
        stamps = [f"{day} {hour:02d}:00:00" for hour in range(24)]
        (folder / name).write_text("\n".join(line.format(stamp) for stamp in stamps))
    source = FileSource(path=str(folder), year=2025)
    ours, other = (_read(engine, source, tmp_path) for engine in (embedded, spark))
    _check_same(ours, other)
    assert other.logs.account["last_time"] == "2026-01-01T23:00:00"


def test_a_damaged_file_is_named_in_one_line(spark: SparkEngine, tmp_path: Path) -> None:
    """What a task met reaches the user as the embedded engine would say it."""
    path = tmp_path / "export.json"
    path.write_text('{"data": [{"id": 1')
    with pytest.raises(ExportError, match=r"export\.json: ") as raised:
        FileSource(path=str(path)).read(spark, quarantine=tmp_path / "q.ndjson")
    assert "\n" not in str(raised.value)


ODD = [
    "é",
    "ß",
    "İ",
    "\u212a",
    "\u017f",
    "\u00a0",
    "\u2028",
    "\v",
    "\r",
    "\n",
    "\u0085",
    "字",
    "\0",
]
ODD += ["'", '"', "$1", "\\1", "<", "=", "1.2.3.4", "aé.bü", "\u200e", "\U0001f600", "\u0661"]
LINES = [
    "wlan0: STA aa:bb:cc:dd:ee:ff IEEE 802.11: associated (aid 1)",
    "Frob user x@y.z path /etc/x/y 0xdeadbeef host.example.com",
    "wlan0: something with ssid=foo bar",
    "<3>wlan0: CTRL-EVENT-CONNECTED - Connection to aa:bb:cc:dd:ee:ff completed [id=0 id_str=]",
    "wlan0: Trying to associate with aa:bb:cc:dd:ee:ff (SSID='caf' freq=2412 MHz)",
    "wlan0: CTRL-EVENT-SIGNAL-CHANGE above=1 signal=-30 noise=9999 txrate=866700",
]


def test_odd_characters_are_read_alike(
    spark: SparkEngine, embedded: Engine, tmp_path: Path
) -> None:
    """Java's patterns mean other things than RE2's; the events are the same all the same."""
    rng = random.Random(1)
    rows = []
    for number in range(1, 1501):
        message = rng.choice(LINES)
        for _ in range(rng.randint(1, 3)):
            at = rng.randint(0, len(message))
            message = message[:at] + rng.choice(ODD) + message[at:]
        rows.append({**row(number), "message": message, "raw_message": None})
    path = tmp_path / "odd.ndjson"
    path.write_text("\n".join(json.dumps(one) for one in rows))
    tables = []
    for engine in (embedded, spark):
        logs = FileSource(path=str(path)).read(engine, quarantine=tmp_path / "q.ndjson")
        tables.append(_rows(_events(engine, logs).table))
    assert tables[1].to_pylist() == tables[0].to_pylist()


@pytest.mark.usefixtures("spark")
def test_a_training_on_spark_registers_a_model(tmp_path: Path) -> None:
    """From `engine=spark` to a published version, incidents played on rows that Spark held."""
    overrides = [
        *("engine=spark", "engine.master='local[2]'", "experiment=smoke", "cache.enabled=false"),
        *("evaluation.incidents.enabled=true", "evaluation.incidents.repeats=1"),
        f"storage.directory={tmp_path}/models",
    ]
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        values = plain(compose("train", overrides=overrides))
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    outcome = build(values["run"], name="run").run(RunContext(run_dir=run_dir, config={}))
    assert "models/model_" in outcome.closing
    (package,) = (tmp_path / "models").glob("model_2*")
    assert (package / "model.joblib").is_file()
    incidents = json.loads((run_dir / "report.json").read_text())["evaluation"]["incidents"]
    context = incidents["context"]
    # Windows of copies come from the embedded engine, the others from Spark.
    assert context["equal"] == context["compared"] > 0
