"""Who raised an alert and why, as every table of windows says it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["alert_reasons"]


def alert_reasons(flagged: np.ndarray | Sequence[bool], guard_reasons: Sequence[str]) -> list[str]:
    """'' for a quiet window, else who raised it and why; one for each pair, n of both."""
    if len(flagged) != len(guard_reasons):
        raise ValueError(f"{len(flagged)} windows, but {len(guard_reasons)} reasons")
    found = [""] * len(guard_reasons)
    for row in np.flatnonzero(flagged).tolist():
        reason = guard_reasons[row]
        found[row] = f"guard: {reason}" if reason else "estimator"
    return found
