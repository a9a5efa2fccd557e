"""Estimators, how they are fitted, and the guard that watches what they cannot see."""

from wifitrain.training.content import content_digest
from wifitrain.training.detector import FittedDetector
from wifitrain.training.estimators import (
    EstimatorSpec,
    ecod,
    elliptic_envelope,
    hbos,
    isolation_forest,
    local_outlier_factor,
    one_class_svm,
    pca_reconstruction,
    robust_zscore,
)
from wifitrain.training.guard import GuardSettings, NoveltyGuard
from wifitrain.training.guarded import (
    GuardedDetector,
    Judgement,
    calibration_scores,
    guard_windows,
)
from wifitrain.training.trainer import Trainer, TrainingResult

__all__ = [
    "EstimatorSpec",
    "FittedDetector",
    "GuardSettings",
    "GuardedDetector",
    "Judgement",
    "NoveltyGuard",
    "Trainer",
    "TrainingResult",
    "calibration_scores",
    "content_digest",
    "ecod",
    "elliptic_envelope",
    "guard_windows",
    "hbos",
    "isolation_forest",
    "local_outlier_factor",
    "one_class_svm",
    "pca_reconstruction",
    "robust_zscore",
]
