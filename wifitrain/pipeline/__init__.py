"""The corridor: the steps in order. The only package that imports rooms; plain Python.

A run is imported when it is asked for: a training needs nothing of what reviews or compares.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.pipeline.clear_cache_run import ClearCacheRun
    from wifitrain.pipeline.compare_run import CompareRun
    from wifitrain.pipeline.deliver_run import DeliverRun
    from wifitrain.pipeline.learning import Learning
    from wifitrain.pipeline.monitor_run import MonitorRun
    from wifitrain.pipeline.preparation import Preparation
    from wifitrain.pipeline.report_run import ReportRun
    from wifitrain.pipeline.review_run import Looking, ReviewRun
    from wifitrain.pipeline.score_run import ScoreRun
    from wifitrain.pipeline.simulate_run import SimulateRun
    from wifitrain.pipeline.training_run import TrainingRun
    from wifitrain.pipeline.validate_run import ValidateRun

__all__ = [
    "ClearCacheRun",
    "CompareRun",
    "DeliverRun",
    "Learning",
    "Looking",
    "MonitorRun",
    "Preparation",
    "ReportRun",
    "ReviewRun",
    "ScoreRun",
    "SimulateRun",
    "TrainingRun",
    "ValidateRun",
]

_MODULES = {
    "ClearCacheRun": "clear_cache_run",
    "CompareRun": "compare_run",
    "DeliverRun": "deliver_run",
    "Learning": "learning",
    "Looking": "review_run",
    "MonitorRun": "monitor_run",
    "Preparation": "preparation",
    "ReportRun": "report_run",
    "ReviewRun": "review_run",
    "ScoreRun": "score_run",
    "SimulateRun": "simulate_run",
    "TrainingRun": "training_run",
    "ValidateRun": "validate_run",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
