"""Runs tasks in turn, several rounds of them, each in a process of its own; medians come out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

__all__ = ["Measured", "measure"]

_ROOT = Path(__file__).resolve().parents[1]
_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


@dataclass(kw_only=True)
class Measured:
    """What the rounds of one task took."""

    wall_s: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    stages: list[dict[str, float]] = field(default_factory=list)

    @property
    def cpu(self) -> float:
        """Median CPU seconds: on a busy machine the one to compare."""
        return median(self.cpu_s)

    @property
    def wall(self) -> float:
        """Median wall seconds."""
        return median(self.wall_s)

    @property
    def peak(self) -> float:
        """Highest peak memory, MB."""
        return max(self.peak_mb)

    def stage(self, name: str) -> float:
        """Median CPU seconds of one stage."""
        return median(stages[name] for stages in self.stages)


def measure(tasks: Sequence[tuple[str, Path]], *, rounds: int) -> list[Measured]:
    """Interleaved: every task once, then every task again; a slow moment hits all alike."""
    measured = [Measured() for _ in tasks]
    for number in range(rounds):
        for one, (name, path) in zip(measured, tasks, strict=True):
            sys.stderr.write(f"  round {number + 1}: {name} {path.name}\n")
            _once(one, name, path)
    return measured


def _once(measured: Measured, name: str, path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.tasks", name, str(path)]
    begun = time.monotonic()
    done = subprocess.run(
        command, cwd=_ROOT, env=_environment(), capture_output=True, text=True, check=False
    )
    wall = time.monotonic() - begun
    if done.returncode:
        raise SystemExit(f"{name} failed: {done.stderr.strip().splitlines()[-1]}")
    said = json.loads(done.stderr.strip().splitlines()[-1])
    measured.wall_s.append(wall)
    measured.cpu_s.append(said["cpu_s"])
    measured.peak_mb.append(said["peak_mb"])
    measured.stages.append(said["stages"])


def _environment() -> dict[str, str]:
    """Ours, with bytecode kept as an installed package has it, or each task would compile first."""
    return {name: value for name, value in os.environ.items() if name != _NO_BYTECODE}
