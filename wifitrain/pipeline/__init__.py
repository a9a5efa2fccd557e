"""The corridor: the steps in order. The only package that imports rooms; plain Python."""

from wifitrain.pipeline.score_run import ScoreRun
from wifitrain.pipeline.training_run import TrainingRun
from wifitrain.pipeline.validate_run import ValidateRun

__all__ = ["ScoreRun", "TrainingRun", "ValidateRun"]
