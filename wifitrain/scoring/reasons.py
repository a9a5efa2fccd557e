"""Who raised an alert and why, as every table of windows says it."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["alert_reasons"]


def alert_reasons(flagged: Iterable[bool], guard_reasons: Iterable[str]) -> list[str]:
    """'' for a quiet window, else who raised it and why; one for each pair, n of both."""
    return [
        (f"guard: {reason}" if reason else "estimator") if is_flagged else ""
        for is_flagged, reason in zip(flagged, guard_reasons, strict=True)
    ]
