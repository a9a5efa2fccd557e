"""What a reviewer is shown of a window: the lines that a notice of it would carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

import duckdb
import numpy as np
import pandas as pd

from tests.edge.made import facts, pipeline
from wifitrain.edge import DOCUMENT, NPZ, EdgeModel, edge_files, read_model
from wifitrain.features import WindowFeatures
from wifitrain.light import AlertTeller, LightModel
from wifitrain.pipeline.asking import Showcase
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.records import WindowTable
from wifitrain.scoring import AlertSettings, Exceptions

START = "2026-03-02T10:00:00"


@cache
def edge() -> EdgeModel:
    """A forest of one count; its guard knows one kind of line."""
    X = np.random.default_rng(1).poisson(3, (200, 1)).astype(float)
    fitted = pipeline(X, n_estimators=10)
    known = replace(
        facts(fitted, X),
        features=[{"name": "probe_count", "unit": "lines", "meaning": "probes"}],
        guard={
            "margin": 3.0,
            "columns": {"probe_count": {"low": 0.0, "high": 9.0, "spread": 1.0}},
            "kinds": ["event:associated"],
            "ceiling": 0.9,
        },
    )
    files = edge_files(fitted, known)
    return read_model(files[NPZ], files[DOCUMENT])


def window() -> WindowTable:
    """Ordinary but for a kind of line that training never saw."""
    start = np.array([START], dtype="datetime64[us]")
    kinds = pd.DataFrame({"window": [0, 0], "kind": ["event:associated", "event:dfs_radar"]})
    return WindowTable(
        X=pd.DataFrame({"probe_count": [3.0]}),
        index=pd.DataFrame({"entity": "ap", "start": start, "end": start + np.timedelta64(5, "m")}),
        kinds=kinds,
        unavailable={},
        window_s=300,
    )


def test_the_line_that_nobody_has_seen_before_is_shown_first() -> None:
    """Where there is room for one line, reviewer and notice get that of the unseen kind."""
    model = LightModel(
        version="v", edge=edge(), features=WindowFeatures(numeric=["probe_count"]), source={}
    )
    begin = datetime.fromisoformat(START)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE log_rows AS SELECT * FROM (VALUES (1, $at + INTERVAL 1 SECOND, 'usual'),"
            " (2, $at + INTERVAL 2 SECOND, 'radar')) AS t(arrival, time, message)",
            {"at": begin},
        )
        connection.execute(
            "CREATE TABLE events AS SELECT arrival, time, 'ap' AS access_point,"
            " 'wlan0' AS interface, NULL::VARCHAR AS station,"
            " CASE message WHEN 'radar' THEN 'dfs_radar' ELSE 'associated' END AS event"
            " FROM log_rows"
        )
        names = Pseudonymiser(enabled=False)
        shown = Showcase.of(model, window(), connection=connection, names=names, lines=1)
        text = list(shown.told({"entity": "ap", "start": START}))
        teller = AlertTeller(model, AlertSettings(lines=1), Exceptions())
        (notice,) = teller.tell(window(), shown.judged, rows=[0], shelf=shown.shelf)
    assert notice["lines"] == ["2026-03-02 10:00:02 radar"]
    assert text[-2:] == ["  1 of 2 lines:", "    2026-03-02 10:00:02 radar"]
