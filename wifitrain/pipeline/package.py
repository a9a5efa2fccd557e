"""What goes into a model package, gathered from the rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.features import feature_of_column
from wifitrain.pipeline.edge import edge_artefact
from wifitrain.pipeline.files import json_digest
from wifitrain.pipeline.watch import baseline_file
from wifitrain.provenance import code_digest, environment
from wifitrain.records import CALIBRATION, FIT, PackageContents
from wifitrain.training import content_digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wifitrain.pipeline.context import RunContext
    from wifitrain.pipeline.learning import Learned
    from wifitrain.pipeline.parts import Evidence
    from wifitrain.pipeline.preparation import Prepared
    from wifitrain.records import Json

__all__ = ["package_of"]


def package_of(
    context: RunContext,
    prepared: Prepared,
    learned: Learned,
    evidence: Evidence,
    account: Mapping[str, Any],
) -> PackageContents:
    """Everything that the store writes; digests say what the version was made from."""
    detector = learned.trained.detector
    guard = learned.guarded.guard
    guard_json = None if guard is None else {**guard.to_json(), "ceiling": learned.guarded.ceiling}
    content = content_digest(
        detector.pipeline, {"features": detector.feature_names, "guard": guard_json}
    )
    digests = {
        "data": prepared.data_digest,
        "config": json_digest(context.config),
        "features": prepared.x_digest,
        "model": content,
        "code": code_digest(),
        "environment": json_digest(environment()),
    }
    feature = _feature if prepared.has_lines else _column
    features = [feature(name) for name in detector.feature_names]
    edge = edge_artefact(
        learned, prepared.windows, features=features, guard=guard_json, model_digest=content
    )
    metadata = _metadata(context, learned, account, digests)
    metadata["evaluation_info"] = dict(evidence.evaluation_info())
    metadata["model_info"]["edge"] = edge.metadata
    return PackageContents(
        estimator=detector.with_threshold(learned.calibration.threshold),
        model_type=account["model"]["type"],
        metadata=metadata,
        guard=guard_json,
        features=features,
        report={**account, "digests": digests},
        content_digest=content,
        extra_files={**edge.files, **baseline_file(prepared, learned)},
    )


def _metadata(
    context: RunContext, learned: Learned, account: Mapping[str, Any], digests: Mapping[str, str]
) -> dict[str, dict[str, Json]]:
    names = learned.trained.detector.feature_names
    fit = int(learned.parts.rows(FIT).sum())
    calibration = int(learned.parts.rows(CALIBRATION).sum())
    return {
        "model_info": {
            "model_type": account["model"]["type"],
            "model_name": account["model"]["name"],
            "description": _description(account),
            "model_hash": digests["model"],
            "config_hash": digests["config"],
            "training_source": "export_data",
            "threshold": learned.calibration.threshold,
            "contamination": learned.calibration.contamination,
            "environment": environment(),
        },
        "training_info": {
            "feature_names": names,
            "feature_count": len(names),
            "training_samples": fit,
            "n_samples": fit,
            "validation_samples": calibration,
            "digests": dict(digests),
            "config": dict(context.config),
            "data": {
                key: account["data"][key]
                for key in ("rows", "first_time", "last_time", "span_days")
            },
            "windows": account["windows"],
        },
        "monitoring_info": {
            "drift_detection_enabled": "drift" in account["monitoring"],
            "performance_tracking_enabled": "performance" in account["monitoring"],
            "last_monitoring_check": None,
            "drift_scores": {},
            **account["monitoring"],
        },
    }


def _description(account: Mapping[str, Any]) -> str:
    data = account["data"]
    of = "a ready table" if data.get("source") == "table" else "access-point logs"
    return (
        f"{account['model']['type']} on {len(account['features']['used'])} features of {of},"
        f" {data['first_time']} to {data['last_time']} ({data['rows']} rows)"
    )


def _column(name: str) -> dict[str, Json]:
    return {"name": name, "unit": "", "meaning": "a column of the table"}


def _feature(name: str) -> dict[str, Json]:
    feature = feature_of_column(name)
    return {"name": name, "unit": feature.unit, "meaning": feature.meaning}
