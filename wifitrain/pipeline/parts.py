"""The parts that the corridor walks through, as it sees them: one small Protocol for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from wifitrain.engine import Engine
    from wifitrain.evaluation.incident_settings import IncidentSettings
    from wifitrain.evaluation.incidents import IncidentEvidence
    from wifitrain.export import ReadyTable
    from wifitrain.records import (
        EventTable,
        Json,
        LogTable,
        PackageContents,
        Parts,
        ScoredWindows,
        StoredModel,
        Trained,
        WindowTable,
    )

__all__ = [
    "Evaluator",
    "Evidence",
    "Extractor",
    "Featurizer",
    "Labels",
    "ReadySource",
    "Source",
    "Splitter",
    "Store",
]


class Source(Protocol):
    """Reads an export into the engine."""

    def read(self, engine: Engine, *, quarantine: Path, progress: bool = False) -> LogTable: ...


@runtime_checkable
class ReadySource(Protocol):
    """Reads windows that somebody else made: there are no lines and no events."""

    def read_table(self) -> ReadyTable: ...


class Extractor(Protocol):
    """Turns log lines into events."""

    def extract(self, engine: Engine, logs: LogTable, *, name: str = "events") -> EventTable: ...


class Featurizer(Protocol):
    """Turns events into windows."""

    profile: str

    @property
    def is_service_profile(self) -> bool: ...

    def build(
        self, engine: Engine, events: EventTable, *, columns: Sequence[str] | None = None
    ) -> WindowTable: ...


class Labels(Protocol):
    """Lays the user's labels over windows."""

    def mark(self, windows: WindowTable) -> WindowTable: ...


class Splitter(Protocol):
    """Cuts windows into parts by time."""

    def split(self, windows: WindowTable) -> Parts: ...


class Evidence(Protocol):
    """What an evaluation found."""

    @property
    def storable_as(self) -> str:
        """`available` or `candidate`, as the gates say."""
        ...

    def with_incidents(self, incidents: IncidentEvidence) -> Evidence: ...

    def evaluation_info(self) -> Mapping[str, Json]: ...

    def enforce(self) -> None:
        """Raise where a gate failed and the configuration says that this ends the run."""
        ...

    def to_json(self) -> Mapping[str, Json]: ...


class Evaluator(Protocol):
    """Judges a detector on windows it has not seen."""

    metrics: Sequence[str]
    threshold_grid: Sequence[float]
    incidents: IncidentSettings
    profile_cost: bool
    random_state: int

    def evaluate(
        self, windows: WindowTable, parts: Parts, trained: Trained, scored: ScoredWindows
    ) -> Evidence: ...


class Store(Protocol):
    """Publishes versions."""

    def check_ready(self) -> object:
        """Raises ConfigError where nothing could be published, before anything is trained."""
        ...

    def write(
        self, contents: PackageContents, *, candidate: bool = False, sweep: str | None = None
    ) -> StoredModel: ...
