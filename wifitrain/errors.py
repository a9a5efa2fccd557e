"""Every error a user can meet.

WifitrainError
 +-- ConfigError      a configuration value that cannot be used
 +-- ExportError      an export that cannot be read or is unfit for training
 +-- EventError       lines that cannot be turned into events
 +-- FeatureError     features that this export cannot feed
 +-- DataError        too little data to split, fit or calibrate
 +-- TrainingError    an estimator that could not be fitted
 +-- EngineError      the engine ran out of memory or disk
 +-- EvaluationError  evidence that could not be computed
 +-- GateFailed       a release gate that was configured to stop the run
 +-- PackageError     a model package that is damaged, foreign or not to be trusted
 +-- RegistryError    a registry operation that cannot be done
 +-- SimulationError  a simulation that cannot be written
 +-- LimitExceeded    a run that took more memory or time than it may

Messages are one line: what is wrong, where, and what was expected.
"""

__all__ = [
    "ConfigError",
    "DataError",
    "EngineError",
    "EvaluationError",
    "EventError",
    "ExportError",
    "FeatureError",
    "GateFailed",
    "LimitExceeded",
    "PackageError",
    "RegistryError",
    "SimulationError",
    "TrainingError",
    "WifitrainError",
]


class WifitrainError(Exception):
    """Base of every error that ends a run with one line and exit status 1."""


class ConfigError(WifitrainError):
    """A configuration value that cannot be used; names the key and the value."""


class ExportError(WifitrainError):
    """An export that cannot be read or is unfit for training; names file and record."""


class EventError(WifitrainError):
    """Lines that cannot be turned into events."""


class FeatureError(WifitrainError):
    """Features that were asked for and that this export cannot feed."""


class DataError(WifitrainError):
    """Too little data to split, fit or calibrate; says what is needed."""


class TrainingError(WifitrainError):
    """An estimator that could not be fitted."""


class EngineError(WifitrainError):
    """The engine ran out of memory or disk; says what to change."""


class EvaluationError(WifitrainError):
    """Evidence that could not be computed."""


class GateFailed(WifitrainError):
    """A release gate failed and the configuration says that this ends the run."""


class PackageError(WifitrainError):
    """A model package that is damaged, foreign or not to be trusted."""


class RegistryError(WifitrainError):
    """A registry operation that cannot be done."""


class SimulationError(WifitrainError):
    """A simulation that cannot be written."""


class LimitExceeded(WifitrainError):
    """A run that took more memory or time than `monitoring` lets it, and was stopped."""
