"""An open engine and extraction of a few lines for the tests of the events room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ibis
import pyarrow as pa
import pytest

from wifitrain.engine import Engine
from wifitrain.events import EventExtractor
from wifitrain.pseudonyms import KEY_VARIABLE
from wifitrain.records import LOG_COLUMNS, LogTable

Rows = list[dict[str, Any]]
_START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_ARROW = {
    "int64": pa.int64(),
    "string": pa.string(),
    "boolean": pa.bool_(),
    "timestamp(6)": pa.timestamp("us"),
}


@contextmanager
def open_engine(threads: int = 2) -> Iterator[Engine]:
    """An open engine and a pseudonym key that only the tests know."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEY_VARIABLE, "a key that only the tests know")
        with Engine(threads=threads) as engine:
            yield engine


def log_table(engine: Engine, lines: Sequence[Mapping[str, Any]]) -> LogTable:
    """Log lines as the canonical table; what a line does not say is filled in."""
    rows = [
        {
            "arrival": arrival,
            "source_file": "made-up.log",
            "record": arrival + 1,
            "access_point": "ap-1",
            "time": _START + dt.timedelta(seconds=arrival),
            "clock_reset": False,
            "level": "info",
            "program": "hostapd",
            "interface_hint": None,
            "label": None,
            **line,
        }
        for arrival, line in enumerate(lines)
    ]
    schema = pa.schema({name: _ARROW[kind] for name, kind in LOG_COLUMNS.items()})
    table = pa.Table.from_pylist(rows, schema=schema)
    return LogTable(
        table=engine.materialise("logs", ibis.memtable(table)), account={}, digest="0" * 64
    )


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all tests of the room."""
    with open_engine() as opened:
        yield opened


@pytest.fixture(scope="session")
def extract(engine: Engine) -> Callable[..., tuple[Rows, Mapping[str, Any]]]:
    """Events of lines, in the order of arrival, and the account."""

    def run(lines: Sequence[Mapping[str, Any]], **options: Any) -> tuple[Rows, Mapping[str, Any]]:
        options = {"pseudonymise": False, **options}
        events = EventExtractor(**options).extract(engine, log_table(engine, lines))
        return events.table.order_by("arrival").to_pyarrow().to_pylist(), events.account

    return run
