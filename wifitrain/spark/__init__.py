"""Spark as the engine for rows, events and windows, with the embedded engine beside it."""

from wifitrain.spark.engine import SparkEngine

__all__ = ["SparkEngine"]
