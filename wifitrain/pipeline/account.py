"""The machine-readable account of a run: report.json and windows.parquet, with stable names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wifitrain.cache import remembered
from wifitrain.evaluation.ladder import ladder_of
from wifitrain.records import CALIBRATION, TEST
from wifitrain.report import summarise_features
from wifitrain.scoring import alert_reasons

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.pipeline.learning import Learned
    from wifitrain.pipeline.parts import Evidence
    from wifitrain.pipeline.preparation import Prepared
    from wifitrain.records import Json, Parts, WindowTable

__all__ = ["account_of", "scored_frame"]


def account_of(
    prepared: Prepared, learned: Learned, evidence: Evidence, watched: Mapping[str, Json]
) -> dict[str, Any]:
    """report.json without what is known only after publishing (version, digests, resources)."""
    return {
        "status": "completed",
        "data": dict(prepared.data),
        "features": _features(prepared, learned),
        "windows": {**learned.parts.account, **prepared.windows.account},
        "model": _model(learned),
        "calibration": {
            "threshold": learned.calibration.threshold,
            "contamination": learned.calibration.contamination,
            "alerts_per_day": learned.calibration.alerts_per_day,
            "windows": learned.calibration.n_calibration,
            "raised_by_guard": learned.guard_raised,
        },
        "alerts": _alerts(learned),
        "evaluation": evidence.to_json(),
        "monitoring": watched,
    }


def scored_frame(windows: WindowTable, learned: Learned) -> pd.DataFrame:
    """windows.parquet: every window with part, score, threshold, verdict and reason.

    `confidence`: that another calibration sample leaves the verdict as it is (ExCeeD); `p_value`:
    how rare the score is among calibration scores (conformal). Both hold for test windows.
    """
    import pandas as pd

    scored, parts = learned.scored, learned.parts
    ladder = ladder_of(scored.score, parts.rows(CALIBRATION), of=parts)
    flagged = scored.is_anomaly
    known = remembered(
        "pipeline.known of windows", "", lambda: _known(windows, parts), of=(windows.index, parts)
    )
    return pd.DataFrame(
        {
            **{name: known[name] for name in ("entity", "start", "end", "part")},
            "score": scored.score,
            "estimator_score": scored.estimator_score,
            "threshold": scored.threshold,
            "is_anomaly": flagged,
            "confidence": ladder.confidence(contamination=scored.contamination, flagged=flagged),
            "p_value": ladder.p_values,
            "reason": alert_reasons(flagged, scored.guard_reasons),
            "label": known["label"],
        },
        copy=False,
    )


def _known(windows: WindowTable, parts: Parts) -> pd.DataFrame:
    """The columns that no model changes."""
    frame = windows.index[["entity", "start", "end"]].copy()
    frame["part"] = parts.name
    frame["label"] = windows.index["label"].to_numpy()
    return frame


def _features(prepared: Prepared, learned: Learned) -> dict[str, Json]:
    undefined = dict.fromkeys(learned.trained.undefined, "no value in any window of the fit part")
    return {
        "used": learned.used,
        "unavailable": {**prepared.windows.unavailable, **undefined},
        "constant": learned.trained.detector.constant,
        "distributions": _distributions(prepared, learned.parts),
    }


def _distributions(prepared: Prepared, parts: Parts) -> dict[str, Any]:
    """Of every feature in every part: the same for all jobs of a sweep that share windows."""
    X = prepared.windows.X
    return remembered(
        "pipeline.distributions", "", lambda: summarise_features(X, parts.name), of=(X, parts)
    )


def _model(learned: Learned) -> dict[str, Json]:
    trained = learned.trained
    model: dict[str, Json] = {
        "name": trained.trainer.model.name,
        "type": type(trained.detector.estimator).__name__,
        "stability_target": trained.trainer.stability_target,
    }
    if trained.growth is not None:
        model["n_estimators"] = trained.growth.n_estimators
        model["size_reason"] = trained.growth.told(
            target=trained.trainer.stability_target, patience=trained.trainer.patience
        )
        model["stopped_early"] = trained.growth.stopped_early
        model["halves_agreement"] = list(trained.growth.agreement)
    return model


def _alerts(learned: Learned) -> dict[str, Json]:
    """Alerts of the test part, by who raised them."""
    rows = learned.parts.rows(TEST) & learned.scored.is_anomaly
    by_guard = sum(learned.scored.guard_reasons[row] != "" for row in rows.nonzero()[0])
    total = int(rows.sum())
    return {"test": total, "by_guard": by_guard, "by_estimator": total - by_guard}
