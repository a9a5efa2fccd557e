"""A version's history is append-only and survives a kill in the middle of a line."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wifitrain.errors import WifitrainError
from wifitrain.monitoring import append_entry, history_file, history_lock, read_entries


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    """And nothing is there before the first."""
    path = history_file(str(tmp_path / "monitoring"), "model_a")
    assert read_entries(path) == []
    for number in range(3):
        append_entry(path, {"number": number})
    assert [entry["number"] for entry in read_entries(path)] == [0, 1, 2]


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    """What a kill left unfinished is passed over, and the next entry is whole."""
    path = tmp_path / "model_a.ndjson"
    append_entry(path, {"number": 1})
    with path.open("ab") as file:
        file.write(b'{"number": 2, "hal')
    append_entry(path, {"number": 3})
    assert [entry["number"] for entry in read_entries(path)] == [1, 3]


def test_runs_at_the_same_time_lose_no_entry(tmp_path: Path) -> None:
    """Four processes, a hundred entries."""
    path = tmp_path / "model_a.ndjson"
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.starmap(append_entry, [(path, {"number": number}) for number in range(100)])
    assert sorted(entry["number"] for entry in read_entries(path)) == list(range(100))


def count_on(path: Path) -> None:
    """Append what follows from the entries before."""
    with history_lock(path):
        number = len(read_entries(path))
        time.sleep(0.01)
        append_entry(path, {"number": number})


def test_what_follows_from_the_entries_before_is_appended_once(tmp_path: Path) -> None:
    """Threads of the same moment wait for each other over read and append."""
    path = tmp_path / "model_a.ndjson"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_on, [path] * 8))
    assert [entry["number"] for entry in read_entries(path)] == list(range(8))


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    """With its name."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(WifitrainError, match="cannot write .*taken"):
        append_entry(tmp_path / "taken" / "model_a.ndjson", {})
