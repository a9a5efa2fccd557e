"""A sweep of 25 jobs against one training and against 25 independent ones, digest by digest.

``python -m benchmarks.sweep [EVALUATION ...]`` (quick): contamination x n_estimators, 5 x 5, in one
command with a fresh cache; one training with the largest forest, the cache off; and the same 25
configurations each in a process of its own, the cache off. BENCH_SWEEP_ROWS is the size of the
simulated export (200,000), BENCH_ROUNDS how often the sweep and the one training are measured;
BENCH_SWEEP_ALONE=0 leaves the independent ones out.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.generate import export_of

__all__ = ["Compared", "compare", "main", "told"]

CONTAMINATION = ("0.005", "0.01", "0.02", "0.05", "0.1")
TREES = ("50", "100", "150", "200", "300")
_JOBS = tuple(itertools.product(CONTAMINATION, TREES))
_ROOT = Path(__file__).resolve().parents[1]
#: What may differ between two runs of one configuration: names, places, times.
_VOLATILE = ("resources", "environment", "command", "monitoring", "digests", "model")
_WITHOUT_CACHE = "cache.enabled=false"


class _Cost(NamedTuple):
    cpu_s: float
    wall_s: float


class Compared(NamedTuple):
    """What each way took, and which of the 25 results differ (job and part of the account)."""

    evaluation: str
    one: _Cost  # training with the largest forest
    sweep: _Cost
    alone: _Cost | None  # all independent runs together, where they were made
    models: int  # different digests among the results
    differing: tuple[str, ...]

    @property
    def jobs_differing(self) -> int:
        """Configurations whose two results differ in anything."""
        return len({one.partition(":")[0] for one in self.differing})


def main() -> None:
    """Measure and print; status 1 where a result differs."""
    rows = int(os.environ.get("BENCH_SWEEP_ROWS", "200000"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "3"))
    folder = Path(os.environ.get("BENCH_FOLDER", Path(tempfile.gettempdir()) / "wifitrain-bench"))
    folder.mkdir(parents=True, exist_ok=True)
    export, written = export_of(rows, folder)
    alone = os.environ.get("BENCH_SWEEP_ALONE", "1") != "0"
    chosen = sys.argv[1:] or ["quick"]
    found = [compare(export, one, rounds=rounds, with_alone=alone) for one in chosen]
    sys.stdout.write(told(found, rows=written))
    sys.exit(any(one.differing for one in found))


def compare(export: Path, evaluation: str, *, rounds: int, with_alone: bool = True) -> Compared:
    """One training and the sweep in turn, `rounds` times; then the independent runs once."""
    ones, sweeps = [], []
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        given = [f"source.path={export}", f"evaluation={evaluation}"]
        given += ["training.early_stopping=false"]
        for number in range(rounds):
            arguments = [*given, f"model.n_estimators={TREES[-1]}", _WITHOUT_CACHE]
            ones.append(_run(place / f"one{number}", *arguments, "hydra.run.dir=run"))
            sweeps.append(_run(place / f"sweep{number}", "--multirun", *given, *_grid()))
        swept = [_left(place / f"sweep{rounds - 1}/sweep/{number}") for number in range(len(_JOBS))]
        alone, differing = _independent(place, given, swept) if with_alone else (None, ())
    return Compared(
        evaluation=evaluation,
        one=_middle(ones),
        sweep=_middle(sweeps),
        alone=alone,
        models=len({result["digest model"] for result in swept}),
        differing=differing,
    )


def _independent(
    place: Path, given: Sequence[str], swept: Sequence[dict[str, Any]]
) -> tuple[_Cost, tuple[str, ...]]:
    """What the runs cost together, and which of their results are not those of the sweep."""
    costs, differing = [], []
    for number, (job, one) in enumerate(zip(_JOBS, swept, strict=True)):
        folder = place / f"alone{number}"
        costs.append(_run(folder, *given, *_values(job), _WITHOUT_CACHE, "hydra.run.dir=0"))
        other = _left(folder / "0")
        keys = sorted(one.keys() | other.keys())
        differing += [f"{number}: {key}" for key in keys if one.get(key) != other.get(key)]
    return _Cost(*(sum(cost) for cost in zip(*costs, strict=True))), tuple(differing)


def told(found: Sequence[Compared], *, rows: int) -> str:
    """The table in Markdown."""
    lines = [
        f"| sweep 5 x 5, {rows:,} rows | CPU s | wall s | one training | 25 independent runs"
        " | differing results |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        ways = (("one training", one.one), ("the sweep", one.sweep), ("25 runs", one.alone))
        for name, cost in ways:
            if cost is None:
                continue
            is_judged = cost is one.sweep and one.alone is not None
            last = f"{one.jobs_differing} of {len(_JOBS)}" if is_judged else ""
            part = f"{cost.cpu_s / one.alone.cpu_s:.2f} x" if one.alone is not None else ""
            lines.append(
                f"| evaluation={one.evaluation}, {name} | {cost.cpu_s:.1f} | {cost.wall_s:.1f}"
                f" | {cost.cpu_s / one.one.cpu_s:.2f} x | {part} | {last} |"
            )
        lines += [f"\nDiffering: {', '.join(one.differing)}"] if one.differing else []
    return "\n".join(lines) + "\n"


def _grid() -> list[str]:
    return [
        f"model.contamination={','.join(CONTAMINATION)}",
        f"model.n_estimators={','.join(TREES)}",
        "hydra.sweep.dir=sweep",
    ]


def _values(job: tuple[str, str]) -> list[str]:
    return [f"model.contamination={job[0]}", f"model.n_estimators={job[1]}"]


def _middle(costs: Sequence[_Cost]) -> _Cost:
    return _Cost(*(median(cost) for cost in zip(*costs, strict=True)))


def _run(place: Path, *arguments: str) -> _Cost:
    """`wifitrain` in a folder of its own, with what it takes in CPU (its children's too)."""
    place.mkdir()
    sys.stderr.write(f"  {place.name}\n")
    environment = {**os.environ, "XDG_CACHE_HOME": str(place / "cache"), "PYTHONPATH": str(_ROOT)}
    command = [sys.executable, "-W", "ignore", "-m", "wifitrain", *arguments]
    begun = time.monotonic()
    with (place / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = (place / "said").read_text().strip().splitlines()[-1:]
        raise SystemExit(f"{place.name} failed: {''.join(last)}")
    return _Cost(cpu_s=used.ru_utime + used.ru_stime, wall_s=time.monotonic() - begun)


def _left(run: Path) -> dict[str, Any]:
    """What a run has to say, part by part: digests, threshold, every metric, every score."""
    import hashlib

    account: dict[str, Any] = json.loads((run / "report.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in account.items() if key not in _VOLATILE}
    digests = {f"digest {key}": account["digests"][key] for key in ("model", "data", "features")}
    model = {k: v for k, v in account["model"].items() if k not in {"version", "path"}}
    scores = hashlib.sha256((run / "windows.parquet").read_bytes()).hexdigest()
    drift = account["monitoring"].get("drift")
    return {**kept, **digests, "model": model, "drift": drift, "scores": scores}


if __name__ == "__main__":
    main()
