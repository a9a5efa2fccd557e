"""model.json: what a model is beside its arrays, parsed and checked value by value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wifitrain.edge.guard import EdgeGuard
from wifitrain.edge.model import Preparation
from wifitrain.edge.values import Section, parse
from wifitrain.errors import PackageError

__all__ = ["FORMAT", "Document", "dumps", "read_document"]

FORMAT = "wifitrain edge model 1"
_KEYS = (
    "format", "model_type", "model_digest", "npz_sha256", "window_s", "threshold",
    "contamination", "normaliser", "features", "guard",
)  # fmt: skip
_PREPARED = ("fill", "center", "scale")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_FEATURES = 4_096
_MOST_WINDOW_S = 366 * 86_400


@dataclass(frozen=True, kw_only=True)
class Document:
    """The checked content of model.json."""

    model_digest: str
    npz_sha256: str
    window_s: int
    threshold: float
    contamination: float
    normaliser: float
    features: tuple[Mapping[str, str], ...]
    preparation: Preparation
    guard: EdgeGuard | None


def dumps(document: Mapping[str, object]) -> bytes:
    """The bytes of model.json; equal documents give equal bytes."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def read_document(content: bytes, *, name: str) -> Document:
    """Parse and check model.json; PackageError names the first value that is wrong."""
    top = parse(content, name=name)
    if top.text("format") != FORMAT or top.text("model_type") != "IsolationForest":
        raise PackageError(f"{name}: format must be {FORMAT!r} of an IsolationForest")
    top.only(_KEYS)
    features = top.sections("features")
    return Document(
        model_digest=_digest(top, "model_digest"),
        npz_sha256=_digest(top, "npz_sha256"),
        window_s=top.integer("window_s", least=1, most=_MOST_WINDOW_S),
        threshold=top.number("threshold"),
        contamination=top.number("contamination", least=0, most=0.5, above=True),
        normaliser=top.number("normaliser", least=0),
        features=_features(features, name),
        preparation=_preparation(features, name),
        guard=_guard(top.section("guard")) if top.has("guard") else None,
    )


def _digest(top: Section, key: str) -> str:
    value = top.text(key)
    if not _SHA256.fullmatch(value):
        raise PackageError(f"{top.place}: {key} must be a SHA-256 in lower-case hex")
    return value


def _features(features: list[Section], name: str) -> tuple[Mapping[str, str], ...]:
    described = []
    for feature in features:
        feature.only(("name", "unit", "meaning", *_PREPARED))
        known = [key for key in ("unit", "meaning") if feature.has(key)]
        described.append({key: feature.text(key) for key in ("name", *known)})
    if not 1 <= len({feature["name"] for feature in described}) == len(described):
        raise PackageError(f"{name}: features must have names, each its own")
    if len(described) > _MOST_FEATURES:
        raise PackageError(f"{name}: {len(described)} features, over {_MOST_FEATURES}")
    return tuple(described)


def _preparation(features: list[Section], name: str) -> Preparation:
    """A feature with `fill` is one that the forest sees; all of them are scaled, or none."""
    used = [number for number, feature in enumerate(features) if feature.has("fill")]
    seen = [features[number] for number in used]
    scaled = [feature.has("scale") for feature in seen]
    if not seen or (any(scaled) and not all(scaled)):
        raise PackageError(f"{name}: features: none has a fill, or only some a scale")
    return Preparation(
        used=np.array(used, dtype=np.intp),
        fill=np.array([feature.number("fill") for feature in seen]),
        center=np.array([f.number("center") for f in seen]) if any(scaled) else None,
        scale=(
            np.array([f.number("scale", least=0, above=True) for f in seen])
            if any(scaled)
            else None
        ),
    )


def _guard(guard: Section) -> EdgeGuard:
    guard.only(("margin", "columns", "kinds", "ceiling"))
    ranges = guard.section("columns")
    names = ranges.names()
    if len(names) > _MOST_FEATURES:
        raise PackageError(f"{ranges.place}: {len(names)} columns, over {_MOST_FEATURES}")
    low, high, spread = [], [], []
    for seen in map(ranges.section, names):
        seen.only(("low", "high", "spread"))
        low.append(seen.number("low"))
        high.append(seen.number("high", least=low[-1]))
        spread.append(seen.number("spread", least=0))
    return EdgeGuard(
        columns=tuple(names),
        low=np.array(low, dtype=np.float64),
        high=np.array(high, dtype=np.float64),
        spread=np.array(spread, dtype=np.float64),
        margin=guard.number("margin", least=0, above=True),
        kinds=frozenset(guard.texts("kinds")),
        ceiling=guard.number("ceiling"),
    )
