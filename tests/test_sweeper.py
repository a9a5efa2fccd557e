"""Sweeps through Hydra's own sweeper: all jobs are proven first, each is composed once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COUNTING = """
import sys
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from wifitrain.cli import main

composed, before = [], ConfigLoaderImpl.load_sweep_config

def counting(self, master_config, sweep_overrides):
    composed.append(tuple(sweep_overrides))
    return before(self, master_config, sweep_overrides)

ConfigLoaderImpl.load_sweep_config = counting
try:
    main()
finally:
    print("composed", len(composed), "different", len(set(composed)))
"""


def swept(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A sweep of `clear_cache`, the quickest command, in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-c", COUNTING, "--multirun", "-cn", "clear_cache",
         "hydra.sweep.dir=sweep", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"),
             "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip


def test_each_job_is_composed_once_and_gets_its_own_values(tmp_path: Path) -> None:
    """Hydra alone would compose each twice; every job runs with what it was asked for."""
    ended = swept(tmp_path, "cache.max_bytes=1000,2000,3000")
    assert ended.returncode == 0, ended.stderr
    assert "composed 3 different 3" in ended.stdout
    assert ended.stdout.count("0 entries") == 3
    for number in range(3):
        config = (tmp_path / f"sweep/{number}/.hydra/config.yaml").read_text()
        assert f"max_bytes: {(number + 1) * 1000}" in config


def test_a_fault_in_the_last_job_is_found_before_the_first_runs(tmp_path: Path) -> None:
    """A sweep does not end half-way for a word that was wrong from the start."""
    ended = swept(tmp_path, "cache=default,nothing")
    assert ended.returncode == 1
    assert "nothing" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "sweep/0").exists()
