"""Turns access-point logs into an anomaly detector you can trust."""

__all__ = ["__version__"]

__version__ = "0.1.0"
