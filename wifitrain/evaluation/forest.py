"""The first k trees of a fitted forest: they are the k-tree forest of the same seed."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.records import Detector

__all__ = ["first_trees", "n_trees"]


def n_trees(detector: Detector) -> int | None:
    """Trees of the forest inside `detector`, or None where there is no forest."""
    found = _forest_attribute(detector)
    return None if found is None else len(_last_step(found[1]).estimators_)  # type: ignore[attr-defined]


def first_trees(detector: Detector, k: int) -> Detector:
    """`detector` with the first `k` trees of its forest only; `detector` itself is left alone."""
    found = _forest_attribute(detector)
    if found is None:
        raise TypeError(f"{type(detector).__name__} has no forest to cut")
    name, fitted = found
    shorter = copy.copy(detector)
    # A detector may be frozen; the copy is ours alone until it is handed on.
    object.__setattr__(shorter, name, _cut(fitted, k))
    return shorter


def _forest_attribute(detector: Detector) -> tuple[str, object] | None:
    attributes: dict[str, object] = getattr(detector, "__dict__", {})
    for name, value in attributes.items():
        if _is_forest(_last_step(value)):
            return name, value
    return None


def _last_step(fitted: object) -> object:
    steps = getattr(fitted, "steps", None)
    return steps[-1][1] if isinstance(steps, list) and steps else fitted


def _is_forest(fitted: object) -> bool:
    return hasattr(fitted, "estimators_") and hasattr(fitted, "estimators_features_")


def _cut(fitted: object, k: int) -> object:
    shorter = copy.copy(fitted)
    steps = getattr(fitted, "steps", None)
    if isinstance(steps, list):
        name, forest = steps[-1]
        shorter.steps = [*steps[:-1], (name, _cut(forest, k))]  # type: ignore[attr-defined]
        return shorter
    shorter.estimators_ = fitted.estimators_[:k]  # type: ignore[attr-defined]
    shorter.estimators_features_ = fitted.estimators_features_[:k]  # type: ignore[attr-defined]
    return shorter
