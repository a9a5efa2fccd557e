"""Checks of configuration values: each names the full key and the value it refuses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from wifitrain.errors import ConfigError

__all__ = ["choice", "flag", "names", "share", "share_map", "shares", "whole", "wholes"]

_SECTION = "evaluation"


def _refuse(key: str, expected: str, value: object) -> ConfigError:
    return ConfigError(f"{_SECTION}.{key} must be {expected}, got {value!r}")


def whole(key: str, value: object, *, low: int) -> int:
    """A whole number of at least `low`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < low:
        raise _refuse(key, f"a whole number of at least {low}", value)
    return value


def wholes(key: str, value: object, *, low: int) -> tuple[int, ...]:
    """A list of whole numbers of at least `low`, in ascending order, each once."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _refuse(key, "a list of whole numbers", value)
    return tuple(sorted({whole(key, one, low=low) for one in value}))


def flag(key: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _refuse(key, "true or false", value)
    return value


def share(key: str, value: object, *, low: float = 0.0, high: float = 1.0) -> float:
    """A number in [low, high]."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low <= value <= high:  # type: ignore[arg-type,operator]
        raise _refuse(key, f"in [{low:g}, {high:g}]", value)
    return float(value)  # type: ignore[arg-type]


def shares(key: str, value: object, *, high: float) -> tuple[float, ...]:
    """A list of numbers in (0, high], in ascending order, each once."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _refuse(key, "a list of numbers", value)
    found = tuple(sorted({share(key, one, high=high) for one in value}))
    if 0.0 in found:
        raise _refuse(key, f"a list of numbers in (0, {high:g}]", value)
    return found


def names(key: str, value: object, *, known: Sequence[str]) -> tuple[str, ...]:
    """A list of known names, in the user's order, each once."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise _refuse(key, f"a list of {', '.join(known)}", value)
    return tuple(dict.fromkeys(choice(key, one, known=known) for one in value))


def choice(key: str, value: object, *, known: Sequence[str]) -> str:
    """One of the known names."""
    if not isinstance(value, str) or value not in known:
        raise _refuse(key, f"one of {', '.join(known)}", value)
    return value


def share_map(key: str, value: object, *, known: Sequence[str]) -> dict[str, float]:
    """Known names with a number in [0, 1] each."""
    if not isinstance(value, Mapping):
        raise _refuse(key, "a mapping of metric to number", value)
    for name in value:
        choice(key, name, known=known)
    return {name: share(f"{key}.{name}", number) for name, number in value.items()}
