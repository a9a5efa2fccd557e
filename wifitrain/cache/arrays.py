"""Arrays as bytes and back: NumPy's own format, never a pickle."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["from_bytes", "to_bytes"]


def to_bytes(array: np.ndarray) -> bytes:
    """`array` with its type and shape; arrays of objects are refused."""
    import numpy as np

    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def from_bytes(content: bytes) -> np.ndarray:
    """The array that `to_bytes` wrote.

    Raises
    ------
    ValueError : not an array, or one of objects.
    """
    import numpy as np

    array: np.ndarray = np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)
    return array
