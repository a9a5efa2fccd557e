# ruff: noqa: T201, TID251 - a program of its own: it prints, and loads the model it checked
"""Check this model package: python validate_model.py. Needs scikit-learn, numpy and joblib.

Compares every file with deployment_manifest.json before model.joblib is opened, then asks the
model for predictions. Prints what was found; exit status 0 = sound, 1 = not.
"""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def changed_files(manifest: dict[str, dict[str, str]]) -> list[str]:
    """Names of the files that are missing or whose SHA-256 is not the manifest's."""
    return [
        name
        for name, digest in manifest["file_hashes"].items()
        if not (HERE / name).is_file()
        or hashlib.sha256((HERE / name).read_bytes()).hexdigest() != digest
    ]


def model_faults(n_features: int) -> list[str]:
    """What is wrong with the answers of the model for two made-up windows."""
    import joblib
    import numpy as np

    model = joblib.load(HERE / "model.joblib")
    windows = np.vstack([np.zeros(n_features), np.ones(n_features)])
    if getattr(model, "n_features_in_", n_features) != n_features:
        return [f"the model wants {model.n_features_in_} features, metadata names {n_features}"]
    found = []
    if not set(model.predict(windows)) <= {-1, 1}:
        found.append("predict must answer 1 or -1 (anomaly)")
    if not np.isfinite(model.score_samples(windows)).all():
        found.append("score_samples must be finite")
    return found


def main() -> int:
    """Check and print; 0 = sound."""
    import warnings

    warnings.filterwarnings("ignore", message="X does not have valid feature names")
    manifest = json.loads((HERE / "deployment_manifest.json").read_text(encoding="utf-8"))
    metadata = json.loads((HERE / "metadata.json").read_text(encoding="utf-8"))
    found = [f"{name}: missing or changed" for name in changed_files(manifest)]
    if not found:
        found = model_faults(len(metadata["training_info"]["feature_names"]))
    for line in found:
        print(f"fault: {line}", file=sys.stderr)
    if not found:
        print(f"{metadata['model_info']['version']}: sound")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
