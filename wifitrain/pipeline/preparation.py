"""From an export to labelled windows: what training and scoring have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.cache import Cache, Entry, forget_made, remembered
from wifitrain.errors import DataError
from wifitrain.features import x_digest
from wifitrain.log import get_logger
from wifitrain.pipeline.parts import ReadySource
from wifitrain.pipeline.window_cache import Built, made_of, read_windows, write_windows

if TYPE_CHECKING:
    from wifitrain.engine import Engine
    from wifitrain.pipeline.context import RunContext, Stages
    from wifitrain.pipeline.parts import Extractor, Featurizer, Labels, Source
    from wifitrain.records import EventTable, Json, LogTable, WindowTable

__all__ = ["Preparation", "Prepared"]

_log = get_logger("wifitrain")


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Lines and events in the engine."""

    logs: LogTable
    events: EventTable


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What arrived and what became of it.

    `made_of` decides the windows but their labels; None where that is not known. Where windows
    came from the cache, the export is read only if somebody asks for its lines or events. Where
    the source is a ready table there are none.
    """

    windows: WindowTable
    data: Mapping[str, Json]  # accounts of source and events
    data_digest: str
    x_digest: str
    made_of: Mapping[str, Json] | None
    rows: Callable[[], _Rows] | None

    @property
    def has_lines(self) -> bool:
        """Whether windows were made from log lines."""
        return self.rows is not None

    @property
    def logs(self) -> LogTable:
        """The lines, while the engine is open."""
        return self._rows.logs

    @property
    def events(self) -> EventTable:
        """The events, while the engine is open."""
        return self._rows.events

    @property
    def _rows(self) -> _Rows:
        if self.rows is None:
            raise DataError("a ready table has no log lines behind it")
        return self.rows()


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The first four rooms of the way, and the cache that makes it shorter."""

    engine: Engine
    source: Source | ReadySource
    events: Extractor
    features: Featurizer
    labels: Labels
    cache: Cache = field(default_factory=lambda: Cache(enabled=False))

    def prepare(self, context: RunContext, stages: Stages) -> Prepared:
        """Read, parse and window; refused records go to quarantine.ndjson in the run folder.

        The engine must be open; rows and events stay in it until it closes. A ready table skips
        all that.
        """
        if isinstance(self.source, ReadySource):
            return self._ready(self.source, stages)
        made = self._made_of()
        entry = Entry(path=None) if made is None else self.cache.entry("windows", made)
        quarantine = context.run_dir / "quarantine.ndjson"
        with entry.claimed():
            with stages.timed("cache"):
                built = read_windows(entry, quarantine=quarantine)
            found = built is not None
            reader = _Reader(self, context, stages, quarantine=quarantine, is_new=not found)
            if built is None:
                built = self._build(reader, stages)
                if made is not None and _is_of(built, made):
                    built = write_windows(entry, built, quarantine=quarantine)
        _turn_to(built.windows)
        self.engine.reserve(_nbytes(built.windows))  # found ones live beside what is asked, too
        _tell(built, found=found)
        return Prepared(
            windows=_with_account(self.labels.mark(built.windows), built.data),
            data=built.data,
            data_digest=built.data_digest,
            x_digest=built.x_digest,
            made_of=made,
            rows=reader.rows,
        )

    def _ready(self, source: ReadySource, stages: Stages) -> Prepared:
        with stages.timed("read"):
            table = source.read_table()
        digest = x_digest(table.windows)
        built = Built(
            windows=table.windows, data=table.account, data_digest=table.digest, x_digest=digest
        )
        _turn_to(built.windows)
        _tell(built, found=False)
        return Prepared(
            windows=self.labels.mark(table.windows),
            data=table.account,
            data_digest=table.digest,
            x_digest=digest,
            made_of=None,
            rows=None,
        )

    def _made_of(self) -> Mapping[str, Json] | None:
        if not self.cache.enabled:
            return None
        parts = {"source": self.source, "events": self.events, "features": self.features}
        return made_of({"engine": self.engine, **parts})

    def _build(self, reader: _Reader, stages: Stages) -> Built:
        rows = reader.rows()
        with stages.timed("windows"):
            windows = self.features.build(self.engine, rows.events)
        return Built(
            windows=windows,
            data={**rows.logs.account, **rows.events.account},
            data_digest=rows.logs.digest,
            x_digest=x_digest(windows),
        )


def _nbytes(windows: WindowTable) -> int:
    frames = (windows.X, windows.index, windows.kinds)
    return sum(int(frame.memory_usage().sum()) for frame in frames)


def _with_account(windows: WindowTable, data: Mapping[str, Json]) -> WindowTable:
    """Windows that know how many of their lines were understood."""
    known = {key: data[key] for key in ("understood_ratio",) if data.get(key) is not None}
    return replace(windows, account={**windows.account, **known})


class _Reader:
    """Reads lines and events once, when they are asked for."""

    def __init__(
        self,
        preparation: Preparation,
        context: RunContext,
        stages: Stages,
        *,
        quarantine: Path,
        is_new: bool,
    ) -> None:
        self._parts, self._context, self._stages = preparation, context, stages
        self._quarantine = quarantine if is_new else None
        self._rows: _Rows | None = None

    def rows(self) -> _Rows:
        """Lines and events, in the engine from now on."""
        if self._rows is None:
            self._rows = self._read()
        return self._rows

    def _read(self) -> _Rows:
        parts, engine = self._parts, self._parts.engine
        source: Any = parts.source  # a ready table never comes here
        with self._stages.timed("read"):
            logs = source.read(
                engine,
                # Windows from the cache have brought theirs.
                quarantine=self._quarantine or engine.scratch / "quarantine.ndjson",
                progress=self._context.progress,
            )
        rows: Any = logs.account["rows"]
        self._stages.expect(rows)
        with self._stages.timed("events"):
            events = parts.events.extract(engine, logs)
        return _Rows(logs=logs, events=events)


def _is_of(built: Built, made: Mapping[str, Any]) -> bool:
    """Whether the bytes that were read are those that the windows will be known by."""
    is_same: bool = built.data_digest == made["source"]["digest"]
    return is_same


def _turn_to(windows: WindowTable) -> None:
    """Other windows than the last job's: what was made of those is never found again, and goes."""
    remembered("pipeline.turn", "", forget_made, of=(windows.X,), most=1)


def _tell(built: Built, *, found: bool) -> None:
    """The log's lines on data and windows."""
    data: Any = built.data
    for warning in data.get("warnings", ()):
        _log.warning(warning["message"], code=warning["code"], count=warning["count"])
    _log.info("export read", rows=data["rows"], span_days=data["span_days"], cached=found)
    windows = built.windows
    _log.info("windows built", windows=len(windows.X), features=windows.X.shape[1], cached=found)
    for name, why in windows.unavailable.items():
        _log.warning("feature unavailable", feature=name, why=why)
