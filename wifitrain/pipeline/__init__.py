"""The corridor: the steps in order. The only package that imports rooms; plain Python."""

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
