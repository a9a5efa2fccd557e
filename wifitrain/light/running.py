"""The loop of a follower: take lines, tell, save, wait; a stop at any moment loses nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.light.heap import give_back
from wifitrain.light.state import read_state, write_state

if TYPE_CHECKING:
    from types import FrameType

    from wifitrain.light.follower import Follower
    from wifitrain.light.output import NoticeLog
    from wifitrain.light.tail import FileTail, StreamTail
    from wifitrain.light.watching import Watch

__all__ = ["Run"]


@dataclass
class Run:
    """A follower at work.

    `interval_s`: seconds to wait for more lines. `batch_lines`: lines taken at once, at most.
    `stop_at_end`: end with what is there now, and close every window. `watch` counts and tells
    people; it comes before the state is saved, so that a kill loses nothing.
    """

    follower: Follower
    tail: FileTail | StreamTail
    notices: NoticeLog
    state: Path | None
    interval_s: float
    batch_lines: int
    stop_at_end: bool
    watch: Watch | None = None
    _stopped: bool = field(default=False, init=False)

    def go(self) -> Mapping[str, Any]:
        """Follow until the log ends, or a signal asks to stop; returns the account.

        Raises
        ------
        WifitrainError : the log, the output or the state cannot be read or written.
        """
        watched = nullcontext() if self.watch is None else self.watch.at_work()
        with self._stopping(), watched:
            self._restore()
            while not self._stopped:
                taken = self.tail.take(self.batch_lines)
                at_end = taken.ended or (self.stop_at_end and not taken.more)
                lines = [*taken.lines, *([rest] if at_end and (rest := self.tail.rest()) else [])]
                if lines or at_end:
                    began = time.perf_counter()
                    step = self.follower.take(lines, last=at_end)
                    self.notices.append(step.told)
                    if self.watch is not None:
                        self.watch.step(step, seconds=time.perf_counter() - began)
                    self._save()
                    give_back()
                if at_end:
                    break
                if not taken.more:
                    self.tail.wait(self.interval_s)
        self.tail.close()
        return self._account()

    def _restore(self) -> None:
        found = None if self.state is None else read_state(self.state)
        if found is None:
            self.tail.begin()
            self._save()  # from here on a rotation is noticed, whatever happens
            return
        known, remembered = found
        self.follower.restore(known["follower"], remembered)
        self.tail.restore(known["tail"])
        self.notices.cut(known["output"])

    def _save(self) -> None:
        """After the notices: what was told after the last state is cut off and told again."""
        if self.state is not None:
            known = {
                "follower": self.follower.to_json(),
                "tail": self.tail.to_json(),
                "output": self.notices.length,
            }
            write_state(self.state, known, self.follower.remembered())

    def _account(self) -> Mapping[str, Any]:
        follower = self.follower
        return {
            "lines": follower.lines,
            "late": follower.late,
            "refused": follower.refused,
            "windows": follower.windows,
            "rotations": self.tail.rotations,
            "suppressed": follower.suppressed,
        }

    @contextmanager
    def _stopping(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the run after the step that is under way."""

        def stop(_: int, __: FrameType | None) -> None:
            self._stopped = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
