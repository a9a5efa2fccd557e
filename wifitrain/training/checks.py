"""Checks of configuration values: each names the key and the value it refuses."""

from __future__ import annotations

import math

from wifitrain.errors import ConfigError

__all__ = ["check_count_or_share", "check_flag", "check_integer", "check_number"]


def check_integer(key: str, value: object, *, minimum: int) -> None:
    """Refuse what is not an integer of at least `minimum`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < minimum:
        raise ConfigError(f"{key} must be an integer of at least {minimum}, got {value!r}")


def check_flag(key: str, value: object) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool):
        raise ConfigError(f"{key} must be true or false, got {value!r}")


def check_number(
    key: str,
    value: object,
    *,
    above: float,
    below: float = math.inf,
    most: float = math.inf,
) -> None:
    """Refuse what is not a number in (above, below) and at most `most`."""
    interval = f"({above:g}, {most:g}]" if most < below else f"({above:g}, {below:g})"
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not above < value < below
        or value > most
    ):
        raise ConfigError(f"{key} must be in {interval}, got {value!r}")


def check_count_or_share(key: str, value: object) -> None:
    """Refuse what is neither a count of at least 1 nor a share in (0, 1]."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    is_share = isinstance(value, float) and 0 < value <= 1
    if not is_count and not is_share:
        raise ConfigError(
            f"{key} must be a count of at least 1 or a share in (0, 1], got {value!r}"
        )
