"""A published version, ready to score: through its edge artefact, or through its pickle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.edge import DOCUMENT, NPZ, read_model
from wifitrain.errors import PackageError
from wifitrain.features import WindowFeatures
from wifitrain.pipeline.edge import EdgeDetector
from wifitrain.storage import ModelStore, proven_files
from wifitrain.training import FittedDetector, GuardedDetector, GuardSettings, NoveltyGuard

if TYPE_CHECKING:
    from wifitrain.edge import EdgeGuard

__all__ = ["Scorer", "load_scorer"]


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """Detector and guard with their threshold, and the windows they were made for."""

    version: str
    detector: GuardedDetector
    threshold: float
    features: WindowFeatures
    artefact: str  # the file that scores

    @property
    def columns(self) -> list[str]:
        """Columns of a window: the estimator's, then those that the guard alone watches."""
        guard = self.detector.guard
        watched = () if guard is None else guard.features
        return list(dict.fromkeys([*self.detector.detector.feature_names, *watched]))


def load_scorer(folder: Path, *, trust_pickle: bool) -> Scorer:
    """The version in `folder`, its digests compared before anything is parsed.

    The edge artefact scores where there is one: it is no code, and its scores are the same. With
    `trust_pickle`, or for a model without one, the pickle does.

    Raises
    ------
    PackageError : damaged, or a pickle from elsewhere that is not trusted.
    RegistryError : no such version.
    """
    store = ModelStore(directory=str(folder.parent))
    files = proven_files(store.catalogue(), folder.name)
    if NPZ in files.content and DOCUMENT in files.content and not trust_pickle:
        artefact = NPZ
        detector, threshold = _from_edge(files.content[NPZ], files.content[DOCUMENT])
    else:
        artefact = "model.joblib"
        detector, threshold = _from_pickle(store, folder.name, trust_pickle=trust_pickle)
    return Scorer(
        version=folder.name,
        detector=detector,
        threshold=threshold,
        features=_features(files.model.metadata, folder.name),
        artefact=artefact,
    )


def _from_edge(npz: bytes, document: bytes) -> tuple[GuardedDetector, float]:
    model = read_model(npz, document)
    detector = GuardedDetector(
        detector=EdgeDetector(model=model),
        guard=None if model.guard is None else _guard(model.guard),
        ceiling=0.0 if model.guard is None else model.guard.ceiling,
    )
    return detector, model.threshold


def _guard(checked: EdgeGuard) -> NoveltyGuard:
    """The same guard for frames."""
    return NoveltyGuard(
        features=checked.columns,
        low=checked.low,
        high=checked.high,
        spread=checked.spread,
        kinds=checked.kinds,
        settings=GuardSettings(margin=checked.margin),
    )


def _from_pickle(
    store: ModelStore, version: str, *, trust_pickle: bool
) -> tuple[GuardedDetector, float]:
    package = store.load(version, trust_pickle=trust_pickle)
    metadata, guard = package.model.metadata, package.guard
    detector = GuardedDetector(
        detector=FittedDetector(
            package.estimator, feature_names=metadata["training_info"]["feature_names"]
        ),
        guard=None if guard is None else NoveltyGuard.from_json(guard),
        ceiling=0.0 if guard is None else float(guard["ceiling"]),
    )
    return detector, float(metadata["model_info"]["threshold"])


def _features(metadata: Mapping[str, Any], version: str) -> WindowFeatures:
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
