"""Windows from the cache are the windows, to the last bit, and of nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from wifitrain.cache import Cache, forget
from wifitrain.engine import Engine
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource
from wifitrain.features import WindowFeatures, x_digest
from wifitrain.labels import IntervalLabels
from wifitrain.pipeline import Preparation
from wifitrain.pipeline.context import RunContext, Stages
from wifitrain.pipeline.preparation import Prepared
from wifitrain.pipeline.window_cache import made_of
from wifitrain.simulation import Simulator, write_export

Prepare = Callable[..., tuple[Prepared, list[str]]]
FEATURES = {"numeric": ["auth_failure_ratio", "deauth_ratio"], "derived": ["association_count"]}


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a day of one access point, with one record that is refused."""
    path = tmp_path_factory.mktemp("export") / "day.json"
    simulator = Simulator(
        days=0.5, access_points=1, stations_per_access_point=5, dialects=["hostapd_openwrt"], seed=1
    )
    write_export(simulator, path, "E1")
    content = json.loads(path.read_text())
    content["data"][5]["timestamp"] = "no time at all"
    path.write_text(json.dumps(content))
    return path


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Prepare an export in a run folder of its own; the stages that it took."""
    monkeypatch.setenv("WIFITRAIN_PSEUDONYM_KEY", "a key that only the tests know")
    runs = iter(range(100))

    def run(
        path: Path,
        *,
        source: Any = None,
        ask: Callable[[Prepared], object] = id,
        is_new_process: bool = True,
        **changed: Any,
    ) -> tuple[Prepared, list[str]]:
        if is_new_process:
            forget()
        folder = tmp_path / f"run{next(runs)}"
        folder.mkdir()
        parts = {
            "source": source or FileSource(path=str(path), **changed.pop("of_source", {})),
            "events": EventExtractor(),
            "features": WindowFeatures(**{**FEATURES, **changed.pop("of_features", {})}),
            "labels": IntervalLabels(),
            "cache": Cache(directory=str(tmp_path / "cache")),
            **changed,
        }
        stages = Stages()
        with Engine(threads=1) as engine:
            preparation = Preparation(engine=engine, **parts)
            prepared = preparation.prepare(RunContext(run_dir=folder, config={}), stages)
            ask(prepared)
        left = folder / "quarantine.ndjson"
        assert left.stat().st_mode & 0o777 == 0o600
        return prepared, [*stages.seconds, left.read_text()]

    return run


def test_windows_come_back_as_they_were(prepare: Prepare, export: Path) -> None:
    """X, index, kinds, account and the file of refused records; and nothing was read."""
    (first, before), (second, after) = prepare(export), prepare(export)
    for name in ("X", "index", "kinds"):
        pd.testing.assert_frame_equal(
            getattr(second.windows, name), getattr(first.windows, name), check_exact=True
        )
    windows = replace(second.windows, X=first.windows.X, index=first.windows.index)
    assert replace(windows, kinds=first.windows.kinds) == first.windows
    assert (second.data, second.data_digest, second.x_digest) == (
        json.loads(json.dumps(first.data)), first.data_digest, first.x_digest,
    )  # fmt: skip
    assert x_digest(second.windows) == second.x_digest
    assert before[:-1] == ["cache", "read", "events", "windows"]
    assert after == ["cache", before[-1]]


def test_jobs_of_one_process_share_windows(prepare: Prepare, export: Path) -> None:
    """The very frames, from the job that built them on; each has its file of refused records."""
    prepare(export)
    (first, refused), (second, again) = (prepare(export, is_new_process=False) for _ in "12")
    assert first.windows.X is second.windows.X
    assert first.windows.index is second.windows.index
    assert refused[-1] == again[-1] != ""
    third, _ = prepare(export, is_new_process=False, of_features={"window_s": 60})
    assert third.windows.window_s != first.windows.window_s


def test_found_windows_count_within_the_memory_limit(
    prepare: Prepare, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those that were just built: what is asked of the engine afterwards lies beside them."""
    reserved: list[int] = []
    monkeypatch.setattr(Engine, "reserve", lambda _, n_bytes: reserved.append(n_bytes))
    built, _ = prepare(export)
    assert reserved[-1] > built.windows.X.to_numpy().nbytes + built.windows.kinds["count"].nbytes
    first = reserved[-1]
    reserved.clear()
    prepare(export)
    assert len(reserved) == 1
    assert reserved[0] == pytest.approx(first, rel=0.01)


def test_lines_are_read_when_they_are_asked_for(prepare: Prepare, export: Path) -> None:
    """Although the windows were not built again."""
    prepare(export)
    counts = []

    def ask(prepared: Prepared) -> None:
        lines, events = prepared.logs.table, prepared.events.table
        counts.extend([lines.count().to_pandas(), events.count().to_pandas()])

    prepared, (*stages, _) = prepare(export, ask=ask)
    assert counts == [prepared.data["valid"]] * 2
    assert stages == ["cache", "read", "events"]


def identity(path: Path, **changed: Any) -> str:
    """What windows of these parts are known by."""
    parts = {
        "source": FileSource(path=str(path), **changed.get("source", {})),
        "events": EventExtractor(**changed.get("events", {})),
        "features": WindowFeatures(**{**FEATURES, **changed.get("features", {})}),
    }
    return json.dumps(made_of(parts), sort_keys=True)


@pytest.mark.parametrize(
    "changed",
    [
        {"source": {"timezone": "Europe/Berlin"}},
        {"source": {"max_records": 50}},
        {"source": {"year": 2020}},
        {"source": {"labels": "is_odd"}},
        {"source": {"clock_reset": "keep"}},
        {"source": {"max_message_chars": 100}},
        {"source": {"pseudonymise": False}},
        {"features": {"window_s": 600}},
        {"features": {"numeric": ["deauth_ratio"]}},
        {"features": {"entity": "station"}},
        {"features": {"unavailable": "error"}},
        {"events": {"wifi_programs": ["hostapd"]}},
        {"events": {"pseudonymise": False}},
    ],
)
def test_another_option_is_another_result(
    export: Path, changed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever may change the windows is part of what they are known by; so is the key."""
    monkeypatch.setenv("WIFITRAIN_PSEUDONYM_KEY", "a key that only the tests know")
    assert identity(export, **changed) != identity(export)
    assert identity(export) == identity(export)
    before = identity(export)
    monkeypatch.setenv("WIFITRAIN_PSEUDONYM_KEY", "another key that only the tests know")
    assert identity(export) != before
    assert "only the tests" not in identity(export)


def test_one_byte_more_is_another_export(prepare: Prepare, export: Path, tmp_path: Path) -> None:
    """Even one that means nothing, in a file of the same name and age."""
    path = tmp_path / "copy.json"
    path.write_bytes(export.read_bytes())
    age = path.stat()
    prepare(path)
    path.write_bytes(export.read_bytes() + b"\n")
    os.utime(path, ns=(age.st_atime_ns, age.st_mtime_ns))
    assert "read" in prepare(path)[1]


def test_a_users_own_source_is_read_every_time(prepare: Prepare, export: Path) -> None:
    """Its code is not known: what it reads may change."""

    class Own(FileSource):
        pass

    first, _ = prepare(export, source=Own(path=str(export)))
    assert first.made_of is None
    assert "read" in prepare(export, source=Own(path=str(export)))[1]


def test_a_file_that_changed_while_it_was_read_is_not_kept(
    prepare: Prepare, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read is then not what the digest says."""
    told = FileSource.identity

    def earlier(self: FileSource) -> dict[str, Any]:
        return {**told(self), "digest": "of the bytes before"}

    monkeypatch.setattr(FileSource, "identity", earlier)
    prepare(export)
    assert "read" in prepare(export)[1]
