"""What a run costs, whether later windows still look like those it learned from, who is told."""

from wifitrain.monitoring.alerting import Alerting
from wifitrain.monitoring.baseline import BASELINE, Baseline, Training, baseline_of
from wifitrain.monitoring.batch import Batch, BatchReport, Limits, broken, compare
from wifitrain.monitoring.drift import Drift, drift_between
from wifitrain.monitoring.resources import ResourceLimits, ResourceMonitor
from wifitrain.monitoring.settings import Monitoring

__all__ = [
    "BASELINE",
    "Alerting",
    "Baseline",
    "Batch",
    "BatchReport",
    "Drift",
    "Limits",
    "Monitoring",
    "ResourceLimits",
    "ResourceMonitor",
    "Training",
    "baseline_of",
    "broken",
    "compare",
    "drift_between",
]
