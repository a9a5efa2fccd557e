"""Made-up package contents around a real, tiny isolation forest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from wifitrain.records import PackageContents

FEATURES = ("deauth_ratio", "reconnects", "short_sessions")
WINDOWS = np.random.default_rng(7).normal(size=(120, len(FEATURES)))


@cache
def estimator() -> Pipeline:
    """A fitted Pipeline that carries its own scaling."""
    forest = IsolationForest(n_estimators=10, random_state=3)
    return make_pipeline(StandardScaler(), forest).fit(WINDOWS)


def contents(seed: int = 0, **changes: Any) -> PackageContents:
    """Contents whose digest depends on `seed`; `changes` replace fields."""
    made = PackageContents(
        estimator=estimator(),
        model_type="IsolationForest",
        metadata={
            "model_info": {"description": "made up"},
            "training_info": {"training_samples": 100, "n_samples": 120},
            "evaluation_info": {"labels": "none", "basic_metrics": {}},
            "monitoring_info": {"drift_detection_enabled": True},
        },
        guard={
            "margin": 3.0,
            "columns": {"reconnects": {"low": -3.0, "high": 3.0, "spread": 1.0}},
            "kinds": ["event:associated"],
        },
        features=[{"name": n, "unit": "share", "meaning": f"made-up {n}"} for n in FEATURES],
        report={"data": {"rows": 5000}, "calibration": {"threshold": 0.6}},
        content_digest=hashlib.sha256(str(seed).encode()).hexdigest(),
    )
    return replace(made, **changes)
