"""The configuration group `monitoring`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError
from wifitrain.monitoring.batch import Limits
from wifitrain.monitoring.checks import check_flag, check_number
from wifitrain.monitoring.resources import ResourceLimits

if TYPE_CHECKING:
    from wifitrain.monitoring.alerting import Alerting

__all__ = ["Monitoring"]

_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s?(MB|GB)$")
_TIME = re.compile(r"^(\d+(?:\.\d+)?)\s?(s|min|h)$")
_BYTES = {"MB": 10**6, "GB": 10**9}
_SECONDS = {"s": 1, "min": 60, "h": 3600}


class Monitoring:
    """What a run watches.

    Parameters
    ----------
    enable_drift_detection : training compares the test part's features with those of the fit part,
        and packs the baseline that `-cn monitor` compares later batches with.
    drift_threshold : Kolmogorov-Smirnov distance, in (0, 1], from which on a feature counts as
        drifted; an effect size, not a significance.
    false_alarm_rate : how often a batch that did not change is called drifting, in (0, 0.5].
    ignore : patterns of features that are not compared, such as the calendar's.
    performance_tracking : measure how fast the model scores; append every scored batch to the
        history.
    resource_monitoring : measure wall time, CPU time and peak memory.
    history : folder with one NDJSON file for each version, and its page.
    textfile : file for node_exporter's textfile collector, ending in .prom; None writes none.
    max_memory : such as 4GB; a run that takes more is stopped. None: no limit.
    max_time : such as 90s, 30min or 2h; a run that takes longer is stopped. None: no limit.
    alerting : who is told.
    """

    def __init__(
        self,
        *,
        enable_drift_detection: bool = True,
        drift_threshold: float = 0.1,
        false_alarm_rate: float = 0.05,
        ignore: Sequence[str] = (),
        performance_tracking: bool = True,
        resource_monitoring: bool = True,
        history: str = "monitoring",
        textfile: str | None = None,
        max_memory: str | None = None,
        max_time: str | None = None,
        alerting: Alerting,
    ) -> None:
        check_flag("enable_drift_detection", enable_drift_detection)
        check_flag("performance_tracking", performance_tracking)
        check_flag("resource_monitoring", resource_monitoring)
        if isinstance(ignore, str) or not all(isinstance(pattern, str) for pattern in ignore):
            raise ConfigError(f"monitoring.ignore must be a list of patterns, got {ignore!r}")
        if not isinstance(history, str) or not history:
            raise ConfigError(f"monitoring.history must be a folder, got {history!r}")
        if textfile is not None and not (isinstance(textfile, str) and textfile.endswith(".prom")):
            raise ConfigError(
                f"monitoring.textfile must be null or a file name ending in .prom, got {textfile!r}"
            )
        self.enable_drift_detection = enable_drift_detection
        self.limits = Limits(
            drift_threshold=check_number("drift_threshold", drift_threshold, most=1),
            false_alarm_rate=check_number("false_alarm_rate", false_alarm_rate, most=0.5),
            ignore=tuple(ignore),
        )
        self.performance_tracking = performance_tracking
        self.resource_monitoring = resource_monitoring
        self.history = history
        self.textfile = textfile
        self.resource_limits = ResourceLimits(
            max_bytes=_quantity("max_memory", max_memory, _SIZE, _BYTES),
            max_s=_quantity("max_time", max_time, _TIME, _SECONDS),
        )
        self.alerting = alerting


def _quantity(
    key: str, value: object, shape: re.Pattern[str], units: dict[str, int]
) -> float | None:
    """A number with its unit as a plain number, or None for no limit."""
    if value is None:
        return None
    found = shape.match(value) if isinstance(value, str) else None
    if not found or float(found[1]) == 0:
        examples = ", ".join(f"2{unit}" for unit in units)
        raise ConfigError(f"monitoring.{key} must be null or such as {examples}, got {value!r}")
    return float(found[1]) * units[found[2]]
