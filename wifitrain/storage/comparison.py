"""What differs between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wifitrain.storage import manifest, strict_json

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Model

__all__ = ["Difference", "compare"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One place at which two versions differ; None where a version has nothing there."""

    place: str  # training_info.training_samples
    first: Any
    second: Any


def compare(first: Model, second: Model) -> list[Difference]:
    """Differences in metadata and dependencies, in the order of their places."""
    left, right = _flat(first), _flat(second)
    return [
        Difference(place=place, first=left.get(place), second=right.get(place))
        for place in sorted(left.keys() | right.keys())
        if left.get(place) != right.get(place)
    ]


def _flat(model: Model) -> dict[str, Any]:
    listing = strict_json.read_object(model.path / manifest.MANIFEST)
    return dict(
        _leaves({**model.metadata, "dependencies": listing.get("dependencies", {})}, prefix="")
    )


def _leaves(value: strict_json.Plain, *, prefix: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        return [
            leaf
            for key, item in value.items()
            for leaf in _leaves(item, prefix=f"{prefix}.{key}" if prefix else key)
        ]
    return [(prefix, value)]
