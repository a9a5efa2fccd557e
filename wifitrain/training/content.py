"""The content digest: SHA-256 of what a model computes with, not of how it happens to be stored.

Two fits with other n_jobs, processes or library builds have one digest if every learned number is
the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["content_digest"]


def content_digest(estimator: object, extra: Mapping[str, Any]) -> str:
    """Hex digest of every learned attribute of `estimator`, and of `extra` as canonical JSON."""
    digest = hashlib.sha256()
    for path, value in _learned(estimator, "model"):
        digest.update(path.encode())
        digest.update(value)
    digest.update(json.dumps(extra, sort_keys=True, separators=(",", ":")).encode())
    return digest.hexdigest()


def _learned(value: object, path: str) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each number or text that was learned, in a fixed order."""
    if isinstance(value, np.ndarray):
        yield from _array(value, path)
    elif isinstance(value, str | bool | int | float | np.generic) or value is None:
        yield path, f"{type(value).__name__}:{value!r}".encode()
    elif isinstance(value, Mapping):
        for key in sorted(value, key=str):
            yield from _learned(value[key], f"{path}.{key}")
    elif isinstance(value, Sequence):
        for number, item in enumerate(value):
            yield from _learned(item, f"{path}[{number}]")
    else:
        yield path, type(value).__name__.encode()
        yield from _learned(_state(value), path)


def _array(array: np.ndarray, path: str) -> Iterator[tuple[str, bytes]]:
    if array.dtype.names:  # field by field: the padding between fields is not content
        for name in array.dtype.names:
            yield from _array(array[name], f"{path}.{name}")
    elif array.dtype == object:
        yield from _learned(array.tolist(), path)
    else:
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        yield path, f"{little.dtype.str}{little.shape}".encode() + little.tobytes()


def _state(value: object) -> dict[str, Any]:
    """Learned attributes of an object: names that end in ``_``, steps, and a tree's own state."""
    if type(value).__name__ == "Tree":
        state: dict[str, Any] = value.__getstate__()  # type: ignore[assignment]
        return state
    attributes = vars(value) if hasattr(value, "__dict__") else {}
    return {
        name: item
        for name, item in attributes.items()
        if name == "steps" or (name.endswith("_") and not name.startswith("_"))
    }
