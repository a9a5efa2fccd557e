"""Where a run happens, what it was told, and how it closes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["Outcome", "RunContext", "Stages"]


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
    """Seconds that each step took, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Time the block under `name`."""
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)
