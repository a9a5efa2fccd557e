"""Logs that came after a training, as a version of it sees them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError, PackageError
from wifitrain.monitoring import BASELINE, Baseline
from wifitrain.pipeline.scorer import Scorer, load_scorer
from wifitrain.spark import SparkEngine
from wifitrain.storage import ModelStore, proven_files

if TYPE_CHECKING:
    import numpy as np

    from wifitrain.engine import Engine
    from wifitrain.pipeline.context import RunContext
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.records import EventTable, LogTable, WindowTable
    from wifitrain.training import Judgement

__all__ = ["Later", "Version", "check_tells_lines", "judge", "read_logs"]


@dataclass(frozen=True, kw_only=True)
class Version:
    """A published version that was loaded: its scorer, and what its package says of itself."""

    scorer: Scorer
    files: Mapping[str, bytes]
    metadata: Mapping[str, Any]
    report: Mapping[str, Any]
    load_s: float

    @classmethod
    def load(cls, folder: Path, *, trust_pickle: bool) -> Version:
        """Load the version in `folder`, or where a link of another name leads.

        Errors are those of `load_scorer`.
        """
        folder = folder.resolve()
        start = time.perf_counter()
        scorer = load_scorer(folder, trust_pickle=trust_pickle)
        load_s = time.perf_counter() - start
        files = proven_files(ModelStore(directory=str(folder.parent)).catalogue(), folder.name)
        return cls(
            scorer=scorer,
            files=files.content,
            metadata=files.model.metadata,
            report=files.json("report.json") or {},
            load_s=load_s,
        )

    @property
    def name(self) -> str:
        """The version's name."""
        return self.scorer.version

    def baseline(self) -> Baseline:
        """What the training looked like; PackageError where the package does not say."""
        if BASELINE not in self.files:
            raise PackageError(
                f"{self.name} has no {BASELINE}: it was trained before versions carried one;"
                " train again to monitor"
            )
        return Baseline.from_bytes(self.files[BASELINE])


@dataclass(frozen=True, kw_only=True)
class Later:
    """Windows of later logs with a version's judgement; `score_s` is how long that took."""

    windows: WindowTable
    judged: Judgement
    threshold: float
    score_s: float

    @property
    def alerts(self) -> np.ndarray:
        """Windows above the threshold, shape (n,)."""
        above: np.ndarray = self.judged.score > self.threshold
        return above


def check_tells_lines(engine: Engine, *, command: str) -> None:
    """Refuse an engine that does not hold the lines which `command` shows; ConfigError."""
    if isinstance(engine, SparkEngine):
        raise ConfigError(
            f"engine=spark does not {command}, which tells lines and needs the embedded engine:"
            " use engine=duckdb"
        )


def read_logs(
    engine: Engine, source: Source, events: Extractor, context: RunContext
) -> tuple[LogTable, EventTable]:
    """Lines and events; refused records go to quarantine.ndjson in the run folder."""
    logs = source.read(
        engine, quarantine=context.run_dir / "quarantine.ndjson", progress=context.progress
    )
    return logs, events.extract(engine, logs)


def judge(engine: Engine, events: EventTable, version: Version) -> Later:
    """The windows that `version` was trained for, with its scores."""
    scorer = version.scorer
    windows = scorer.features.build(engine, events, columns=scorer.columns)
    start = time.perf_counter()
    judged = scorer.detector.judge(windows.X, windows.kinds)
    return Later(
        windows=windows,
        judged=judged,
        threshold=scorer.threshold,
        score_s=time.perf_counter() - start,
    )
