"""What a run is at is said on a terminal, and only there."""

from __future__ import annotations

import io
import os
import pty
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, suppress

import pytest

from wifitrain.engine import Engine
from wifitrain.pipeline import stage_progress
from wifitrain.pipeline.context import Stages
from wifitrain.pipeline.stage_progress import StageProgress


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of a second is a long step here."""
    monkeypatch.setattr(stage_progress, "_PATIENCE_S", 0.1)
    monkeypatch.setenv("TERM", "xterm")


@contextmanager
def terminal() -> Iterator[list[str]]:
    """A terminal as standard error, and afterwards what it showed."""
    ours, theirs = pty.openpty()
    shown: list[str] = []
    os.set_blocking(ours, False)
    with open(theirs, "w", encoding="utf-8") as stderr, redirect_stderr(stderr):
        yield shown
        with suppress(BlockingIOError):
            while text := os.read(ours, 1 << 16).decode(errors="replace"):
                shown.append(text)
    os.close(ours)


def test_a_long_step_is_shown_with_its_rate() -> None:
    """The engine's statement, the rows a second that follow, and nothing of a short step."""
    stages = Stages()
    with terminal() as screen, Engine(threads=1) as engine:
        stages.progress = StageProgress(engine=engine)
        stages.expect(1_000_000)
        engine.connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(2000000)")
        with stages.timed("windows"):
            end = time.monotonic() + 2
            while time.monotonic() < end:
                engine.connection.execute("SELECT count(DISTINCT md5(a::VARCHAR)) FROM t")
        with stages.timed("events"):
            pass
    text = "".join(screen)
    assert "windows" in text
    assert "rows/s" in text
    assert "events" not in text
    assert list(stages.seconds) == ["windows", "events"]


def test_nothing_is_shown_in_a_log() -> None:
    """Where standard error is a file or a pipe."""
    log = io.StringIO()
    with redirect_stderr(log), Stages(progress=StageProgress(engine=Engine())).timed("evaluate"):
        time.sleep(1.0)
    assert log.getvalue() == ""


def test_an_error_ends_the_display() -> None:
    """It goes on as it came, and the cursor is back."""
    stages = Stages(progress=StageProgress(engine=Engine()))
    with (
        terminal() as screen,
        pytest.raises(KeyboardInterrupt),
        stages.timed("evaluate"),
    ):
        time.sleep(1.5)
        raise KeyboardInterrupt
    text = "".join(screen)
    assert "evaluate" in text
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l") > -1
