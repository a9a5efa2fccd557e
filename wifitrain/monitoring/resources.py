"""Wall time, CPU time and peak memory of a stretch of work, and limits that end it cleanly."""

from __future__ import annotations

import _thread
import signal
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import psutil

from wifitrain.errors import LimitExceeded

if TYPE_CHECKING:
    from types import TracebackType

    from wifitrain.records import Json

__all__ = ["ResourceLimits", "ResourceMonitor"]

_LATE_INTERRUPT_S = 0.05  # the block ended by itself while its interrupt was on the way


@dataclass(frozen=True, kw_only=True)
class ResourceLimits:
    """Most resident memory and wall time of a run; None: no limit."""

    max_bytes: float | None = None
    max_s: float | None = None


class ResourceMonitor:
    """A context manager: ``with ResourceMonitor() as monitor: ...``, then ``monitor.to_json()``.

    The peak is the largest resident set seen every `interval_s` seconds; a shorter spike may be
    missed. With `enabled=False` nothing is measured, but limits hold.

    Raises
    ------
    LimitExceeded : at the end of the block, which is interrupted as by Ctrl-C when memory or time
        go beyond `limits`. A step inside a library ends first.
    """

    def __init__(
        self,
        *,
        enabled: bool = True,
        limits: ResourceLimits = ResourceLimits(),
        interval_s: float = 0.05,
    ) -> None:
        self.enabled = enabled
        self.limits = limits
        self.interval_s = interval_s
        self._process = psutil.Process()
        self._stop = threading.Event()
        self._peak = 0
        self._exceeded = ""
        self._was_ignored = False
        self._thread = threading.Thread(target=self._watch, name="resources", daemon=True)

    def __enter__(self) -> Self:
        self._wall = time.monotonic()
        self._cpu = self._cpu_s()
        if self.limits != ResourceLimits():
            self._heed_interrupts()
        if self.enabled or self.limits != ResourceLimits():
            self._sample()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        try:
            self._stop.set()
            if self._thread.is_alive():
                self._thread.join()
            if self._exceeded and kind is not KeyboardInterrupt:
                time.sleep(_LATE_INTERRUPT_S)
        except KeyboardInterrupt:
            if not self._exceeded:
                raise
        if self._was_ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        if self._exceeded:
            raise LimitExceeded(self._exceeded) from error

    def _heed_interrupts(self) -> None:
        """A script's command in the background ignores SIGINT, by which its limits would end it."""
        is_main = threading.current_thread() is threading.main_thread()
        if is_main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            self._was_ignored = True
            signal.signal(signal.SIGINT, signal.default_int_handler)

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
            self._exceeded = self._beyond()
            if self._exceeded:
                _thread.interrupt_main()
                return

    def _beyond(self) -> str:
        """Which limit is exceeded, in words, or ''."""
        taken_s, limits = time.monotonic() - self._wall, self.limits
        if limits.max_bytes is not None and self._peak > limits.max_bytes:
            return (
                f"stopped at {self._peak / 1e6:.0f} MB of memory:"
                f" monitoring.max_memory is {limits.max_bytes / 1e6:.0f} MB"
            )
        if limits.max_s is not None and taken_s > limits.max_s:
            return f"stopped after {taken_s:.0f} s: monitoring.max_time is {limits.max_s:g} s"
        return ""

    def _sample(self) -> None:
        self._peak = max(self._peak, self._process.memory_info().rss)

    def _cpu_s(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
