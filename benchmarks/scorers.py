"""The same windows scored by the edge artefact and by scikit-learn, each in a process of its own.

``python -m benchmarks.scorers KIND VERSION WINDOWS`` prints a line of JSON: windows a second and
the highest resident memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

__all__ = ["Scorers", "measured_scorers"]

_Score = Callable[[np.ndarray], object]

_ROUNDS = 5
_TRAINED_ON = "train.log"
_NAMES = {
    "edge": "edge artefact: score",
    "edge_guard": "edge artefact: score and guard",
    "joblib": "model.joblib: score_samples",
}


@dataclass(frozen=True, kw_only=True)
class Scorers:
    """How fast each way is, over how many windows, and how large."""

    windows: int
    found: dict[str, dict[str, float]]

    def table(self) -> list[str]:
        """As lines of Markdown."""
        rows = [
            f"| {_NAMES[kind]} | {one['per_s']:,.0f} | {one['one_per_s']:,.0f} |"
            f" {one['peak_mb']:.0f} |"
            for kind, one in self.found.items()
        ]
        return [
            f"The same {self.windows:,} windows, each scorer in a process of its own:",
            "",
            "| scorer | windows/s, all at once | windows/s, one at a time | peak MB |",
            "|---|---:|---:|---:|",
            *rows,
        ]


def measured_scorers(version: Path, folder: Path) -> Scorers:
    """Score the windows of the lines that `version` was trained on."""
    windows = folder / "windows.npy"
    X = _windows(version, folder / _TRAINED_ON)
    np.save(windows, X)
    found = {}
    for kind in _NAMES:
        command = [sys.executable, "-m", "benchmarks.scorers", kind, str(version), str(windows)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[kind] = json.loads(done.stdout)
    return Scorers(windows=len(X), found=found)


def _windows(version: Path, log: Path) -> np.ndarray:
    from wifitrain.engine import Engine
    from wifitrain.events import EventExtractor
    from wifitrain.export import FileSource
    from wifitrain.light import load_light

    model = load_light(version)
    with Engine(memory_limit="600MB") as engine:
        source = FileSource(path=str(log), year=2026)
        logs = source.read(engine, quarantine=engine.scratch / "quarantine")
        events = EventExtractor().extract(engine, logs)
        return model.values(model.features.build(engine, events, columns=model.edge.columns))


def main(kind: str, version: str, windows: str) -> None:
    """Measure one scorer in this process."""
    X = np.load(windows)  # noqa: TID251 - made by this program
    score = {"edge": _edge, "edge_guard": _edge_guard, "joblib": _joblib}[kind](Path(version))
    score(X[:2])
    rates = [len(X) / _seconds(lambda: score(X)) for _ in range(_ROUNDS)]
    few = X[:300]
    ones = len(few) / _seconds(lambda: [score(few[n : n + 1]) for n in range(len(few))])
    found = {"per_s": float(np.median(rates)), "one_per_s": ones, "peak_mb": _peak_mb()}
    sys.stdout.write(json.dumps(found) + "\n")


def _peak_mb() -> float:
    """Of this program alone: ru_maxrss also knows what forked it."""
    status = Path("/proc/self/status").read_text("ascii")
    return float(status.partition("VmHWM:")[2].split()[0]) / 1024


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _edge(version: Path) -> _Score:
    from wifitrain.edge import load_folder

    model = load_folder(version)
    places = [model.columns.index(name) for name in model.feature_names]
    return lambda X: model.score(X[:, places])


def _edge_guard(version: Path) -> _Score:
    from wifitrain.edge import load_folder

    model = load_folder(version)
    return lambda X: model.judge(X, kinds=[["event:associated"]] * len(X))


def _joblib(version: Path) -> _Score:
    import joblib

    from wifitrain.edge import load_folder

    edge = load_folder(version)
    places = [edge.columns.index(name) for name in edge.feature_names]
    model = joblib.load(version / "model.joblib")  # noqa: TID251 - made by this program
    return lambda X: model.score_samples(X[:, places])


if __name__ == "__main__":
    main(*sys.argv[1:])
