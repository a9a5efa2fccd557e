"""Pieces of a log become events and windows: by the rooms of training, compiled once.

The tables between two steps are of one piece alone and are dropped as soon as they have served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.events import NETWORKS, STATIONS, raw_names
from wifitrain.light.plans import Plan
from wifitrain.records import EVENT_COLUMNS, LOG_COLUMNS

if TYPE_CHECKING:
    from wifitrain.engine import Engine
    from wifitrain.events import EventExtractor
    from wifitrain.features import WindowFeatures
    from wifitrain.light.model import LightModel
    from wifitrain.records import WindowTable

__all__ = ["PieceEvents", "PieceWindows"]

_PUBLIC = {"piece_stations": STATIONS, "piece_networks": NETWORKS}


class PieceEvents:
    """From the log table `lines` to the event table `events`, both of the engine."""

    def __init__(
        self, engine: Engine, extractor: EventExtractor, *, lines: str, events: str
    ) -> None:
        import ibis

        self._engine = engine
        self._extractor = extractor
        self._raw, self._public = Plan(engine), Plan(engine)
        logs = ibis.table(dict(LOG_COLUMNS), name=lines)
        raw = self._raw.materialise("piece_raw_events", extractor.raw_events(logs))
        for name, rows in zip(_PUBLIC, raw_names(raw), strict=True):
            self._raw.ask(name, rows)
        stations, networks = (ibis.table(schema, name=name) for name, schema in _PUBLIC.items())
        public = extractor.public_events(raw, stations=stations, networks=networks)
        self._public.materialise(events, public)

    def extract(self) -> None:
        """Make the events of the lines that are there now."""
        found = [table["raw"] for table in self._raw.run().values()]
        named = dict(zip(_PUBLIC, self._extractor.public_names(*found), strict=True))
        for name, table in named.items():
            self._engine.connection.register(name, table)
        self._public.run()
        for name in named:
            self._engine.connection.unregister(name)
        self._raw.drop()

    def drop(self) -> None:
        """Let go of the events."""
        self._public.drop()


class PieceWindows:
    """The windows of the events in table `events`, with the columns of a model."""

    def __init__(self, engine: Engine, model: LightModel, *, events: str) -> None:
        import ibis

        self._features: WindowFeatures = model.features
        self._columns = model.edge.columns
        self._plan = Plan(engine)
        table = ibis.table(dict(EVENT_COLUMNS), name=events)
        asked = model.features.questions(self._plan, table, columns=self._columns)
        self._plan.ask("matrix", asked.matrix)
        self._plan.ask("kinds", asked.kinds)

    def build(self) -> WindowTable:
        """All windows of the events that are there now."""
        answers = self._plan.run()
        self._plan.drop()
        return self._features.windows_of(answers["matrix"], answers["kinds"], columns=self._columns)
