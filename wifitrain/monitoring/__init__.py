"""What a run costs, and whether later windows still look like those it learned from."""

from wifitrain.monitoring.drift import FeatureDrift, drift_between
from wifitrain.monitoring.resources import ResourceMonitor
from wifitrain.monitoring.settings import Alerting, Monitoring

__all__ = [
    "Alerting",
    "FeatureDrift",
    "Monitoring",
    "ResourceMonitor",
    "drift_between",
]
