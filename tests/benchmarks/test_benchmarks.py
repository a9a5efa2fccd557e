"""The benchmarks measure what they say, and their table can be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.design_pipeline import features_of, load, train
from benchmarks.generate import export_of
from benchmarks.measure import Measured, measure
from benchmarks.report import table


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site."""
    return export_of(2000, tmp_path_factory.mktemp("bench"))[0]


def test_the_same_size_gives_the_same_bytes(export: Path, tmp_path: Path) -> None:
    """So that runs on other days can be compared."""
    assert export_of(2000, tmp_path)[0].read_bytes() == export.read_bytes()


def test_the_design_s_pipeline_registers_a_model(export: Path, tmp_path: Path) -> None:
    """With the design's features and files."""
    X = features_of(load(export))
    assert {"deauth_ratio", "unique_mac_count", "network_load"} <= set(X.columns)
    assert X.notna().all(axis=None)
    train(export, tmp_path)
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {"model.joblib", "scaler.joblib", "metadata.json", "model_registry.json"}


def test_a_task_is_measured_in_its_own_process(export: Path, tmp_path: Path) -> None:
    """Memory of the file decoded, not of this process."""
    empty = tmp_path / "empty.json"
    empty.write_text('{"data": []}')
    nothing, decode = measure([("decode", empty), ("decode", export)], rounds=1)
    assert 1 < nothing.peak < decode.peak < 200
    assert nothing.cpu > 0 and decode.cpu > 0


def test_file_to_x_tells_its_stages(export: Path) -> None:
    """Read, events, windows."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.tasks", "file_to_x", str(export)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(f'"{stage}"' in done.stderr for stage in ("read", "events", "windows"))


def test_ratios_are_those_of_the_clock_the_processor_and_memory() -> None:
    """Three times as fast with a quarter of the memory reads so."""
    ours = Measured(
        cpu_s=[5.0],
        wall_s=[9.0],
        peak_mb=[100],
        stages=[{"read": 2.0, "events": 2.0, "windows": 1.0}],
    )
    design = Measured(cpu_s=[10.0], wall_s=[27.0], peak_mb=[400], stages=[{}])
    limit = Measured(cpu_s=[2.0], wall_s=[4.5], peak_mb=[50], stages=[{}])
    text = table({1000: {"decode": limit, "file_to_x": ours, "design_x": design}}, {})
    assert "| 3.0 times as fast (2.0 by CPU), 0.25 of its memory | " in text
    assert " | 2.0 times its time (2.5 by CPU) |" in text
    assert "2.0 s (2000.0 µs a row)" in text
