"""Values of the configuration group `monitoring`, checked one by one."""

from __future__ import annotations

import math

from wifitrain.errors import ConfigError

__all__ = ["check_count", "check_flag", "check_number"]


def check_flag(key: str, value: object) -> None:
    """Refuse all but true and false."""
    if not isinstance(value, bool):
        raise ConfigError(f"monitoring.{key} must be true or false, got {value!r}")


def check_number(key: str, value: object, *, most: float = math.inf) -> float:
    """A finite number above 0 and at most `most`."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or not 0 < value <= most:  # type: ignore[arg-type,operator]
        allowed = "above 0" if math.isinf(most) else f"in (0, {most:g}]"
        raise ConfigError(f"monitoring.{key} must be {allowed}, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def check_count(key: str, value: object) -> int:
    """A whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"monitoring.{key} must be a whole number of at least 1, got {value!r}")
    return value
