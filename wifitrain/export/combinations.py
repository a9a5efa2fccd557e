"""Combinations of values that come again and again in a batch, found once each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

__all__ = ["combinations_of"]

_SPARSE = 16  # from so many possible codes a row on they are sorted, not looked up in a table


def combinations_of(columns: Sequence[pa.ChunkedArray]) -> tuple[np.ndarray, np.ndarray]:
    """Number of each row's combination, from 0 on, shape (n,); a row of each one, shape (m,).

    `columns` are of one length, at least one of them. A null is a value like others.
    """
    import numpy as np
    import pyarrow.compute as pc

    codes, count = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        encoded = pc.dictionary_encode(column.combine_chunks(), null_encoding="encode")
        if (size := len(encoded.dictionary)) > 1:
            codes, count = _dense(codes * size + encoded.indices.to_numpy(), count * size)
    first = np.zeros(count if len(codes) else 0, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # the one written last stays
    return codes, first


def _dense(codes: np.ndarray, size: int) -> tuple[np.ndarray, int]:
    """`codes` below `size`, numbered anew without gaps, and how many they are."""
    import numpy as np

    if size > _SPARSE * len(codes):
        found, dense = np.unique(codes, return_inverse=True)
        return dense, len(found)
    occurs = np.zeros(size, dtype=bool)
    occurs[codes] = True
    places = np.cumsum(occurs) - 1
    return places[codes], int(places[-1]) + 1
