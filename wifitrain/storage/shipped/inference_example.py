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


def outside(guard: dict[str, Any], window: dict[str, str]) -> dict[str, float]:
    """What lies outside of all that the training saw -> how far, in spreads beyond the margin."""
    found = {}
    for name, seen in guard.get("columns", {}).items():
        value = float(window.get(name) or "nan")
        beyond = max(seen["low"] - value, value - seen["high"])
        if beyond > 0:
            spreads = beyond / seen["spread"] if seen["spread"] else float("inf")
            found[f"{name} {value:.4g} outside {seen['low']:.4g}..{seen['high']:.4g}"] = (
                spreads - guard["margin"]
            )
    for kind in filter(None, window.get("kinds", "").split("|")):
        if kind not in guard.get("kinds", [kind]):
            found[f"unseen {kind}"] = float("inf")
    return {reason: excess for reason, excess in found.items() if excess > 0}


def raised(score: float, reasons: dict[str, float], guard: dict[str, Any]) -> float:
    """The score, lifted over every score of the training where the guard speaks."""
    if not reasons:
        return score
    ceiling = float(guard.get("ceiling", score))
    return max(score, ceiling) + 2 - 1 / (1 + max(reasons.values()))


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
    labels = model.predict(values) == -1  # asked only where there is no calibrated threshold
    for row, score, label in zip(windows, scores, labels, strict=True):
        reasons = outside(guard, row)
        final = raised(float(score), reasons, guard)
        anomaly = bool(reasons) or bool(label) if threshold is None else final > threshold
        print(json.dumps({"score": final, "is_anomaly": anomaly, "guard": list(reasons)}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
