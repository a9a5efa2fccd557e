"""Sweeps through Hydra's own sweeper: all jobs are proven first, what they share is read once."""

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


COMPARING = """
from omegaconf import OmegaConf
from wifitrain import cli, sweeper

compose = sweeper._compose_batch

def comparing(one, batch):
    loader = one.launcher.hydra_context.config_loader
    compose(one, batch)
    for job in map(list, batch):
        mine = one.launcher.hydra_context.config_loader.load_sweep_config(one.config, job)
        theirs = loader.load_sweep_config(one.config, job)
        print("equal", mine is not theirs and OmegaConf.to_yaml(mine) == OmegaConf.to_yaml(theirs))
    raise SystemExit

sweeper._compose_batch = comparing
cli.main()
"""


def swept(
    folder: Path, *arguments: str, command: str = "clear_cache", program: str = COUNTING
) -> subprocess.CompletedProcess[str]:
    """A sweep of `command`, the quickest if none is named, in a folder of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, "--multirun", "-cn", command,
         "hydra.sweep.dir=sweep", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache"),
             "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip


def test_jobs_that_differ_in_values_are_composed_once_and_get_their_own(tmp_path: Path) -> None:
    """Hydra alone would compose each twice; every job runs with what it was asked for."""
    ended = swept(tmp_path, "cache.max_bytes=1000,2000,3000")
    assert ended.returncode == 0, ended.stderr
    assert "composed 1 different 1" in ended.stdout
    assert ended.stdout.count("0 entries") == 3
    for number in range(3):
        config = (tmp_path / f"sweep/{number}/.hydra/config.yaml").read_text()
        assert f"max_bytes: {(number + 1) * 1000}" in config


def test_a_job_is_what_hydra_would_have_composed(tmp_path: Path) -> None:
    """Options of groups and values, added, removed and replaced, in any order."""
    own = tmp_path / "own/model"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("# @package model\nn_estimators: 7\n")
    ended = swept(
        tmp_path, "source.path=nowhere", "model.n_estimators=50",
        "model=mine,isolation_forest", "+run.more=[1]", "evaluation=quick,default",
        "~guard.ignore", "model.n_estimators=1,2", f"hydra.searchpath=[file://{tmp_path}/own]",
        "hydra.job.name=other", command="train", program=COMPARING,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == ["equal True"] * 8


def test_batches_share_what_was_composed(tmp_path: Path) -> None:
    """A loader for each batch around the one before would end a long sweep at Python's depth."""
    ended = swept(tmp_path, "cache.max_bytes=1000,2000,3000", "hydra.sweeper.max_batch_size=1")
    assert ended.returncode == 0, ended.stderr
    assert "composed 1 different 1" in ended.stdout
    config = (tmp_path / "sweep/2/.hydra/config.yaml").read_text()
    assert "max_bytes: 3000" in config


def test_a_fault_in_the_last_job_is_found_before_the_first_runs(tmp_path: Path) -> None:
    """A sweep does not end half-way for a word that was wrong from the start."""
    ended = swept(tmp_path, "cache=default,nothing")
    assert ended.returncode == 1
    assert "nothing" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "sweep/0").exists()
