# ruff: noqa: T201, TID251 - a program of its own: it prints, and loads the model it checked
"""Score windows with this package: python inference_example.py [windows.csv].

Needs scikit-learn, numpy and joblib. The CSV has one row for each window and a column for each
feature; a column `kinds` may list what occurred in it (`event:roam|event:associated`). Without a
file one made-up window of zeros is scored. Prints one JSON object a line; a higher score is more
anomalous. The model is code: run validate_model.py first, and only for packages you trust.
"""

import csv
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


def read(name: str) -> dict[str, Any] | None:
    """A JSON file of the package, or None where the package has none."""
    path = HERE / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def guard_reasons(guard: dict[str, Any], window: dict[str, str]) -> list[str]:
    """What lies outside of everything the training saw; empty = nothing."""
    reasons = []
    for name, seen in guard.get("columns", {}).items():
        value = float(window.get(name) or "nan")
        margin = guard["margin"] * seen["spread"]
        if value < seen["low"] - margin or value > seen["high"] + margin:
            reasons.append(f"{name} {value:.4g} outside {seen['low']:.4g}..{seen['high']:.4g}")
    known = set(guard.get("kinds", []))
    return reasons + [
        f"unseen {kind}"
        for kind in filter(None, window.get("kinds", "").split("|"))
        if kind not in known
    ]


def main(arguments: list[str]) -> int:
    """Score every window and print the answers."""
    import warnings

    import joblib
    import numpy as np

    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    metadata = read("metadata.json") or {}
    features = metadata["training_info"]["feature_names"]
    guard = read("guard.json") or {}
    threshold = ((read("report.json") or {}).get("calibration") or {}).get("threshold")
    windows: list[dict[str, str]] = [dict.fromkeys(features, "0")]
    if arguments:
        with open(arguments[0], newline="", encoding="utf-8") as file:
            windows = list(csv.DictReader(file))
    model = joblib.load(HERE / "model.joblib")
    values = np.array([[float(row.get(name) or "nan") for name in features] for row in windows])
    scores = -model.score_samples(values)
    labels = model.predict(values) == -1 if threshold is None else scores > threshold
    for row, score, label in zip(windows, scores, labels, strict=True):
        reasons = guard_reasons(guard, row)
        anomaly = bool(label or reasons)
        print(json.dumps({"score": float(score), "is_anomaly": anomaly, "guard": reasons}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
