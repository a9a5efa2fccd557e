"""What monitoring says of the run itself: drift up to the test part, speed of scoring."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from wifitrain.log import get_logger
from wifitrain.monitoring import drift_between
from wifitrain.records import FIT, TEST

if TYPE_CHECKING:
    from wifitrain.monitoring import Monitoring
    from wifitrain.pipeline.learning import Learned
    from wifitrain.records import Json, WindowTable

__all__ = ["watch"]

_log = get_logger("wifitrain")
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
    fit, test = (windows.X[learned.parts.rows(part)] for part in (FIT, TEST))
    drifts = drift_between(fit[learned.used], test, threshold=monitoring.drift_threshold)
    drifted = [drift.feature for drift in drifts if drift.drifted]
    if drifted and monitoring.alerting.enabled:
        _log.warning("features drifted between fit and test part", features=drifted)
    return {
        "threshold": monitoring.drift_threshold,
        "drifted": drifted,
        "features": [asdict(drift) for drift in drifts[:_DRIFTS_SHOWN]],
    }


def _performance(windows: WindowTable, learned: Learned) -> dict[str, Json]:
    """Time of scoring all windows at once, and of scoring one."""
    detector = learned.trained.detector
    start = time.perf_counter()
    detector.score(windows.X)
    batch_s = time.perf_counter() - start
    start = time.perf_counter()
    detector.score(windows.X[:1])
    single_s = time.perf_counter() - start
    return {"windows_per_s": round(len(windows.X) / batch_s), "single_window_s": round(single_s, 6)}
