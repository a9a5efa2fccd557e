# ruff: noqa: T201 - a program: it prints what it measured
"""The edge artefact against model.joblib, in one run: python benchmarks/edge.py [package folder].

Size, time and memory of a cold start, and latency of one window. Each start is a fresh process;
times are medians, and what is printed to be compared are ratios. Without a folder a forest of the
default size is fitted to made-up windows.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_STARTS = 5

_MEASURED = """
import json, sys, time
from pathlib import Path
package = Path(sys.argv[1])

def rss_bytes():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))

before, start = rss_bytes(), time.perf_counter()
%s
loaded_s = time.perf_counter() - start
window = np.zeros((1, n_features))
score(window)
first_s, memory = time.perf_counter() - start, rss_bytes() - before
times = []
for _ in range(200):
    begin = time.perf_counter()
    score(window)
    times.append(time.perf_counter() - begin)
print(json.dumps({"start_to_loaded_s": loaded_s, "start_to_first_score_s": first_s,
    "memory_bytes": memory, "one_window_s": sorted(times)[100]}))
"""

_EDGE = """
import numpy as np
from wifitrain.edge import load_folder
model = load_folder(package)
n_features, score = len(model.feature_names), model.score
"""

_EDGE_WITH_GUARD = """
import numpy as np
from wifitrain.edge import load_folder
model = load_folder(package)
n_features = len(model.columns)
score = lambda window: model.judge(window, kinds=[["event:associated"]])
"""

_JOBLIB = """
import hashlib
import joblib
import numpy as np
listed = json.loads((package / "deployment_manifest.json").read_text())["file_hashes"]
content = (package / "model.joblib").read_bytes()
assert hashlib.sha256(content).hexdigest() == listed["model.joblib"]
model = joblib.load(package / "model.joblib")
n_features, score = model.n_features_in_, model.score_samples
"""

_IMPORT = "import numpy as np\nimport sklearn.ensemble\nn_features, score = 1, np.abs"


def measured(loading: str, package: Path) -> dict[str, float]:
    """Medians over fresh processes."""
    command = [sys.executable, "-c", _MEASURED % loading, str(package)]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        for _ in range(_STARTS)
    ]
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def sizes(package: Path) -> dict[str, int]:
    """Bytes of the artefacts, of model.joblib also as it is without compression."""
    import io

    import joblib

    plain = io.BytesIO()
    joblib.dump(joblib.load(package / "model.joblib"), plain)  # noqa: TID251 - made here
    return {
        "edge": sum((package / name).stat().st_size for name in ("model.npz", "model.json")),
        "joblib": (package / "model.joblib").stat().st_size,
        "joblib uncompressed": len(plain.getvalue()),
    }


def made_up(folder: Path) -> Path:
    """A package of 100 trees over 28 columns."""
    import hashlib

    import joblib
    import numpy as np
    from sklearn.ensemble import IsolationForest
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    from wifitrain.edge import EdgeFacts, edge_files

    X = np.random.default_rng(1).poisson(2.0, (5_000, 28)).astype(float)
    forest = IsolationForest(n_estimators=100, random_state=1)
    model = make_pipeline(VarianceThreshold(), SimpleImputer(strategy="median"), forest).fit(X)
    scores = -model.score_samples(X)
    facts = EdgeFacts(
        features=[{"name": f"f{n}"} for n in range(28)], windows=X, scores=scores,
        calibration_scores=scores,
        threshold=float(np.quantile(scores, 0.99)), contamination=0.01, window_s=300, guard=None,
        model_digest="0" * 64,
    )  # fmt: skip
    joblib.dump(model, folder / "model.joblib", compress=3)
    for name, content in edge_files(model, facts).items():
        (folder / name).write_bytes(content)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    (folder / "deployment_manifest.json").write_text(json.dumps({"file_hashes": hashes}))
    return folder


def main(arguments: list[str]) -> None:
    """Print every number, then the ratios."""
    with tempfile.TemporaryDirectory() as temporary:
        package = Path(arguments[0]) if arguments else made_up(Path(temporary))
        size = sizes(package)
        edge, guarded, pickled, imported = (
            measured(loading, package) for loading in (_EDGE, _EDGE_WITH_GUARD, _JOBLIB, _IMPORT)
        )
    print(f"bytes: {size}")
    for name, row in (("edge", edge), ("with guard", guarded), ("joblib", pickled)):
        print(f"{name}: " + ", ".join(f"{key} {value:.6g}" for key, value in row.items()))
    print(f"importing scikit-learn: memory_bytes {imported['memory_bytes']:.6g}")
    ratios = {
        "bytes, of joblib": size["edge"] / size["joblib"],
        "bytes, of joblib uncompressed": size["edge"] / size["joblib uncompressed"],
        "memory, of importing scikit-learn": edge["memory_bytes"] / imported["memory_bytes"],
        "cold start to first score": (
            edge["start_to_first_score_s"] / pickled["start_to_first_score_s"]
        ),
        "latency of one window": edge["one_window_s"] / pickled["one_window_s"],
        "latency of one window with guard": guarded["one_window_s"] / pickled["one_window_s"],
    }
    for name, ratio in ratios.items():
        print(f"{name}: 1 / {1 / ratio:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
