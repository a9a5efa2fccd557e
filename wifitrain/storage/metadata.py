"""metadata.json: its shape as types, from which the published JSON Schema is generated.

The consumer rewrites `deployment_info` and `import_info`; every section may hold further keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from wifitrain.errors import PackageError

__all__ = ["SECTIONS", "Identity", "Metadata", "check", "schema", "utc_text", "with_identity"]

SECTIONS = (
    "model_info",
    "training_info",
    "evaluation_info",
    "deployment_info",
    "monitoring_info",
)
_NAIVE = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$"
_ZONED = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(\+00:00|Z)$"
_Free = dict[str, Any]


class ModelInfo(msgspec.Struct, kw_only=True, frozen=True):
    """What the model is. `version` equals the name of its folder."""

    version: Annotated[str, Meta(pattern="^model_[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
    created_at: Annotated[str, Meta(pattern=_NAIVE, description="UTC, without a zone")]
    created_at_utc: Annotated[str, Meta(pattern=_ZONED)]
    model_type: Annotated[str, Meta(min_length=1, description="class name of the estimator")]
    model_name: Annotated[str, Meta(min_length=1, description="one deployed version per name")]
    description: str
    model_hash: Annotated[
        str, Meta(pattern="^[0-9a-f]{64}$", description="SHA-256 of what the model computes")
    ]
    service_loadable: Annotated[
        bool, Meta(description="stock scikit-learn alone can unpickle it; predict, score_samples")
    ]


class TrainingInfo(msgspec.Struct, kw_only=True, frozen=True):
    """What it was trained on."""

    feature_names: Annotated[list[str], Meta(min_length=1, description="in column order")]
    training_samples: Annotated[int, Meta(ge=1, description="windows that were fitted")]
    n_samples: Annotated[int, Meta(ge=1, description="windows of all parts")]


class EvaluationInfo(msgspec.Struct, kw_only=True, frozen=True):
    """What was measured. A metric is a number or is left out."""

    basic_metrics: Annotated[
        dict[str, float], Meta(description="from labels or incidents; {} where there are none")
    ]


class DeploymentInfo(msgspec.Struct, kw_only=True, frozen=True):
    """Where it stands; the consumer writes here too."""

    status: Annotated[
        Literal["available", "imported", "deployed", "inactive"], Meta(description="its words")
    ]
    deployed_at: str | None = None
    deployed_by: str | None = None
    deployment_environment: str | None = None
    stage: Annotated[
        Literal["release", "candidate", "retired"],
        Meta(description="candidate: gates failed or were not measured"),
    ] = "release"
    pinned: Annotated[bool, Meta(description="retention leaves it alone")] = False
    sweep: Annotated[
        str | None, Meta(description="versions of one sweep are kept or pruned together")
    ] = None
    last_change: Annotated[
        _Free | None, Meta(description="the history's record of the last change")
    ] = None


class Metadata(msgspec.Struct, kw_only=True, frozen=True):
    """The metadata of a wifitrain model package."""

    model_info: ModelInfo
    training_info: TrainingInfo
    evaluation_info: EvaluationInfo
    deployment_info: DeploymentInfo
    monitoring_info: _Free
    import_info: _Free | None = None


def check(metadata: dict[str, Any], *, name: str) -> Metadata:
    """`metadata` as its type; else PackageError with the place of the first fault."""
    try:
        return msgspec.convert(metadata, Metadata)
    except msgspec.ValidationError as error:
        raise PackageError(f"{name}: {str(error).replace('$.', '').replace('`', '')}") from error


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of metadata.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "metadata.json of a wifitrain model package",
        **msgspec.json.schema(Metadata),
    }


def utc_text(moment: datetime) -> str:
    """A moment as ISO text in UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat()


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What only the store knows of a new version."""

    version: str
    moment: datetime
    stage: str  # release or candidate
    sweep: str | None

    def model_info(self) -> dict[str, Any]:
        """The keys of model_info that say which version this is."""
        return {
            "version": self.version,
            "created_at": utc_text(self.moment),
            "created_at_utc": self.moment.astimezone(UTC).isoformat(),
        }

    def deployment_info(self) -> dict[str, Any]:
        """Where a new version stands."""
        return {
            "status": "inactive" if self.stage == "candidate" else "available",
            "deployed_at": None,
            "deployed_by": None,
            "deployment_environment": None,
            "stage": self.stage,
            "pinned": False,
            "sweep": self.sweep,
        }


def with_identity(sections: dict[str, Any], identity: Identity) -> dict[str, Any]:
    """The sections as handed over, completed by what only the store knows, and checked."""
    given = sections["model_info"]
    complete = {
        **sections,
        "model_info": {**identity.model_info(), **given, **identity.model_info()},
        "deployment_info": {**sections["deployment_info"], **identity.deployment_info()},
    }
    check(complete, name="metadata.json")
    return complete
