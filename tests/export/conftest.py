"""An open engine, and exports of a few made-up rows read back as plain tuples."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wifitrain.engine import Engine
from wifitrain.export import FileSource
from wifitrain.pseudonyms import KEY_VARIABLE
from wifitrain.records import LogTable

Rows = list[dict[str, Any]]
Read = Callable[..., LogTable]


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all, since every read replaces its own tables; and a key for pseudonyms."""
    with pytest.MonkeyPatch.context() as patch, Engine(threads=2) as engine:
        patch.setenv(KEY_VARIABLE, "a key that only the tests know")
        yield engine


@pytest.fixture
def quarantine(tmp_path: Path) -> Path:
    """Where refused records go."""
    return tmp_path / "run" / "quarantine.ndjson"


@pytest.fixture
def read(engine: Engine, quarantine: Path) -> Read:
    """Read an export with options of `FileSource`."""

    def read_export(path: Path | str | list[str], **options: Any) -> LogTable:
        paths = path if isinstance(path, list) else str(path)
        return FileSource(path=paths, **options).read(engine, quarantine=quarantine)

    return read_export


@pytest.fixture
def refused(quarantine: Path) -> Callable[[], list[dict[str, Any]]]:
    """The refused records."""
    return lambda: (
        [json.loads(line) for line in quarantine.read_text().splitlines()]
        if quarantine.exists()
        else []
    )


def row(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A row as the exporter writes it (shape E1), one minute after the other."""
    message = f"eth5: STA 02:00:00:00:00:{number % 256:02x} IEEE 802.11: associated"
    made = {
        "id": number,
        "device_id": 3,
        "device_ip": "ap-one",
        "timestamp": f"2025-06-{23 + number // 1440:02}T{number // 60 % 24:02}:{number % 60:02}:07",
        "log_level": "info",
        "process_name": "hostapd",
        "message": message,
        "raw_message": f"<30>Jun 23 00:00:07 ap-one hostapd: {message}\n",
        "structured_data": '{"priority": 30}',
        "pushed_to_ai": False,
        "pushed_at": None,
        "push_attempts": 0,
        "last_push_error": None,
    }
    return {**made, **changes}


def without(made: dict[str, Any], *keys: str) -> dict[str, Any]:
    """A row without some of its keys."""
    return {key: value for key, value in made.items() if key not in keys}


def write_export(path: Path, rows: Rows, *, key: str = "data") -> Path:
    """A whole export as one indented JSON object."""
    head = {"created_at": "2025-06-27T09:38:14", "total_records": len(rows), "format": "json"}
    path.write_text(json.dumps({"export_metadata": head, key: rows}, indent=2))
    return path


def values(log: LogTable, *columns: str) -> list[Any]:
    """Columns of the log table by arrival; plain values where there is one column."""
    frame = log.table.order_by("arrival").select(*columns).to_pyarrow().to_pydict()
    rows = list(zip(*(frame[column] for column in columns), strict=True))
    return [one[0] for one in rows] if len(columns) == 1 else rows


def times(log: LogTable) -> list[str]:
    """The times by arrival, as ISO text."""
    return [time.isoformat() for time in values(log, "time")]
