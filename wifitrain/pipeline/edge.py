"""The edge artefact of what was learned, and a detector that scores with one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wifitrain.cache import remembered
from wifitrain.edge import (
    DOCUMENT,
    NPZ,
    EdgeFacts,
    EdgeModel,
    canary_windows,
    edge_document,
    edge_files,
    why_no_edge,
)
from wifitrain.records import FIT
from wifitrain.training import Judgement, calibration_scores

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd

    from wifitrain.pipeline.learning import Learned
    from wifitrain.records import Json, WindowTable

__all__ = ["EdgeArtefact", "EdgeDetector", "edge_artefact"]


@dataclass(frozen=True, kw_only=True)
class EdgeArtefact:
    """Files of the artefact, and what metadata.json says of them or of why there are none."""

    files: Mapping[str, bytes]
    metadata: Mapping[str, Json]


def edge_artefact(
    learned: Learned,
    windows: WindowTable,
    *,
    features: Sequence[Mapping[str, Json]],
    guard: Mapping[str, Json] | None,
    model_digest: str,
) -> EdgeArtefact:
    """The artefact of an isolation forest; other models have none, with the reason."""
    detector = learned.trained.detector
    reason = why_no_edge(detector.pipeline)
    if reason is not None:
        return EdgeArtefact(files={}, metadata={"reason": reason})
    scores = _calibration_scores(learned)
    facts = EdgeFacts(
        features=features,
        canaries=_canaries(learned, windows),
        calibration_scores=scores,
        threshold=learned.scored.threshold,
        contamination=learned.scored.contamination,
        window_s=windows.window_s,
        guard=guard,
        model_digest=model_digest,
    )
    pipeline = detector.pipeline
    npz = remembered(
        "pipeline.edge",
        hashlib.sha256(scores.tobytes()).hexdigest(),
        lambda: edge_files(pipeline, facts)[NPZ],
        of=(pipeline, learned.guarded, windows.X, learned.parts),
        most=learned.room,
    )
    files = {NPZ: npz, DOCUMENT: edge_document(pipeline, facts, npz)}
    return EdgeArtefact(files=files, metadata={"files": sorted(files)})


def _calibration_scores(learned: Learned) -> np.ndarray:
    """What the threshold rests on."""
    scored = learned.scored
    judged = Judgement(
        score=scored.score,
        estimator_score=scored.estimator_score,
        reasons=list(scored.guard_reasons),
    )
    scores, _ = calibration_scores(judged, learned.parts, contamination=scored.contamination)
    return scores


def _canaries(learned: Learned, windows: WindowTable) -> np.ndarray:
    """Of the windows that the forest was fitted to: the same for every threshold."""
    names, scores = learned.trained.detector.feature_names, learned.scored.estimator_score

    def make() -> np.ndarray:
        fit = learned.parts.rows(FIT)
        return canary_windows(windows.X.loc[fit, names].to_numpy("float64"), scores[fit])

    of = (windows.X, learned.parts, scores)
    return remembered("pipeline.canaries", "\0".join(names), make, of=of, most=learned.room)


@dataclass(frozen=True, kw_only=True)
class EdgeDetector:
    """An edge model as a detector of frames."""

    model: EdgeModel

    @property
    def feature_names(self) -> list[str]:
        """The estimator's columns in order."""
        return self.model.feature_names

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Anomaly score, shape (n,); higher = more anomalous."""
        values: Any = X[self.feature_names].to_numpy("float64")
        return self.model.score(values)
