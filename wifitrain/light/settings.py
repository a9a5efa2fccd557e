"""How a log is followed."""

from __future__ import annotations

from dataclasses import dataclass

from wifitrain.errors import ConfigError

__all__ = ["FollowSettings"]

_MS = 1_000
#: A handshake completes an arrival up to 30 s later: no window is over before that.
_LEAST_LATENESS_S = 30


@dataclass(frozen=True, kw_only=True)
class FollowSettings:
    """How a log is followed.

    `lateness_s`: how much older than the latest line of its access point a line may be; a window
    is over once a line is that much (30 s at least) past its end. `memory_days`: sessions that
    stay open longer, and stations silent longer, are forgotten.
    """

    lateness_s: int = 60
    memory_days: int = 7

    def __post_init__(self) -> None:
        for key, value, low, high in (
            ("lateness", self.lateness_s, 0, 86_400),
            ("memory-days", self.memory_days, 2, 366),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ConfigError(f"{key} must be a whole number in [{low}, {high}], got {value!r}")

    @property
    def lateness_ms(self) -> int:
        """Milliseconds until a window is over."""
        return max(self.lateness_s, _LEAST_LATENESS_S) * _MS

    @property
    def memory_ms(self) -> int:
        """Milliseconds until a session is forgotten."""
        return self.memory_days * 86_400 * _MS
