"""From an export to labelled windows: what training and scoring have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wifitrain.features import x_digest
from wifitrain.log import get_logger

if TYPE_CHECKING:
    from wifitrain.engine import Engine
    from wifitrain.pipeline.context import RunContext, Stages
    from wifitrain.pipeline.parts import Extractor, Featurizer, Labels, Source
    from wifitrain.records import EventTable, LogTable, WindowTable

__all__ = ["Preparation", "Prepared"]

_log = get_logger("wifitrain")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What arrived and what became of it."""

    logs: LogTable
    events: EventTable
    windows: WindowTable
    x_digest: str


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The first four rooms of the way."""

    engine: Engine
    source: Source
    events: Extractor
    features: Featurizer
    labels: Labels

    def prepare(self, context: RunContext, stages: Stages) -> Prepared:
        """Read, parse and window; refused records go to quarantine.ndjson in the run folder.

        The engine must be open; rows and events stay in it until it closes.
        """
        with stages.timed("read"):
            logs = self.source.read(
                self.engine,
                quarantine=context.run_dir / "quarantine.ndjson",
                progress=context.progress,
            )
        self._warn(logs)
        _log.info("export read", rows=logs.account["rows"], span_days=logs.account["span_days"])
        with stages.timed("events"):
            events = self.events.extract(self.engine, logs)
        with stages.timed("windows"):
            windows = self.labels.mark(self.features.build(self.engine, events))
        _log.info("windows built", windows=len(windows.X), features=windows.X.shape[1])
        for name, why in windows.unavailable.items():
            _log.warning("feature unavailable", feature=name, why=why)
        return Prepared(logs=logs, events=events, windows=windows, x_digest=x_digest(windows))

    def _warn(self, logs: LogTable) -> None:
        warnings: Any = logs.account.get("warnings", ())
        for warning in warnings:
            _log.warning(warning["message"], code=warning["code"], count=warning["count"])
