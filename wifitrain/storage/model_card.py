"""The model card: README.md of a package, written from its metadata and report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["card"]

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|#~])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_LIMITS = """\
- It knows the networks it was trained on; elsewhere it has to be trained again.
- A score is a rank, not a probability; the threshold is an alert budget, not a fault rate.
- It flags what is unusual. Unusual is not the same as harmful, and a fault that was usual in the
  training weeks is not unusual.
- `model.joblib` is a pickle, that is, code: compare the SHA-256 digests of
  `deployment_manifest.json` (`python validate_model.py` does) and load it only if you trust
  where it comes from.
"""


def card(
    metadata: Mapping[str, Any], *, features: Sequence[Mapping[str, Any]], report: Mapping[str, Any]
) -> str:
    """The README.md of a package as Markdown; names from logs are escaped."""
    model, training = metadata["model_info"], metadata["training_info"]
    sections = [
        f"# {_text(model['model_name'])} - {model['version']}",
        _text(model["description"]),
        _table(
            ("", ""),
            [
                ("model", model["model_type"]),
                ("created (UTC)", model["created_at"]),
                ("windows fitted", training["training_samples"]),
                ("windows in all", training["n_samples"]),
                ("content digest", model["model_hash"]),
                ("runs on stock scikit-learn", "yes" if model["service_loadable"] else "no"),
            ],
        ),
        "## Data\n\n" + _facts(report.get("data")),
        "## Features\n\n" + _features(features),
        "## Evidence\n\n" + _evidence(metadata["evaluation_info"], report),
        "## Limits\n\n" + _LIMITS,
        "## Use\n\n    pip install -r requirements.txt\n    python validate_model.py\n"
        "    python inference_example.py windows.csv",
    ]
    return "\n\n".join(section.strip("\n") for section in sections) + "\n"


def _evidence(evaluation: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    origin = _text(evaluation.get("labels", "none"))
    judged = report.get("evaluation")
    verdict = _text(judged.get("verdict", "")) if isinstance(judged, Mapping) else ""
    metrics = evaluation["basic_metrics"]
    measured = (
        _table(("metric", "value"), metrics.items())
        if metrics
        else "No metric that needs labels was measured."
    )
    return f"{verdict}\n\nLabels: {origin}.\n\n{measured}\n\n" + _facts(report.get("calibration"))


def _features(features: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("name", "unit", "meaning"),
        [[feature.get(key, "") for key in ("name", "unit", "meaning")] for feature in features],
    )


def _facts(section: object) -> str:
    if not isinstance(section, Mapping):
        return "Not recorded."
    scalars = [(k, v) for k, v in section.items() if not isinstance(v, (Mapping, list))]
    return _table(("", ""), scalars)


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([_text(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _text(value: object) -> str:
    return _MARKUP.sub(r"\\\1", _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)))
