"""Batches typed side by side: each worker has a connection of its own to the one database."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from wifitrain.export.extraction import Extraction
    from wifitrain.export.json_batches import JsonRows

__all__ = ["Workers", "working"]

_MOST = 3  # one thread reads and cuts for all of them: it could not feed more
_WAITING = 1  # batches that wait for a worker; more would only take memory


class Workers:
    """Takes batches in any number and keeps few of them; an error shows at a later call."""

    def __init__(self, extraction: Extraction, pool: ThreadPoolExecutor, *, count: int) -> None:
        self._pool, self._most = pool, count + _WAITING
        self._free: SimpleQueue[Extraction] = SimpleQueue()
        for _ in range(count):
            self._free.put(replace(extraction, connection=extraction.connection.cursor()))
        self._begun: deque[Future[None]] = deque()

    def take(self, kind: str, batch: JsonRows | pa.Table, *, file: int) -> None:
        """Hand `batch` to the method `kind` of an extraction, some time soon."""
        while len(self._begun) >= self._most:
            self._begun.popleft().result()
        self._begun.append(self._pool.submit(self._work, kind, batch, file))

    def finish(self) -> None:
        """Wait until every batch is in the table."""
        while self._begun:
            self._begun.popleft().result()

    def close(self) -> None:
        """Give the connections back; every batch has ended."""
        while not self._free.empty():
            self._free.get().connection.close()

    def _work(self, kind: str, batch: JsonRows | pa.Table, file: int) -> None:
        extraction = self._free.get()
        try:
            getattr(extraction, kind)(batch, file=file)
        finally:
            self._free.put(extraction)


@contextmanager
def working(extraction: Extraction) -> Iterator[Workers]:
    """Workers, as many as the engine has threads or less; all is taken in when this ends."""
    setting = extraction.connection.execute("SELECT current_setting('threads')").fetchone()
    count = min(int(setting[0]), _MOST) if setting else 1
    with ThreadPoolExecutor(count, thread_name_prefix="typing") as pool:
        workers = Workers(extraction, pool, count=count)
        try:
            yield workers
            workers.finish()
        finally:
            pool.shutdown(cancel_futures=True)
            workers.close()
