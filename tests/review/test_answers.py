"""Verdicts are saved one by one into a file that is whole at any moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.review.test_review import scored_windows
from wifitrain.errors import DataError
from wifitrain.review import open_windows, pick, read_queue, save_verdict, write_queue


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    """Twenty windows without a verdict."""
    path = tmp_path / "review.csv"
    frame, _ = scored_windows(np.random.default_rng(0))
    write_queue(pick(frame, count=20, random_share=0.5, seed=1), path)
    return path


def test_each_verdict_is_in_the_file_and_its_window_no_longer_open(queue: Path) -> None:
    """And nothing else changed, notes and columns of people included."""
    text = queue.read_text().replace("stratum_windows", "stratum_windows,mine", 1)
    queue.write_text(text)
    windows = open_windows(queue)
    save_verdict(queue, windows[3], "anomaly")
    save_verdict(queue, windows[5], "unsure")
    assert open_windows(queue) == [w for n, w in enumerate(windows) if n not in {3, 5}]
    frame = read_queue(queue)
    assert frame["looked_at"].sum() == 2
    assert frame["verdict"][3]
    assert queue.read_text().splitlines()[0].count("mine") == 1
    assert [path.name for path in queue.parent.iterdir()] == ["review.csv"]


def test_what_somebody_else_answers_meanwhile_stays(queue: Path) -> None:
    """The file is read again before each save."""
    mine, theirs = open_windows(queue), open_windows(queue)
    save_verdict(queue, theirs[0], "normal")
    save_verdict(queue, mine[1], "anomaly")
    assert len(open_windows(queue)) == 18


def test_a_verdict_that_somebody_else_gave_stays(queue: Path) -> None:
    """Two people at one window: the second is told, and nothing is written."""
    window = open_windows(queue)[0]
    save_verdict(queue, window, "normal")
    before = queue.read_bytes()
    with pytest.raises(DataError, match="has the verdict 'normal', which stays"):
        save_verdict(queue, window, "anomaly")
    assert queue.read_bytes() == before


def test_a_file_that_a_spreadsheet_saved_stays_as_it_is(queue: Path) -> None:
    """Mark of UTF-8, mode, columns without a name, cells beyond the head: only a verdict is new."""
    lines = queue.read_text().splitlines()
    lines[0] += ",,"
    lines[2] += ",mine,yours,beyond"
    queue.write_bytes("\r\n".join(["\ufeff" + lines[0], *lines[1:], ""]).encode())
    queue.chmod(0o600)
    before = queue.read_bytes()
    save_verdict(queue, open_windows(queue)[0], "unsure")
    assert queue.read_bytes() == before.replace(b"\r\n,", b"\r\nunsure,", 1)
    assert queue.stat().st_mode & 0o777 == 0o600


def test_a_window_that_is_gone_is_not_invented(queue: Path) -> None:
    """The queue was replaced: said in one line, nothing written."""
    window = open_windows(queue)[0]
    other = {**window, "entity": "ap-99"}
    before = queue.read_bytes()
    with pytest.raises(DataError, match="was changed meanwhile: ap-99, .* is in it 0 times"):
        save_verdict(queue, other, "normal")
    assert queue.read_bytes() == before


def test_a_save_that_fails_leaves_the_queue(queue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at the last moment: the verdicts before are there, no scrap lies about."""
    windows = open_windows(queue)
    save_verdict(queue, windows[0], "normal")
    before = queue.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DataError, match="cannot write .*No space left"):
        save_verdict(queue, windows[1], "anomaly")
    assert queue.read_bytes() == before
    assert [path.name for path in queue.parent.iterdir()] == ["review.csv"]
