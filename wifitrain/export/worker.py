"""Batches typed by the engine while the next ones are read and decoded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from wifitrain.export.extraction import Extraction
    from wifitrain.export.json_batches import JsonRows

__all__ = ["Worker", "working"]

_MOST_WAITING = 2  # the batch that is typed and the one behind it; more would only take memory


class Worker:
    """Takes batches and keeps few of them; an error shows at a later call."""

    def __init__(self, extraction: Extraction, pool: ThreadPoolExecutor) -> None:
        self._extraction, self._pool = extraction, pool
        self._begun: deque[Future[None]] = deque()

    def take(self, kind: str, batch: JsonRows | pa.Table, *, file: int) -> None:
        """Hand `batch` to the method `kind` of the extraction, some time soon."""
        while len(self._begun) >= _MOST_WAITING:
            self._begun.popleft().result()
        self._begun.append(self._pool.submit(getattr(self._extraction, kind), batch, file=file))

    def finish(self) -> None:
        """Wait until every batch is in the table."""
        while self._begun:
            self._begun.popleft().result()


@contextmanager
def working(extraction: Extraction) -> Iterator[Worker]:
    """A worker with a connection of its own; all is taken in when this ends.

    One is enough: the engine divides a batch among its threads, and one thread reads for it.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="typing") as pool:
        own = replace(extraction, connection=extraction.connection.cursor())
        worker = Worker(own, pool)
        try:
            yield worker
            worker.finish()
        finally:
            pool.shutdown(cancel_futures=True)
            own.connection.close()
