"""A fitted Pipeline as an edge artefact. Only this module looks into scikit-learn's objects."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.edge import arrays
from wifitrain.edge.document import FORMAT, dumps, read_document
from wifitrain.edge.forest import check_count
from wifitrain.edge.reading import DOCUMENT, NPZ, read_model
from wifitrain.errors import PackageError

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest
    from sklearn.pipeline import Pipeline

    from wifitrain.records import Json

__all__ = ["EdgeFacts", "edge_document", "edge_files", "why_no_edge"]

_CALIBRATION_KEPT = 1_024
_STEPS = (
    ["VarianceThreshold", "SimpleImputer", "IsolationForest"],
    ["VarianceThreshold", "SimpleImputer", "StandardScaler", "IsolationForest"],
)


@dataclass(frozen=True, kw_only=True)
class EdgeFacts:
    """What the artefact carries beside the Pipeline.

    `features` describe the Pipeline's columns (name; unit and meaning where known). `canaries`:
    `canary_windows` of those it was fitted to. `guard` is its JSON with the ceiling.
    """

    features: Sequence[Mapping[str, Json]]
    canaries: np.ndarray
    calibration_scores: np.ndarray
    threshold: float
    contamination: float
    window_s: int
    guard: Mapping[str, Json] | None
    model_digest: str


def why_no_edge(pipeline: Pipeline) -> str | None:
    """Why there is no edge artefact for a fitted Pipeline, or None where there is one."""
    steps = [type(step).__name__ for step in pipeline]
    if steps not in _STEPS:
        return f"only isolation forests have one, this is {steps[-1]}"
    trees = [tree.tree_.node_count for tree in pipeline[-1].estimators_]
    try:
        check_count(len(trees), sum(trees))
    except PackageError as error:
        return str(error)
    return None


def edge_files(pipeline: Pipeline, facts: EdgeFacts) -> dict[str, bytes]:
    """model.npz and model.json; the same bytes for the same model.

    Raises
    ------
    PackageError : the Pipeline has no edge artefact (`why_no_edge`), or what was written does not
        score as the Pipeline does.
    """
    reason = why_no_edge(pipeline)
    if reason:
        raise PackageError(f"no edge artefact: {reason}")
    with np.errstate(over="ignore"):  # a tiny scale can take them beyond float32
        expected = -pipeline.score_samples(facts.canaries)
    npz = arrays.pack(
        {
            **_forest_arrays(pipeline[-1]),
            "calibration_scores": _even_choice(np.sort(facts.calibration_scores)),
            "canary_windows": facts.canaries,
            "canary_scores": expected,
        }
    )
    document = dumps(_document(pipeline, facts, npz))
    read_model(npz, document)  # refuses what does not give the canaries their scores
    return {NPZ: npz, DOCUMENT: document}


def edge_document(pipeline: Pipeline, facts: EdgeFacts, npz: bytes) -> bytes:
    """model.json for the `npz` that `edge_files` wrote of the same model with another threshold.

    The arrays have proven themselves then.

    Raises
    ------
    PackageError : a value that no reader would take.
    """
    document = dumps(_document(pipeline, facts, npz))
    read_document(document, name=DOCUMENT)
    return document


def _document(pipeline: Pipeline, facts: EdgeFacts, npz: bytes) -> dict[str, object]:
    return {
        "format": FORMAT,
        "model_type": "IsolationForest",
        "model_digest": facts.model_digest,
        "npz_sha256": hashlib.sha256(npz).hexdigest(),
        "window_s": facts.window_s,
        "threshold": facts.threshold,
        "contamination": facts.contamination,
        "normaliser": _normaliser(pipeline[-1]),
        "features": _features(pipeline, facts.features),
        "guard": facts.guard,
    }


def _features(pipeline: Pipeline, features: Sequence[Mapping[str, Json]]) -> list[dict[str, Json]]:
    """Each feature with how it is prepared; one that did not vary has no `fill`."""
    used = np.flatnonzero(pipeline[0].get_support())
    described: list[dict[str, Json]] = [
        {key: feature[key] for key in ("name", "unit", "meaning") if key in feature}
        for feature in features
    ]
    for number, fill in zip(used, pipeline[1].statistics_, strict=True):
        described[number]["fill"] = float(fill)
    if len(pipeline) == len(_STEPS[1]):
        scaler = pipeline[2]
        for number, center, scale in zip(used, scaler.mean_, scaler.scale_, strict=True):
            described[number] |= {"center": float(center), "scale": float(scale)}
    return described


def _forest_arrays(forest: IsolationForest) -> dict[str, np.ndarray]:
    """`FOREST_ARRAYS` of a fitted forest, tree after tree."""
    trees = [
        _tree_arrays(tree.tree_, features)
        for tree, features in zip(forest.estimators_, forest.estimators_features_, strict=True)
    ]
    size = np.array([len(tree["left"]) for tree in trees], dtype="<i4")
    joined = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    return {"tree_size": size, **joined}


def _tree_arrays(tree: Any, features: np.ndarray) -> dict[str, np.ndarray]:  # noqa: ANN401 - scikit-learn's compiled Tree has no type
    node = np.arange(tree.node_count)
    is_leaf = tree.children_left < 0
    depth = tree.compute_node_depths()  # 1 at the root
    # In scikit-learn's order of operations, so that the last bit is the same.
    path = depth + _average_path_length(tree.n_node_samples) - 1.0
    return {
        "left": np.where(is_leaf, 0, tree.children_left - node).astype("<i4"),
        "right": np.where(is_leaf, 0, tree.children_right - node).astype("<i4"),
        "feature": np.where(is_leaf, -1, features[np.maximum(tree.feature, 0)]).astype("<i2"),
        "threshold": np.where(is_leaf, 0, _float32_below(tree.threshold)).astype("<f4"),
        "path_length": np.where(is_leaf, path, 0.0).astype("<f8"),
    }


def _float32_below(threshold: np.ndarray) -> np.ndarray:
    """The largest float32 not above each threshold: scikit-learn compares float32 values with a
    float64 threshold, and every such comparison comes out the same with this one.
    """
    nearest = threshold.astype(np.float32)
    below: np.ndarray = np.where(
        nearest > threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest
    )
    return below


def _average_path_length(n: np.ndarray) -> np.ndarray:
    """Mean path length of an unsuccessful search among n values, shape of n (Liu 2008, eq. 1)."""
    many = np.maximum(n, 3)
    length = 2.0 * (np.log(many - 1.0) + np.euler_gamma) - 2.0 * (many - 1.0) / many
    result: np.ndarray = np.where(n <= 1, 0.0, np.where(n == 2, 1.0, length))
    return result


def _normaliser(forest: IsolationForest) -> float:
    size = np.array([forest.max_samples_])
    return float(len(forest.estimators_) * _average_path_length(size)[0])


def _even_choice(scores: np.ndarray) -> np.ndarray:
    """At most 1,024 of the sorted scores, the lowest and the highest among them."""
    if len(scores) <= _CALIBRATION_KEPT:
        return scores
    return scores[np.linspace(0, len(scores) - 1, _CALIBRATION_KEPT).round().astype(np.intp)]
