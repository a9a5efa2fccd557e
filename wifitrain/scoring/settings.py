"""When alerts become an incident: the configuration group `alerts`."""

from __future__ import annotations

from dataclasses import dataclass

from wifitrain.errors import ConfigError

__all__ = ["AlertSettings"]

_MOST_WINDOWS = 10_000


@dataclass(frozen=True, kw_only=True)
class AlertSettings:
    """How alerts of windows are put together.

    Parameters
    ----------
    gap_windows : quiet windows between two alerts that still belong to one incident.
    persistence : alerts among the last `persistence_of` windows that open an incident.
    persistence_of : windows that `persistence` looks back on, itself included.
    cooldown_s : seconds after an incident in which alerts of the same entity announce no new one.
    lines : raw lines shown with an incident, at most.
    exceptions : JSON file of maintenance times and allowed alerts; None: none.
    """

    gap_windows: int = 3
    persistence: int = 1
    persistence_of: int = 1
    cooldown_s: int = 0
    lines: int = 10
    exceptions: str | None = None

    def __post_init__(self) -> None:
        _whole("gap_windows", self.gap_windows, 0, _MOST_WINDOWS)
        _whole("persistence_of", self.persistence_of, 1, _MOST_WINDOWS)
        _whole("persistence", self.persistence, 1, self.persistence_of)
        _whole("cooldown_s", self.cooldown_s, 0, 366 * 86_400)
        _whole("lines", self.lines, 0, 1_000)
        if self.exceptions is not None and not isinstance(self.exceptions, str):
            raise ConfigError(f"alerts.exceptions must be null or a path, got {self.exceptions!r}")


def _whole(key: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(f"alerts.{key} must be a whole number in [{low}, {high}], got {value!r}")
