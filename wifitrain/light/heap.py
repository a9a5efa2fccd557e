"""Memory that is free goes back to the system: one heap for all, trimmed after each piece."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["give_back", "share_heap"]


def share_heap() -> None:
    """Have Arrow take its memory from the C library: its own pool would keep some 60 MB."""
    import pyarrow as pa

    pa.set_memory_pool(pa.system_memory_pool())


def give_back() -> None:
    """After a piece: whoever runs for months must not stay as large as the largest one made it."""
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], Any] | None:
    """`malloc_trim`; None where there is none, as with musl or on other systems."""
    try:
        found: Callable[[int], Any] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return found
