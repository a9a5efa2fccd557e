"""The expressions of the room are no DuckDB: Ibis can write each of them for Spark as well."""

from __future__ import annotations

import ibis
import pytest
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.config import Config

from wifitrain.features import catalogue
from wifitrain.features.grid import (
    Span,
    numbered_windows,
    silent_windows,
    steps_between_windows,
)
from wifitrain.features.kinds import kinds_of_windows
from wifitrain.features.lines import LINE_FACTS, line_facts
from wifitrain.features.peers import PEER_FACTS, peer_facts, peers_of_windows, presence_changes
from wifitrain.features.rows import ENTITIES, rows_of_entities
from wifitrain.features.sessions import (
    SESSION_FACTS,
    handshake_facts,
    moves_of_stations,
    session_facts,
)
from wifitrain.records import EVENT_COLUMNS


class _SparkOptions(Config):
    treat_nan_as_null: bool = False


def _table(name: str, expression: ibis.Table) -> ibis.Table:
    """A table with the columns of `expression`, as if it had been materialised."""
    return ibis.table(expression.schema(), name=name)


def _stages() -> dict[str, ibis.Table]:
    events = ibis.table(dict(EVENT_COLUMNS), name="events")
    stages = {name: rows_of_entities(events, entity=name, window_s=300) for name in ENTITIES}
    rows = _table("rows", stages["access_point"])
    stages["lines"] = line_facts(rows, names=LINE_FACTS)
    lines = _table("lines", stages["lines"])
    stages["steps"] = steps_between_windows(lines, max_silence_s=86_400)
    stages["silent"] = silent_windows(_table("steps", stages["steps"]))
    stages["moves"] = moves_of_stations(rows)
    moves = _table("moves", stages["moves"])
    stages["sessions"] = session_facts(moves, names=SESSION_FACTS)
    stages["handshakes"] = handshake_facts(rows, moves=moves)
    stages["peers"] = peers_of_windows(rows)
    peers = _table("peers", stages["peers"])
    stages["peer_facts"] = peer_facts(peers, names=PEER_FACTS)
    stages["changes"] = presence_changes(peers, window_s=300)
    signs = [
        lines.select("entity", "window", "last_event_ms", exists=True),
        _table("handshakes", stages["handshakes"]).select("entity", "window", "key_lines"),
        _table("changes", stages["changes"]),
    ]
    span = Span(window_s=300, max_silence_s=86_400)
    stages["windows"] = numbered_windows(signs, span=span)
    stages["kinds"] = kinds_of_windows(rows, windows=_table("windows", stages["windows"]))
    return stages


@pytest.fixture(autouse=True)
def spark_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one option that the backend would register, were pyspark installed."""
    monkeypatch.setattr(ibis.options, "pyspark", _SparkOptions())


def test_stages_compile_for_spark() -> None:
    """Ibis writes every stage from rows to facts as Spark SQL."""
    for name, stage in _stages().items():
        assert "SELECT" in PySparkCompiler().to_sqlglot(stage).sql("databricks"), name


def test_formulas_compile_for_spark() -> None:
    """Ibis writes the formula of every column as Spark SQL."""
    features = catalogue().values()
    facts = ibis.table({fact: "int64" for one in features for fact in one.facts}, name="facts")
    columns = {
        column: formula(facts).cast("float64")
        for one in features
        for column, formula in one.columns.items()
    }
    text = PySparkCompiler().to_sqlglot(facts.select(**columns)).sql("databricks")
    assert all(f"`{column}`" in text for column in columns)
