"""Another alert budget for a version that is there: a sibling with another threshold, no training.

A published version never changes, so the new threshold is a new version of the same model: same
digest of what it computes, same files, and in its metadata and in the history where it comes from.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wifitrain.edge import DOCUMENT, NPZ, read_model
from wifitrain.errors import PackageError
from wifitrain.pipeline.report_run import PAGE
from wifitrain.records import PackageContents
from wifitrain.storage import proven_files

if TYPE_CHECKING:
    from wifitrain.calibration import AlertBudget, Calibration
    from wifitrain.records import StoredModel
    from wifitrain.storage import ModelStore
    from wifitrain.storage.package import ProvenFiles

__all__ = ["rethreshold"]

_OWN = (
    "deployment_manifest.json", "metadata.json", "model.joblib", "README.md", "requirements.txt",
    "features.json", "report.json", "guard.json", "inference_example.py", "validate_model.py",
    PAGE,  # it tells of the old threshold's alerts
)  # fmt: skip


def rethreshold(
    store: ModelStore,
    version: str,
    budget: AlertBudget,
    *,
    by: str | None = None,
    why: str = "",
    trust_pickle: bool = False,
) -> StoredModel:
    """The sibling of `version` whose threshold keeps `budget` on its calibration windows.

    The calibration scores are those in the edge artefact: all of them up to 1,024, beyond that an
    even choice. Its gates are not judged again: it is a candidate where `version` was one.

    Raises
    ------
    PackageError : damaged, not to be trusted, or without an edge artefact.
    DataError : too few calibration windows for so small a budget.
    """
    files = proven_files(store.catalogue(), version)
    if NPZ not in files.content or DOCUMENT not in files.content:
        raise PackageError(f"{version} has no edge artefact, hence no calibration scores")
    edge = read_model(files.content[NPZ], files.content[DOCUMENT])
    calibration = budget.calibrate(edge.calibration_scores, window_s=edge.window_s)
    package = store.load(version, trust_pickle=trust_pickle)
    before = {"threshold": edge.threshold, "contamination": edge.contamination}
    origin = {"from": version, "before": before, "why": why}
    contents = PackageContents(
        estimator=_with_threshold(package.estimator, calibration.threshold),
        model_type=files.model.model_type,
        metadata=_metadata(files, calibration, origin),
        guard=package.guard,
        features=package.features,
        report=_report(package.report, calibration, origin),
        content_digest=edge.model_digest,
        extra_files=_extra_files(files, calibration),
    )
    said = f"rethreshold of {version}: {edge.contamination:g} to {calibration.contamination:g}"
    return store.write(
        contents,
        candidate=files.model.state == "candidate",
        by=by,
        why=f"{said}; {why}" if why else said,
    )


def _with_threshold(estimator: Any, threshold: float) -> Any:  # noqa: ANN401 - a Pipeline
    """A copy whose `predict` alerts above `threshold`."""
    changed = copy.deepcopy(estimator)
    changed[-1].offset_ = -threshold
    return changed


def _metadata(
    files: ProvenFiles, calibration: Calibration, origin: Mapping[str, Any]
) -> dict[str, Any]:
    """The sections of the old version; what only the store knows is written anew."""
    sections = {
        name: dict(section)
        for name, section in files.model.metadata.items()
        if isinstance(section, dict) and name not in ("deployment_info", "import_info")
    }
    sections["model_info"] |= {
        "threshold": calibration.threshold,
        "contamination": calibration.contamination,
        "rethreshold": dict(origin),
    }
    return sections


def _report(
    report: Mapping[str, Any], calibration: Calibration, origin: Mapping[str, Any]
) -> dict[str, Any]:
    """The report of the training, whose alert counts are those of the old threshold."""
    known = {
        **report.get("calibration", {}),
        "threshold": calibration.threshold,
        "contamination": calibration.contamination,
        "alerts_per_day": calibration.alerts_per_day,
    }
    return {**report, "calibration": known, "rethreshold": dict(origin)}


def _extra_files(files: ProvenFiles, calibration: Calibration) -> dict[str, bytes]:
    extra = {name: content for name, content in files.content.items() if name not in _OWN}
    document = json.loads(extra[DOCUMENT])
    document |= {
        "threshold": calibration.threshold,
        "contamination": calibration.contamination,
    }
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    extra[DOCUMENT] = text.encode() + b"\n"
    read_model(extra[NPZ], extra[DOCUMENT])
    return extra
