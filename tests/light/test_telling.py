"""What an incident is told with: the explanation of its own highest alert, whatever came before."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from tests.edge.made import facts, pipeline
from wifitrain.edge import DOCUMENT, NPZ, EdgeModel, Judged, edge_files, read_model
from wifitrain.features import WindowFeatures
from wifitrain.light import AlertTeller, LightModel
from wifitrain.light.lines import LineShelf
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.records import WindowTable
from wifitrain.scoring import AlertSettings, Exceptions
from wifitrain.scoring.exceptions import Allowance

COLUMNS = ["deauth_count", "probe_count"]
FIRST, SECOND = "02:00:00:00:00:01", "02:00:00:00:00:02"
EXPLAINED = {"because", "lines", "nearest", "raised_by"}


@cache
def edge() -> EdgeModel:
    """A forest of two counts."""
    X = np.random.default_rng(1).poisson(3, (200, 2)).astype(float)
    fitted = pipeline(X, n_estimators=10)
    files = edge_files(fitted, facts(fitted, X))
    document = json.loads(files[DOCUMENT])
    for feature, name in zip(document["features"], COLUMNS, strict=True):
        feature["name"] = name
    return read_model(files[NPZ], json.dumps(document).encode())


def told(
    *windows: tuple[str, float, str], exceptions: Exceptions | None = None, **settings: Any
) -> list[dict[str, Any]]:
    """What is told of alerts: start, score, and the station that its one line names, of each."""
    starts = np.array([start for start, _, _ in windows], dtype="datetime64[us]")
    ends = starts + np.timedelta64(5, "m")
    index = pd.DataFrame({"entity": "ap-01", "start": starts, "end": ends})
    table = WindowTable(
        index=index,
        X=pd.DataFrame(30.0, index=index.index, columns=COLUMNS),
        kinds=pd.DataFrame({"window": [], "kind": []}),
        window_s=300,
        account={},
        unavailable={},
    )
    scores = np.array([score for _, score, _ in windows])
    judged = Judged(
        score=scores, estimator_score=scores, is_anomaly=scores > 0.5, reasons=[""] * len(scores)
    )
    features = WindowFeatures(counts=COLUMNS[:1], numeric=COLUMNS[1:])
    model = LightModel(version="v", edge=edge(), features=features, source={})
    teller = AlertTeller(model, AlertSettings(**settings), exceptions or Exceptions())
    with duckdb.connect() as connection:
        shelf = _shelf(connection, windows)
        rows = range(len(windows))
        return [*teller.tell(table, judged, rows=rows, shelf=shelf), *teller.finish()]


def _shelf(
    connection: duckdb.DuckDBPyConnection, windows: tuple[tuple[str, float, str], ...]
) -> LineShelf:
    """One line in each window."""
    connection.execute(
        "CREATE TABLE events (arrival INT, access_point TEXT, interface TEXT, station TEXT,"
        " event TEXT, time TIMESTAMP);"
        "CREATE TABLE log_rows (arrival INT, time TIMESTAMP, message TEXT)"
    )
    for arrival, (start, _, station) in enumerate(windows):
        connection.execute(
            "INSERT INTO events VALUES (?, 'ap-01', 'wlan0', ?, 'deauth', ?)",
            [arrival, station, datetime.fromisoformat(start)],
        )
    connection.executemany(
        "INSERT INTO log_rows VALUES (?, ?, ?)",
        [
            (arrival, datetime.fromisoformat(start), f"line of {start}")
            for arrival, (start, _, _) in enumerate(windows)
        ],
    )
    return LineShelf(
        connection=connection,
        events="events",
        lines="log_rows",
        text="message",
        entity="access_point",
        pseudonymiser=Pseudonymiser(enabled=False),
    )


@pytest.mark.parametrize("persistence_of", [1, 2])
def test_a_lower_incident_days_later_is_explained(persistence_of: int) -> None:
    """Nothing in between closed the first: each is told with the line of its own window."""
    found = told(
        ("2026-03-02 10:00", 0.9, FIRST),
        ("2026-03-05 10:05", 0.7, FIRST),
        persistence_of=persistence_of,
    )
    assert [one["state"] for one in found] == ["opened", "closed", "opened", "closed"]
    for one in found:
        assert one.keys() >= EXPLAINED
        (line,) = one["lines"]
        assert line.endswith(f"line of {one['start'].replace('T', ' ')[:16]}")


def test_an_allowed_alert_takes_no_explanation_away() -> None:
    """The higher window in the middle is allowed: the incident is told with that of its own."""
    allowed = Exceptions(
        allow=[Allowance(expires=datetime.fromisoformat("2027-01-01"), station=SECOND)]
    )
    opened, closed = told(
        ("2026-03-02 10:00", 0.7, FIRST),
        ("2026-03-02 10:05", 0.9, SECOND),
        exceptions=allowed,
    )
    assert closed["peak_score"] == 0.7
    assert {key: closed[key] for key in EXPLAINED} == {key: opened[key] for key in EXPLAINED}
    assert closed["lines"] == ["2026-03-02 10:00:00 line of 2026-03-02 10:00"]
