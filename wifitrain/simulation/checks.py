"""Configuration values of the simulation, each refused by its full key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import numpy as np

from wifitrain.errors import ConfigError

__all__ = ["check_keys", "flag", "moment", "number", "whole"]


def number(key: str, value: object, low: float, high: float) -> float:
    """`value` as a float in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"simulation.{key} must be in [{low:g}, {high:g}], got {value!r}")
    return float(value)


def whole(key: str, value: object, low: int, high: int) -> int:
    """`value` as a whole number in [low, high]."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(
            f"simulation.{key} must be a whole number in [{low}, {high}], got {value!r}"
        )
    return value


def flag(key: str, value: object) -> bool:
    """`value` as true or false."""
    if not isinstance(value, bool):
        raise ConfigError(f"simulation.{key} must be true or false, got {value!r}")
    return value


def moment(key: str, value: object) -> int:
    """ISO text without a zone (UTC) as microseconds since 1970."""
    try:
        parsed = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is not None or not 1980 <= parsed.year <= 2200:
        raise ConfigError(
            f"simulation.{key} must be ISO text in UTC such as '2026-03-02T00:00:00', got {value!r}"
        )
    return int(np.datetime64(parsed, "us").astype(np.int64))


def check_keys(key: str, value: object, known: Collection[str]) -> Mapping[str, object]:
    """`value` as a mapping that has only `known` keys."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"simulation.{key} must be a mapping, got {value!r}")
    unknown = sorted(str(name) for name in value if name not in known)
    if unknown:
        raise ConfigError(
            f"simulation.{key}.{unknown[0]} is unknown; known are {', '.join(sorted(known))}"
        )
    return value
