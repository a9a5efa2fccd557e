"""What the configuration chooses, checked: features by name, each in the list of its group."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError

if TYPE_CHECKING:
    from wifitrain.features.feature import Feature

__all__ = ["chosen_features", "one_of", "whole"]


def chosen_features(
    lists: Mapping[str, Sequence[str]], *, catalogue: Mapping[str, Feature]
) -> Sequence[Feature]:
    """Features of `lists` (group -> names) in their order; ConfigError names what is wrong."""
    chosen: dict[str, Feature] = {}
    for group, names in lists.items():
        for name in _names(group, names):
            if name in chosen:
                raise ConfigError(f"features.{group} names {name!r}, which is already chosen")
            chosen[name] = _feature(group, name, catalogue)
    if not chosen:
        raise ConfigError("features names no feature: every list is empty")
    return tuple(chosen.values())


def _names(group: str, names: object) -> Sequence[str]:
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ConfigError(f"features.{group} must be a list of feature names, got {names!r}")
    for name in names:
        if not isinstance(name, str):
            raise ConfigError(f"features.{group} must hold feature names, got {name!r}")
    return names


def _feature(group: str, name: str, catalogue: Mapping[str, Feature]) -> Feature:
    feature = catalogue.get(name)
    if feature is None:
        near = difflib.get_close_matches(name, catalogue, n=3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise ConfigError(f"features.{group} names {name!r}, which is no feature{hint}")
    if feature.group != group and not (group == "counts" and feature.also_count):
        raise ConfigError(
            f"features.{group} names {name!r}, which belongs in features.{feature.group}"
        )
    return feature


def whole(key: str, value: object, low: int, high: int) -> int:
    """`value` of `features.<key>` where it is a whole number in [low, high]; else ConfigError."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(
            f"features.{key} must be a whole number in [{low}, {high}], got {value!r}"
        )
    return value


def one_of(key: str, value: object, allowed: Sequence[str]) -> str:
    """`value` of `features.<key>` where it is one of `allowed`; else ConfigError."""
    if not isinstance(value, str) or value not in allowed:
        raise ConfigError(f"features.{key} must be one of {', '.join(allowed)}, got {value!r}")
    return value
