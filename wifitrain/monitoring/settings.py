"""The configuration group `monitoring`."""

from __future__ import annotations

from wifitrain.errors import ConfigError

__all__ = ["Alerting", "Monitoring"]


class Alerting:
    """Who is told. The log always is; mail and chat are not there yet and refused by name."""

    def __init__(
        self,
        *,
        enabled: bool = True,
        email_notifications: bool = False,
        slack_notifications: bool = False,
    ) -> None:
        _check_flag("alerting.enabled", enabled)
        for key, value in (
            ("email_notifications", email_notifications),
            ("slack_notifications", slack_notifications),
        ):
            _check_flag(f"alerting.{key}", value)
            if value:
                raise ConfigError(f"monitoring.alerting.{key}=true is not there yet: set it false")
        self.enabled = enabled


class Monitoring:
    """What a run watches.

    Parameters
    ----------
    enable_drift_detection : compare the test part's features with those of the fit part.
    drift_threshold : Kolmogorov-Smirnov distance, in (0, 1], from which on a feature counts as
        drifted; an effect size, not a significance.
    performance_tracking : measure how fast the model scores.
    resource_monitoring : measure wall time, CPU time and peak memory.
    alerting : who is told of drift.
    """

    def __init__(
        self,
        *,
        enable_drift_detection: bool = True,
        drift_threshold: float = 0.1,
        performance_tracking: bool = True,
        resource_monitoring: bool = True,
        alerting: Alerting,
    ) -> None:
        _check_flag("enable_drift_detection", enable_drift_detection)
        _check_flag("performance_tracking", performance_tracking)
        _check_flag("resource_monitoring", resource_monitoring)
        if (
            isinstance(drift_threshold, bool)
            or not isinstance(drift_threshold, int | float)
            or not 0 < drift_threshold <= 1
        ):
            raise ConfigError(
                f"monitoring.drift_threshold must be in (0, 1], got {drift_threshold!r}"
            )
        self.enable_drift_detection = enable_drift_detection
        self.drift_threshold = float(drift_threshold)
        self.performance_tracking = performance_tracking
        self.resource_monitoring = resource_monitoring
        self.alerting = alerting


def _check_flag(key: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ConfigError(f"monitoring.{key} must be true or false, got {value!r}")
