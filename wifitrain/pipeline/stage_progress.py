"""A line on a terminal that says what a run is at, once a step takes more than a moment."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

    from wifitrain.engine import Engine

__all__ = ["StageProgress"]

_PATIENCE_S = 2.0
_REFRESH_S = 0.25
#: Steps that one statement of the engine after another makes; reading has a bar of its own.
_OF_THE_ENGINE = frozenset({"events", "windows", "incidents"})
_SILENT = frozenset({"read", "cache"})


@dataclass(kw_only=True)
class StageProgress:
    """Shows a step's name, how far the engine is with its statement, rows a second, the time.

    `rows` is how many lines there are, as soon as somebody knows.
    """

    engine: Engine
    rows: int | None = None
    is_showing: bool = False

    @contextmanager
    def shown(self, stage: str) -> Iterator[None]:
        """Show `stage` while the block runs, if anybody can see it and it takes long enough."""
        if stage in _SILENT or self.is_showing or not sys.stderr.isatty():
            yield
            return
        self.is_showing = True
        ended = threading.Event()
        share = self.engine.progress if stage in _OF_THE_ENGINE else _unknown
        teller = threading.Thread(target=self._tell, args=(stage, share, ended), daemon=True)
        teller.start()
        try:
            yield
        finally:
            ended.set()
            teller.join()
            self.is_showing = False

    def _tell(self, stage: str, share: Callable[[], float | None], ended: threading.Event) -> None:
        if ended.wait(_PATIENCE_S):
            return
        bar, known = _bar(), self.rows is not None
        with bar:
            task = bar.add_task(stage, total=None, rate="")
            while not ended.wait(_REFRESH_S):
                done = share()
                if done is None:
                    bar.update(task, total=None, rate="")
                    continue
                elapsed = bar.tasks[0].elapsed or _REFRESH_S
                rate = f"{done * (self.rows or 0) / (elapsed + _PATIENCE_S):,.0f} rows/s"
                bar.update(task, total=1.0, completed=done, rate=rate if known else "")


def _bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _unknown() -> float | None:
    return None
