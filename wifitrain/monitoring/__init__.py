"""What a run costs, whether later windows still look like those it learned from, who is told."""

from wifitrain.monitoring.alerting import Alerting
from wifitrain.monitoring.baseline import BASELINE, Baseline, Training, baseline_of
from wifitrain.monitoring.batch import Batch, BatchReport, Limits, broken, compare
from wifitrain.monitoring.drift import Drift, drift_between
from wifitrain.monitoring.history import append_entry, history_file, history_lock, read_entries
from wifitrain.monitoring.metrics import ModelMetrics
from wifitrain.monitoring.notifier import Courier, Notifier
from wifitrain.monitoring.resources import ResourceLimits, ResourceMonitor
from wifitrain.monitoring.settings import Monitoring
from wifitrain.monitoring.spool import Notice
from wifitrain.monitoring.wealth import wealth_after, wealth_entry

__all__ = [
    "BASELINE",
    "Alerting",
    "Baseline",
    "Batch",
    "BatchReport",
    "Courier",
    "Drift",
    "Limits",
    "ModelMetrics",
    "Monitoring",
    "Notice",
    "Notifier",
    "ResourceLimits",
    "ResourceMonitor",
    "Training",
    "append_entry",
    "baseline_of",
    "broken",
    "compare",
    "drift_between",
    "history_file",
    "history_lock",
    "read_entries",
    "wealth_after",
    "wealth_entry",
]
