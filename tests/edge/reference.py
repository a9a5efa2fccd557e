"""An edge artefact scored the slow and plain way: one window, one tree, one node at a time."""

from __future__ import annotations

import json
import math
from io import BytesIO

import numpy as np


def score(npz: bytes, document: bytes, X: np.ndarray) -> list[float]:
    """Scores of windows X by following every tree by hand."""
    known = json.loads(document)
    with np.load(BytesIO(npz), allow_pickle=False) as file:  # noqa: TID251 - independent
        arrays = {name: file[name].tolist() for name in file.files}
    return [_score(known, arrays, [float(value) for value in row]) for row in X]


def _score(known: dict, arrays: dict, row: list[float]) -> float:
    values = []
    for feature, value in zip(known["features"], row, strict=True):
        if "fill" in feature:
            seen = feature["fill"] if math.isnan(value) else value
            if feature.get("center") is not None:
                seen -= feature["center"]
            if feature.get("scale") is not None:
                seen /= feature["scale"]
            with np.errstate(over="ignore"):
                values.append(float(np.float32(seen)))
    total, root = 0.0, 0
    for size in arrays["tree_size"]:
        total += _path_length(arrays, root, values)
        root += size
    depth = total / known["normaliser"] if known["normaliser"] else 1.0
    return 2.0**-depth


def _path_length(arrays: dict, node: int, values: list[float]) -> float:
    while arrays["feature"][node] >= 0:
        goes_left = values[arrays["feature"][node]] <= arrays["threshold"][node]
        node += arrays["left" if goes_left else "right"][node]
    return arrays["path_length"][node]
