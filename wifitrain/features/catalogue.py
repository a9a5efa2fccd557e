"""Every feature by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from wifitrain.errors import FeatureError
from wifitrain.features.design import DESIGN_FEATURES
from wifitrain.features.faults import FAULT_FEATURES
from wifitrain.features.moves import MOVE_FEATURES
from wifitrain.features.service import SERVICE_FEATURES

if TYPE_CHECKING:
    from wifitrain.features.feature import Feature

__all__ = ["catalogue", "feature_of_column"]

_CATALOGUE = MappingProxyType(
    {
        one.name: one
        for one in (*DESIGN_FEATURES, *FAULT_FEATURES, *MOVE_FEATURES, *SERVICE_FEATURES)
    }
)
_BY_COLUMN = {column: one for one in _CATALOGUE.values() for column in one.columns}


def catalogue() -> Mapping[str, Feature]:
    """Name -> feature, in the order of the groups: the design's, those of faults, raw counts."""
    return _CATALOGUE


def feature_of_column(column: str) -> Feature:
    """The feature that gives a column of X; FeatureError where none does."""
    try:
        return _BY_COLUMN[column]
    except KeyError:
        raise FeatureError(f"{column!r} is no column of any feature") from None
