"""Honest evidence for a trained detector, with and without labels."""

from wifitrain.evaluation.evaluator import Evaluator
from wifitrain.evaluation.gates import Gates

__all__ = ["Evaluator", "Gates"]
