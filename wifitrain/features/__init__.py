"""Event table -> feature matrix: windows of an entity and what happened in them."""

from __future__ import annotations

from wifitrain.features.catalogue import catalogue, feature_of_column
from wifitrain.features.context import context_of
from wifitrain.features.digest import x_digest
from wifitrain.features.document import features_page
from wifitrain.features.feature import Feature
from wifitrain.features.windows import WindowFeatures

__all__ = [
    "Feature",
    "WindowFeatures",
    "catalogue",
    "context_of",
    "feature_of_column",
    "features_page",
    "x_digest",
]
