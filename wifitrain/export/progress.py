"""A progress bar on a terminal's stderr, for reads that take more than a moment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["reading_progress"]

_PATIENCE_S = 2.0


@contextmanager
def reading_progress(
    total: int, *, wanted: bool, unit: str = "bytes"
) -> Iterator[Callable[[int], None]]:
    """Give a function that is told of every few bytes or rows; the bar appears after 2 seconds."""
    if not wanted or not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    bar = Progress(
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn() if unit == "bytes" else MofNCompleteColumn(),
        *([TransferSpeedColumn()] if unit == "bytes" else []),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("reading", total=total)
    begun = time.monotonic()

    def advance(count: int) -> None:
        bar.update(task, advance=count)
        if not bar.live.is_started and time.monotonic() - begun > _PATIENCE_S:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()
