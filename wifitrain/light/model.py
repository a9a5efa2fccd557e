"""A published version as an edge box needs it: the edge model and how its windows are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.edge import DOCUMENT, NPZ, PROFILES, Explainer, read_kinship, read_model
from wifitrain.errors import PackageError
from wifitrain.features import WindowFeatures
from wifitrain.storage import ModelStore, proven_files

if TYPE_CHECKING:
    import numpy as np

    from wifitrain.edge import EdgeModel, Judged, Kinship
    from wifitrain.records import WindowTable

__all__ = ["LightModel", "features_of", "light_model", "load_light"]


@dataclass(frozen=True, kw_only=True)
class LightModel:
    """What scores: `source` are the settings that the training read its export with.

    `kinship` says which kind of incident an alert resembles; None: the package has no profiles.
    """

    version: str
    edge: EdgeModel
    features: WindowFeatures
    source: Mapping[str, Any]
    kinship: Kinship | None = None

    @cached_property
    def explainer(self) -> Explainer:
        """Explains windows of this model."""
        return Explainer(model=self.edge)

    def judge(self, windows: WindowTable) -> Judged:
        """Scores, verdicts and the guard's reasons of windows with the model's columns."""
        return self.edge.judge(self.values(windows), kinds=kinds_of(windows))

    def values(self, windows: WindowTable) -> np.ndarray:
        """X in the order of the model's columns, shape (n, n_columns)."""
        values: np.ndarray = windows.X[self.edge.columns].to_numpy("float64")
        return values


def kinds_of(windows: WindowTable) -> list[list[str]]:
    """The kinds of line in each window."""
    found: list[list[str]] = [[] for _ in range(len(windows.X))]
    for window, kind in zip(windows.kinds["window"], windows.kinds["kind"], strict=True):
        found[window].append(kind)
    return found


def load_light(folder: Path) -> LightModel:
    """The version in `folder`; every digest is compared before anything is parsed.

    Raises
    ------
    PackageError : damaged, or without an edge artefact.
    RegistryError : no such version.
    """
    folder = folder.resolve()
    files = proven_files(ModelStore(directory=str(folder.parent)).catalogue(), folder.name)
    return light_model(folder.name, files.content, files.model.metadata)


def light_model(
    version: str, content: Mapping[str, bytes], metadata: Mapping[str, Any]
) -> LightModel:
    """The same from the files of a version whose digests were compared already."""
    if NPZ not in content or DOCUMENT not in content:
        why = metadata["model_info"].get("edge", {}).get("reason", "it was made without one")
        raise PackageError(f"{version} has no edge artefact: {why}")
    edge = read_model(content[NPZ], content[DOCUMENT])
    return LightModel(
        version=version,
        edge=edge,
        features=features_of(metadata, version),
        source=metadata["training_info"].get("config", {}).get("source", {}),
        kinship=(
            read_kinship(content[PROFILES], columns=edge.columns) if PROFILES in content else None
        ),
    )


def features_of(metadata: Mapping[str, Any], version: str) -> WindowFeatures:
    """The windows and features of the training; plain values, checked by the constructor."""
    config = metadata["training_info"].get("config", {})
    settings = dict(config.get("features", {}))
    settings.pop("_target_", None)
    try:
        return WindowFeatures(**{**settings, "unavailable": "drop"})
    except TypeError as error:
        raise PackageError(
            f"{version}: its feature settings are not of this version of wifitrain: {error}"
        ) from error
