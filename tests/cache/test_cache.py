"""The cache gives back what was put in, or nothing: never something else, never an error."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from wifitrain.cache import Cache
from wifitrain.errors import ConfigError

CONTENTS = {"a": b"some bytes" * 100, "nothing": b""}


def kept(directory: Path, *, made_of: object = 1) -> Path:
    """The file of an entry that holds CONTENTS."""
    Cache(directory=str(directory)).entry("things", made_of).write(CONTENTS)
    return max(directory.glob("things/*.entry"), key=lambda path: path.stat().st_mtime_ns)


def test_what_was_kept_is_found_by_another_process(tmp_path: Path) -> None:
    """By what made it; anything else finds nothing."""
    kept(tmp_path)
    cache = Cache(directory=str(tmp_path))
    assert cache.entry("things", 1).read() == CONTENTS
    assert cache.entry("things", 2).read() is None
    assert cache.entry("others", 1).read() is None


@pytest.mark.parametrize("place", [0, 20, 60, 100, -1])
def test_a_damaged_entry_is_nothing(tmp_path: Path, place: int) -> None:
    """One flipped bit anywhere: the entry goes, whoever needs it computes it again."""
    path = kept(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 4
    path.write_bytes(content)
    assert Cache(directory=str(tmp_path)).entry("things", 1).read() is None
    assert not path.exists()


@pytest.mark.parametrize("length", [0, 10, 40, 55, 500])
def test_a_cut_entry_is_nothing(tmp_path: Path, length: int) -> None:
    """However little of it is there."""
    path = kept(tmp_path)
    path.write_bytes(path.read_bytes()[:length])
    assert Cache(directory=str(tmp_path)).entry("things", 1).read() is None


def test_other_code_finds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release computes for itself."""
    kept(tmp_path)
    monkeypatch.setattr("wifitrain.cache.store.code_digest", lambda: "another")
    assert Cache(directory=str(tmp_path)).entry("things", 1).read() is None


def test_switched_off_nothing_is_read_or_written(tmp_path: Path) -> None:
    """Not even a folder appears."""
    folder = tmp_path / "cache"
    entry = Cache(enabled=False, directory=str(folder)).entry("things", 1)
    with entry.claimed():
        entry.write(CONTENTS)
    assert entry.read() is None
    assert not folder.exists()


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    """A size limit holds; what was read lately stays."""
    cache = Cache(directory=str(tmp_path), max_bytes=3500)
    for number in range(3):
        cache.entry("things", number).write(CONTENTS)
    for age, number in enumerate((1, 2, 0)):
        path = cache.entry("things", number).path
        os.utime(path, (time.time() - 100 + age, time.time() - 100 + age))
    assert cache.entry("things", 1).read() == CONTENTS  # used: the youngest now
    cache.entry("things", 3).write(CONTENTS)
    assert [cache.entry("things", number).read() is not None for number in range(4)] == [
        True, True, False, True,
    ]  # fmt: skip
    assert sum(path.stat().st_size for path in tmp_path.glob("things/*.entry")) <= 3500


def test_a_folder_of_others_is_not_used(tmp_path: Path) -> None:
    """Whoever may write there could place an entry."""
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    Cache(directory=str(folder)).entry("things", 1).write(CONTENTS)
    assert list(folder.iterdir()) == []


def test_entries_are_private(tmp_path: Path) -> None:
    """Folders and files are the user's own."""
    path = kept(tmp_path / "cache")
    assert [p.stat().st_mode & 0o777 for p in (path, path.parent, tmp_path / "cache")] == [
        0o600, 0o700, 0o700,
    ]  # fmt: skip


def test_no_room_is_no_error(tmp_path: Path) -> None:
    """Where the folder cannot be made, runs go on without."""
    (tmp_path / "cache").write_text("a file")
    entry = Cache(directory=str(tmp_path / "cache")).entry("things", 1)
    with entry.claimed():
        entry.write(CONTENTS)
    assert entry.read() is None


def test_clearing_removes_entries_and_nothing_else(tmp_path: Path) -> None:
    """What a user keeps in the same folder stays."""
    path = kept(tmp_path)
    (path.parent / "mine.txt").write_text("mine")
    left_by_a_kill = path.with_name(".tmp-00.entry")
    left_by_a_kill.write_bytes(b"half")
    os.utime(left_by_a_kill, (0, 0))
    cleared = Cache(directory=str(tmp_path)).clear()
    assert (cleared.entries, cleared.directory) == (1, str(tmp_path))
    assert [one.name for one in path.parent.iterdir()] == ["mine.txt"]


def _compute(directory: str, log: str) -> None:
    """Take an entry or make it, and note who made it."""
    entry = Cache(directory=directory).entry("things", "shared")
    with entry.claimed():
        if entry.read() is None:
            time.sleep(0.2)
            with open(log, "a") as file:
                file.write("made\n")
            entry.write(CONTENTS)


def test_two_jobs_with_one_key_compute_once(tmp_path: Path) -> None:
    """The second waits and reads."""
    log = tmp_path / "log"
    context = multiprocessing.get_context("spawn")
    jobs = [context.Process(target=_compute, args=(str(tmp_path / "c"), str(log))) for _ in "123"]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(60)
    assert log.read_text() == "made\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"enabled": 1}, "cache.enabled must be true or false, got 1"),
        ({"directory": 3}, "cache.directory must be null or a folder, got 3"),
        ({"max_bytes": 0}, "cache.max_bytes must be an integer above 0, got 0"),
        ({"max_bytes": "4GB"}, "cache.max_bytes must be an integer above 0, got '4GB'"),
    ],
)
def test_unusable_values_are_named(arguments: dict[str, object], message: str) -> None:
    """The constructor names the key and the value it refuses."""
    with pytest.raises(ConfigError, match=message):
        Cache(**arguments)
