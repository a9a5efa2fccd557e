"""wifitrain -cn review action=ask, as a person meets it: at a terminal, and killed at it."""

from __future__ import annotations

import csv
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended, environment_of, version_in

Run = Callable[..., Ended]


@pytest.fixture
def queue(wifitrain: Run, trained: Path, next_week: Path) -> Path:
    """Ten windows of the later logs, the highest scores among them."""
    scored = wifitrain("-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}")
    picked = wifitrain(
        "-cn", "review", f"windows={scored.run_dir / 'windows.parquet'}", "count=10",
        "random_share=0.3",
    )  # fmt: skip
    assert picked.status == 0, picked.err
    return picked.folder / "review.csv"


def command(trained: Path, logs: Path) -> list[str]:
    """What the person types."""
    return [
        sys.executable, "-m", "wifitrain", "-cn", "review", "action=ask",
        f"model={version_in(trained)}", f"source.path={logs}",
    ]  # fmt: skip


def verdicts(queue: Path) -> list[str]:
    """The column."""
    return [row["verdict"] for row in csv.DictReader(queue.read_text().splitlines())]


def test_a_person_answers_leaves_is_killed_and_goes_on(
    queue: Path, trained: Path, next_week: Path
) -> None:
    """Piped, at a terminal that dies, piped again: every answer is kept, none is asked twice."""
    words, here = command(trained, next_week), environment_of(queue.parent)
    first = subprocess.run(
        words, cwd=queue.parent, env=here, input="maybe\ny\ns\nu\nq\n", capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert first.returncode == 0, first.stderr
    assert verdicts(queue)[:4] == ["anomaly", "", "unsure", ""]
    assert "1 of 10 open" in first.stdout
    assert ": score times " in first.stdout
    assert "lines:" in first.stdout
    assert "sta-" in first.stdout, "addresses are pseudonyms"
    assert "2 verdicts saved, 8 windows open" in first.stdout

    _killed_after(words, queue, answers=2)
    assert verdicts(queue)[:5] == ["anomaly", "normal", "unsure", "normal", ""]

    last = subprocess.run(  # the input ends: like leaving
        words, cwd=queue.parent, env=here, input="y\n", capture_output=True, text=True, check=False
    )
    assert "1 of 6 open" in last.stdout
    assert verdicts(queue)[:6] == ["anomaly", "normal", "unsure", "normal", "anomaly", ""]


def _killed_after(words: list[str], queue: Path, *, answers: int) -> None:
    """Answer `n` at a terminal as often as asked, and kill the program at the next question."""
    control, terminal = pty.openpty()
    program = subprocess.Popen(
        words, cwd=queue.parent, env=environment_of(queue.parent), stdin=terminal, stdout=terminal,
        stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    seen, deadline = b"", time.monotonic() + 120
    for number in range(answers + 1):
        while seen.count(b"(q)uit") <= number:
            assert time.monotonic() < deadline, seen.decode()
            if select.select([control], [], [], 1)[0]:
                seen += os.read(control, 65_536)
        if number < answers:
            os.write(control, b"n\n")
    program.send_signal(signal.SIGKILL)
    program.wait()
    os.close(control)


def test_asking_needs_the_version_that_explains(wifitrain: Run) -> None:
    """One line, before any log is read."""
    ended = wifitrain("-cn", "review", "action=ask")
    assert ended.status == 1
    assert "package must name the folder of the version that explains windows" in ended.err


def test_logs_of_another_time_are_told(
    wifitrain: Run, queue: Path, trained: Path, quiet_week: Path
) -> None:
    """None of the queue's windows is in them."""
    ended = wifitrain(
        "-cn", "review", "action=ask", f"package={version_in(trained)}", f"source.path={quiet_week}"
    )
    assert ended.status == 1
    assert "none of its open windows is in these logs: give source.path" in ended.err
    assert set(verdicts(queue)) == {""}
