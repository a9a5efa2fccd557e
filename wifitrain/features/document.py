"""The catalogue as a page: docs/features.md."""

from __future__ import annotations

from wifitrain.features.catalogue import catalogue
from wifitrain.features.feature import GROUPS, Feature

__all__ = ["features_page"]

_HEAD = """\
# Features

Written by `python -m wifitrain.features > docs/features.md`; do not edit.

A window belongs to an entity (access point, interface or station) and starts at a multiple of
`window_s` (UTC). Every feature speaks of the lines of WiFi programs in it, unless it says so.
A mean, share or quantile of nothing is NaN; a count of nothing is 0.

**Fed by** says when an export can feed a feature. It is otherwise unavailable: not in X, and named
with the reason. *can log*: a program of the export is able to log one of these events, so that a
count of zero is a fact. *has*: one of these events occurs. *carries*: some line has this field.
"""
_FEED = {
    "possible": "can log",
    "occurs": "has",
    "column": "carries",
}


def features_page() -> str:
    """The catalogue in Markdown, one table for each group."""
    parts = [_HEAD]
    for group in GROUPS:
        rows = [_row(one) for one in catalogue().values() if one.group == group]
        head = "| name | meaning | unit | range | fed by |\n|---|---|---|---|---|"
        parts.append("\n".join([f"\n## {group}\n", head, *rows]) + "\n")
    return "".join(parts)


def _row(feature: Feature) -> str:
    columns = [name for name in feature.columns if name != feature.name]
    name = f"`{feature.name}`"
    if columns:
        name += " as " + ", ".join(f"`{column}`" for column in columns)
    cells = (name, feature.meaning, feature.unit, feature.range, _fed_by(feature))
    return "| " + " | ".join(cells) + " |"


def _fed_by(feature: Feature) -> str:
    if feature.feed == "never":
        return "nothing"
    if feature.feed == "lines":
        return "any WiFi line"
    return f"{_FEED[feature.feed]} " + ", ".join(feature.inputs)
