"""A committed change is told as what it was, even where history or index could not follow."""

from __future__ import annotations

import errno
import json
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.storage.made import contents
from wifitrain.storage import ModelStore, deployment, history

_FULL = OSError(errno.ENOSPC, "No space left on device")


class Killed(BaseException):
    """Ends a command where a kill would."""


def _failing(error: BaseException) -> Callable[..., None]:
    """Stands in for history.append: ends where there is anything to write."""

    def append(_: Path, records: Iterable[history.Record]) -> None:
        if list(records):
            raise error

    return append


def _told(store: ModelStore) -> list[tuple[str, str, str]]:
    return [(r.action, r.version, r.why) for r in store.history().records if r.action != "written"]


@pytest.fixture
def two(store: ModelStore) -> tuple[str, str]:
    """Two versions, deployed one after the other."""
    first, second = (store.write(contents(seed)).version for seed in range(2))
    store.deploy(first, why="one")
    store.deploy(second, why="two")
    return first, second


def _change(store: ModelStore, action: str, first: str) -> None:
    """Do it; to `first`, which a rollback returns to."""
    if action == "rolled_back":
        store.rollback(by="anna", why="leaks")
    elif action == "deployed":
        store.deploy(first, by="anna", why="leaks")
    elif action == "retired":
        store.retire(first, by="anna", why="leaks")
    else:
        store.pin(first, by="anna", why="leaks")


@pytest.mark.parametrize("action", ["rolled_back", "deployed", "retired", "pinned"])
def test_a_kill_after_the_commit_does_not_change_what_was_done(
    store: ModelStore, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """The next command writes down action, actor, reason and time of the one that was killed."""
    with monkeypatch.context() as patched:
        patched.setattr(deployment.history, "append", _failing(Killed()))
        with pytest.raises(Killed):
            _change(store, action, two[0])
    assert len(_told(store)) == 2
    before = history.stamp()["at"]
    store.rebuild_index()
    assert _told(store)[2:] == [(action, two[0], "leaks")]
    record = store.history().records[-1]
    assert record.by == "anna"
    assert record.at < before
    store.rebuild_index()
    assert len(_told(store)) == 3


def test_a_rollback_that_was_killed_leads_further_back_the_next_time(
    store: ModelStore, two: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken for a deployment it would lead to the version that was just left."""
    third = store.write(contents(9)).version
    store.deploy(third)
    with monkeypatch.context() as patched:
        patched.setattr(deployment.history, "append", _failing(Killed()))
        with pytest.raises(Killed):
            store.rollback()
    assert store.rollback().version == two[0]


def test_a_change_stands_where_the_history_cannot_be_written(
    store: ModelStore,
    two: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The version is live, so the command says so; a warning says what is still to be done."""
    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(deployment.history, "append", _failing(_FULL))
        assert store.deploy(two[0], why="again").state == "deployed"
    assert "is deployed; history or index could not be written" in caplog.text
    assert "No space left on device" in caplog.text
    store.rebuild_index()
    assert _told(store)[2:] == [("deployed", two[0], "again")]


def test_a_copied_folder_does_not_bring_its_past_along(
    two: tuple[str, str], models: Path, tmp_path: Path
) -> None:
    """What was done to a version in another folder was not done here."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (models / two[0]).rename(elsewhere / two[0])
    metadata = json.loads((elsewhere / two[0] / "metadata.json").read_text())
    assert metadata["deployment_info"]["last_change"]["action"] == "deployed"
    other = ModelStore(directory=str(elsewhere))
    other.rebuild_index()
    assert [record.action for record in other.history().records] == ["found"]


def test_a_parcel_does_not_bring_its_past_along(
    store: ModelStore, two: tuple[str, str], tmp_path: Path
) -> None:
    """Neither in the ZIP nor where it arrives."""
    other = ModelStore(directory=str(tmp_path / "other"))
    arrived = other.import_zip(str(store.export_zip(two[1], destination=str(tmp_path))))
    assert arrived.standing["last_change"] is None
    other.rebuild_index()
    assert [record.action for record in other.history().records] == ["imported"]


def test_a_live_version_that_cannot_be_read_just_now_is_not_overruled(
    store: ModelStore, two: tuple[str, str], models: Path
) -> None:
    """After a rollback the version before still calls itself deployed until the next command."""
    first, second = two
    third = store.write(contents(9)).version
    store.deploy(third)
    standing = (models / third / "metadata.json").read_bytes()
    store.rollback()
    (models / third / "metadata.json").write_bytes(standing)  # as a kill would have left it
    kept = (models / second / "metadata.json").read_bytes()
    (models / second / "metadata.json").unlink()
    store.rebuild_index()
    (models / second / "metadata.json").write_bytes(kept)
    store.rebuild_index()
    assert _told(store)[-1][:2] == ("rolled_back", second)
    assert [model.version for model in store.versions() if model.state == "deployed"] == [second]
    assert store.rollback().version == first
