"""The design's evaluator in our own words: labels come from the model that is being judged."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)


def design_metrics(X: np.ndarray, *, contamination: float) -> dict[str, float]:
    """The model's own predictions as truth, its own 90th percentile as prediction."""
    model = IsolationForest(contamination=contamination, random_state=42).fit(X)
    truth = (model.predict(X) == -1).astype(int)
    scores = -model.score_samples(X)
    predicted = (scores > np.percentile(scores, 90)).astype(int)
    return {
        "accuracy": accuracy_score(truth, predicted),
        "precision": precision_score(truth, predicted),
        "recall": recall_score(truth, predicted),
        "f1_score": f1_score(truth, predicted),
        "roc_auc": roc_auc_score(truth, scores),
        "average_precision": average_precision_score(truth, scores),
    }
