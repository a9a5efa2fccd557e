"""One digest of a feature matrix: equal where, and only where, every value is equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import WindowTable

__all__ = ["x_digest"]

_AT_A_TIME = 16_384  # windows: no second copy of X lies in memory


def x_digest(windows: WindowTable) -> str:
    """SHA-256 (hex) over column names, index (entity, start, end) and values of `windows.X`.

    Names and index are hashed as compact JSON, values as little-endian float64 by rows, every NaN
    as the same NaN and -0 as 0.
    """
    import numpy as np

    head = {"columns": list(windows.X.columns), "window_s": windows.window_s}
    digest = hashlib.sha256(_compact(head)[:-1].encode())
    for name, texts in (("entity", _names), ("start", _microseconds), ("end", _microseconds)):
        digest.update(f',"{name}":['.encode())
        for place, part in enumerate(_parts(windows.index[name])):
            digest.update(("," if place else "").encode() + _compact(texts(part))[1:-1].encode())
        digest.update(b"]")
    digest.update(b"}")
    for rows in _parts(windows.X):
        values = rows.to_numpy(dtype="<f8", copy=True) + 0.0
        values[np.isnan(values)] = np.nan
        digest.update(np.ascontiguousarray(values, dtype="<f8").tobytes())
    return digest.hexdigest()


_Frame = TypeVar("_Frame", "pd.DataFrame", "pd.Series")


def _parts(frame: _Frame) -> Iterator[_Frame]:
    for begin in range(0, len(frame), _AT_A_TIME):
        yield frame.iloc[begin : begin + _AT_A_TIME]


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _names(names: pd.Series) -> list[str]:
    return [str(name) for name in names]


def _microseconds(times: pd.Series) -> list[int]:
    import numpy as np

    numbers: list[int] = np.asarray(times).astype("datetime64[us]").astype("int64").tolist()
    return numbers
