"""Wall time, CPU time and peak memory of a stretch of work, sampled with psutil."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Self

import psutil

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["ResourceMonitor"]


class ResourceMonitor:
    """A context manager: ``with ResourceMonitor() as monitor: ...``, then ``monitor.to_json()``.

    The peak is the largest resident set seen every `interval_s` seconds; a shorter spike may be
    missed. With `enabled=False` nothing is measured.
    """

    def __init__(self, *, enabled: bool = True, interval_s: float = 0.05) -> None:
        self.enabled = enabled
        self.interval_s = interval_s
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._peak = 0
        self._thread = threading.Thread(target=self._watch, name="resources", daemon=True)

    def __enter__(self) -> Self:
        self._wall = time.monotonic()
        self._cpu = self._cpu_s()
        if self.enabled:
            self._sample()
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.enabled:
            self._stop.set()
            self._thread.join()

    def to_json(self) -> dict[str, Json]:
        """wall_s, cpu_s (this process and its ended children) and peak_rss_bytes until now."""
        if not self.enabled:
            return {}
        self._sample()
        return {
            "wall_s": round(time.monotonic() - self._wall, 3),
            "cpu_s": round(self._cpu_s() - self._cpu, 3),
            "peak_rss_bytes": self._peak,
        }

    def _watch(self) -> None:
        while not self._stop.wait(self.interval_s):
            self._sample()

    def _sample(self) -> None:
        self._peak = max(self._peak, self._process.memory_info().rss)

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
