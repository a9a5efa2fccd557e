"""An open engine and small log tables for the tests of the events room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import pytest

from wifitrain.engine import Engine


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine of two threads.

    DuckDB 2.0 takes the zone only once its ICU extension is loaded, that is after `connect`; the
    setting is therefore moved there.
    """
    connect = ibis.duckdb.connect

    def connect_then_set_zone(database: str, **options: Any) -> Any:
        zone = options.pop("TimeZone", None)
        backend = connect(database, **options)
        if zone is not None:
            backend.con.execute(f"SET TimeZone = '{zone}'")
        return backend

    monkeypatch.setattr(ibis.duckdb, "connect", connect_then_set_zone)
    with Engine(threads=2) as opened:
        yield opened
