"""One measured piece of work for each name; each runs in a process of its own.

``python -m benchmarks.tasks NAME [PATH] [key=value ...]`` prints a line of JSON: CPU seconds
(children included), peak memory in MB, and stages where there are any.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_LITTLE, _USUAL = "250MB", "300MB"  # engine.memory_limit of the measured runs


def decode(path: Path) -> None:
    """The limit: a bare typed msgspec decode of the same bytes."""
    import msgspec

    text = msgspec.field(default=None)
    fields = [(name, str | None, text) for name in ("device_ip", "timestamp", "log_level")]
    fields += [(name, str | None, text) for name in ("process_name", "message", "raw_message")]
    fields += [("id", int, 0), ("device_id", int, 0), ("structured_data", str | None, text)]
    fields += [("pushed_to_ai", bool, False), ("pushed_at", str | None, text)]
    fields += [("push_attempts", int, 0), ("last_push_error", str | None, text)]
    row = msgspec.defstruct("Row", fields, kw_only=True)
    msgspec.json.decode(path.read_bytes(), type=msgspec.defstruct("Export", [("data", list[row])]))


def file_to_x(path: Path) -> dict[str, float]:
    """Ours, from the file to the feature matrix, in little memory."""
    return _file_to_x(path, memory=_LITTLE)


def growth(path: Path) -> dict[str, float]:
    """The same with more memory, for exports of all sizes."""
    return _file_to_x(path, memory=_USUAL)


def _file_to_x(path: Path, *, memory: str) -> dict[str, float]:
    from wifitrain.assembly import build
    from wifitrain.engine import Engine

    values = _values(f"source.path={path}", "source.pseudonymise=false")
    source, events, features = (
        build(values[name], name=name) for name in ("source", "events", "features")
    )
    stages = {}
    gc.set_threshold(100_000)  # as the command line does
    with Engine(memory_limit=memory) as engine, tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        logs = source.read(engine, quarantine=Path(folder) / "refused.ndjson")
        stages["read"] = time.process_time() - begun
        table = events.extract(engine, logs)
        stages["events"] = time.process_time() - begun - stages["read"]
        features.build(engine, table)
        stages["windows"] = time.process_time() - begun - stages["read"] - stages["events"]
    return stages


def train(path: Path) -> None:
    """Ours, from the file to a registered model, through the command line."""
    from wifitrain.cli import main

    with tempfile.TemporaryDirectory() as folder:
        sys.argv = ["wifitrain", f"source.path={path}", f"engine.memory_limit={_LITTLE}"]
        sys.argv += ["evaluation=quick", "model.n_estimators=100", "training.early_stopping=false"]
        sys.argv += [
            f"storage.directory={folder}/models",
            "cache.enabled=false",
            f"hydra.run.dir={folder}/run",
        ]
        main()
        if not list(Path(folder).glob("models/model_*/model.joblib")):
            raise SystemExit("no model was registered")


def design(path: Path) -> None:
    """The design's pipeline, from the file to a registered model."""
    from benchmarks.design_pipeline import train as run

    with tempfile.TemporaryDirectory() as folder:
        run(path, Path(folder))


def design_x(path: Path) -> None:
    """The design's pipeline, from the file to the feature matrix."""
    from benchmarks.design_pipeline import features_of, load

    features_of(load(path))


def _values(*overrides: str) -> dict[str, Any]:
    from hydra import compose, initialize_config_dir

    from wifitrain.assembly import config_dir, plain

    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        return plain(compose("train", overrides=list(overrides)))


def _windows() -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    values = np.random.default_rng(1).normal(size=(100_000, 20))
    return pd.DataFrame(values, columns=[f"f{number}" for number in range(20)])


def detector_ours(_: Path) -> dict[str, float]:
    """Trainer and detector on 100,000 windows of 20 features, 100 trees."""
    from wifitrain.assembly import build

    values = _values(
        "model.n_estimators=100",
        "training.early_stopping=false",
        "training.n_jobs=1",
        "cache.enabled=false",  # or a second round would find its scores
    )
    trainer = build(values["run"]["learning"]["trainer"], name="trainer")
    return _fit_and_score(lambda X: trainer.fit(X).detector, lambda fitted, X: fitted.score(X))


def detector_sklearn(_: Path) -> dict[str, float]:
    """scikit-learn's forest at the same settings."""
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=100, random_state=42)
    return _fit_and_score(forest.fit, lambda fitted, X: fitted.score_samples(X))


def detector_pyod(_: Path) -> dict[str, float]:
    """PyOD's wrapper at the same settings; it scores while fitting."""
    from pyod.models.iforest import IForest

    forest = IForest(n_estimators=100, random_state=42)
    return _fit_and_score(
        lambda X: forest.fit(X.to_numpy()), lambda fitted, X: fitted.decision_function(X.to_numpy())
    )


def detector_isotree(_: Path) -> dict[str, float]:
    """The forest of isotree at the same settings."""
    from isotree import IsolationForest

    forest = IsolationForest(ntrees=100, sample_size=256, ndim=1, random_seed=42, nthreads=1)
    return _fit_and_score(forest.fit, lambda fitted, X: fitted.predict(X))


def _fit_and_score(fit: Callable[[Any], Any], score: Callable[[Any, Any], Any]) -> dict[str, float]:
    import sklearn.ensemble  # noqa: F401  # all of them need it: its import is not timed

    X = _windows()
    begun = time.process_time()
    fitted = fit(X)
    between = time.process_time()
    score(fitted, X)
    return {"fit": between - begun, "score": time.process_time() - between}


def _peak_mb() -> int:
    """High-water mark of this process: getrusage would show that of the parent's fork too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) >> 10


def _run(name: str, path: Path) -> None:
    task = globals()[name]
    stages = task(path) or {}
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    sys.stderr.write(json.dumps({"cpu_s": cpu, "peak_mb": _peak_mb(), "stages": stages}) + "\n")


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "."))
