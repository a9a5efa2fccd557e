"""What monitoring says of the run itself: drift up to the test part, speed of scoring."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wifitrain.cache import remembered
from wifitrain.log import get_logger
from wifitrain.monitoring import BASELINE, Training, baseline_of, drift_between
from wifitrain.pipeline.files import json_digest
from wifitrain.records import CALIBRATION, FIT, TEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wifitrain.monitoring import Drift, Limits, Monitoring
    from wifitrain.pipeline.learning import Learned
    from wifitrain.pipeline.preparation import Prepared
    from wifitrain.records import Json, Parts, WindowTable
    from wifitrain.training import FittedDetector

__all__ = ["baseline_file", "watch"]

_log = get_logger("wifitrain")
_MOST_TIMED = 2000  # windows
_FORESTS = 100  # whose times are remembered: two numbers each
_DRIFTS_SHOWN = 20


def watch(monitoring: Monitoring, windows: WindowTable, learned: Learned) -> dict[str, Json]:
    """The report's `monitoring` section: only what is switched on."""
    found: dict[str, Json] = {}
    if monitoring.enable_drift_detection:
        found["drift"] = _drift(monitoring, windows, learned)
    if monitoring.performance_tracking:
        found["performance"] = _performance(windows, learned)
    return found


def _drift(monitoring: Monitoring, windows: WindowTable, learned: Learned) -> dict[str, Json]:
    limits = monitoring.limits
    names = [
        name
        for name in learned.used
        if not any(fnmatchcase(name, pattern) for pattern in limits.ignore)
    ]
    drifts = remembered(
        "pipeline.drift",
        json_digest([names, limits.drift_threshold, limits.false_alarm_rate]),
        lambda: _drifts(limits, windows, learned.parts, names),
        of=(windows.X, windows.index, learned.parts),
    )
    drifted = [drift.name for drift in drifts if drift.drifted]
    if drifted and monitoring.alerting.enabled:
        _log.warning("features drifted between fit and test part", features=drifted)
    return {
        "threshold": limits.drift_threshold,
        "drifted": drifted,
        "features": [_shown(drift) for drift in drifts[:_DRIFTS_SHOWN]],
    }


def _drifts(
    limits: Limits, windows: WindowTable, parts: Parts, names: Sequence[str]
) -> list[Drift]:
    fit, test = parts.rows(FIT), parts.rows(TEST)
    return drift_between(
        windows.X.loc[fit, list(names)],
        windows.X[test],
        series=windows.index["entity"].to_numpy()[fit],
        threshold=limits.drift_threshold,
        false_alarm_rate=limits.false_alarm_rate,
    )


def _shown(drift: Drift) -> dict[str, Json]:
    return {
        "feature": drift.name,
        "distance": drift.distance,
        "at_least": drift.at_least,
        "p_value": drift.p_value,
        "drifted": drift.drifted,
    }


def _performance(windows: WindowTable, learned: Learned) -> dict[str, Json]:
    """Time of scoring, measured once of one forest: a sweep's jobs share it at every threshold."""
    detector = learned.trained.detector
    if detector.made_of is None:
        return _measured(windows, detector)
    key = json_digest([detector.made_of, detector.feature_names])
    return remembered(
        "pipeline.performance", key, lambda: _measured(windows, detector), most=_FORESTS
    )


def _measured(windows: WindowTable, detector: FittedDetector) -> dict[str, Json]:
    """Time of scoring some windows at once, and of scoring one: by the Pipeline, not a cache."""
    values = windows.X[detector.feature_names].to_numpy("float64")[:_MOST_TIMED]
    start = time.perf_counter()
    detector.pipeline.score_samples(values)
    batch_s = time.perf_counter() - start
    start = time.perf_counter()
    detector.pipeline.score_samples(values[:1])
    single_s = time.perf_counter() - start
    return {"windows_per_s": round(len(values) / batch_s), "single_window_s": round(single_s, 6)}


def baseline_file(prepared: Prepared, learned: Learned) -> dict[str, bytes]:
    """What later batches are compared with: the package's baseline.json.

    None of a ready table: no later logs will ever become such windows.
    """
    if not prepared.has_lines:
        return {}
    calibration = learned.parts.rows(CALIBRATION)
    scored = learned.scored
    baseline = baseline_of(
        Training(
            windows=prepared.windows,
            fit=learned.parts.rows(FIT),
            calibration=calibration,
            held_out=calibration | learned.parts.rows(TEST),
            scores=scored.estimator_score,
            threshold=scored.threshold,
            alerts=int((scored.score[calibration] > scored.threshold).sum()),
            data=prepared.data,
        )
    )
    return {BASELINE: baseline.to_bytes()}
