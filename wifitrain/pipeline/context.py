"""Where a run happens, what it was told, and how it closes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.pipeline.stage_progress import StageProgress
    from wifitrain.records import Json

__all__ = ["Outcome", "RunContext", "Stages"]

_EVALUATION = ("incidents", "profile_cost", "evaluate")


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """The run folder, the resolved configuration, whether a person is watching, and the sweep."""

    run_dir: Path
    config: Mapping[str, Json]
    progress: bool = False
    sweep: str | None = None  # name of the sweep that this run is a job of
    command: str = ""  # what would start this run again


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended: one closing line, tables for people, the exit status."""

    closing: str
    status: int = 0
    tables: tuple[object, ...] = ()


@dataclass
class Stages:
    """Seconds that each step took by itself, in order."""

    seconds: dict[str, float] = field(default_factory=dict)
    progress: StageProgress | None = None  # shows the one that is running
    _inner_s: float = 0.0  # of stages inside the one that is running

    def expect(self, rows: int) -> None:
        """Say how many lines the stages from now on have to do with."""
        if self.progress is not None:
            self.progress.rows = rows

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time the block under `name`; what a stage inside it takes is that one's."""
        start, outer = time.monotonic(), self._inner_s
        self._inner_s = 0.0
        with nullcontext() if self.progress is None else self.progress.shown(name):
            yield
        taken = time.monotonic() - start
        self.seconds[name] = round(taken - self._inner_s, 3)
        self._inner_s = outer + taken

    def to_json(self) -> dict[str, Json]:
        """Each stage, and what evidence costs beside the training without it."""
        evaluation = sum(self.seconds.get(name, 0.0) for name in _EVALUATION)
        return {
            "stages_s": dict(self.seconds),
            "training_s": round(sum(self.seconds.values()) - evaluation, 3),
            "evaluation_s": round(evaluation, 3),
        }
