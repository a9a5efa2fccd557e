"""One digest of a feature matrix: equal where, and only where, every value is equal."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.records import WindowTable

__all__ = ["x_digest"]

_ROWS_AT_ONCE = 8192  # a copy of all of X would be as large as X


def x_digest(windows: WindowTable) -> str:
    """SHA-256 (hex) over column names, index (entity, start, end) and values of `windows.X`.

    Values are hashed as little-endian float64 by rows, every NaN as the same NaN and -0 as 0.
    """
    import numpy as np

    index = windows.index
    head = {
        "columns": list(windows.X.columns),
        "window_s": windows.window_s,
        "entity": [str(name) for name in index["entity"]],
        "start": _microseconds(index["start"]),
        "end": _microseconds(index["end"]),
    }
    digest = hashlib.sha256(json.dumps(head, separators=(",", ":")).encode())
    for at in range(0, len(windows.X), _ROWS_AT_ONCE):
        values = windows.X.iloc[at : at + _ROWS_AT_ONCE].to_numpy(dtype="<f8")
        plain = np.add(values, 0.0, order="C")
        plain[np.isnan(plain)] = np.nan
        digest.update(plain.data)
    return digest.hexdigest()


def _microseconds(times: object) -> list[int]:
    import numpy as np

    return [int(at) for at in np.asarray(times).astype("datetime64[us]").astype("int64")]
