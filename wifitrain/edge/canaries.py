"""Canary windows: what a model must score as in training before it is believed."""

from __future__ import annotations

import numpy as np

__all__ = ["canary_windows"]

_FROM_TRAINING = 56
_HUGE = 1e18  # beyond every threshold, within float32: older scikit-learn refuses what is not


def canary_windows(windows: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """At most 64 windows, shape (n, n_features): 56 of the training, evenly by score, and 8 odd
    ones that reach the far ends of the trees.
    """
    order = np.argsort(scores, kind="stable")
    even = np.linspace(0, len(order) - 1, min(_FROM_TRAINING, len(order))).round().astype(np.intp)
    n = windows.shape[1]
    low, high = np.fmin.reduce(windows, axis=0), np.fmax.reduce(windows, axis=0)
    with np.errstate(invalid="ignore"):
        odd = [
            np.zeros(n),
            np.full(n, np.nan),
            low,
            high,
            low - 1,
            2 * np.abs(high) + 1,
            np.full(n, _HUGE),
            np.where(np.arange(n) % 2, -_HUGE, np.nan),
        ]
    return np.vstack([windows[order[even]], *odd])
