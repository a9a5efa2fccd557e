"""Every feature by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from wifitrain.features.design import DESIGN_FEATURES
from wifitrain.features.faults import FAULT_FEATURES
from wifitrain.features.service import SERVICE_FEATURES

if TYPE_CHECKING:
    from wifitrain.features.feature import Feature

__all__ = ["catalogue"]

_CATALOGUE = MappingProxyType(
    {one.name: one for one in (*DESIGN_FEATURES, *FAULT_FEATURES, *SERVICE_FEATURES)}
)


def catalogue() -> Mapping[str, Feature]:
    """Name -> feature, in the order of the groups: the design's, those of faults, raw counts."""
    return _CATALOGUE
