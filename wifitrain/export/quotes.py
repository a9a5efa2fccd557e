"""The quotes of a JSON text that begin or end a string, counted without parsing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["QuoteCounter"]

_QUOTE, _BACKSLASH = 34, 92
_ESCAPES = re.compile(rb'(\\+)"')


class QuoteCounter:
    """Counts quotes; its scratch space is used again, so one thread at a time may ask it."""

    def __init__(self) -> None:
        self._room: np.ndarray | None = None

    def count(self, text: bytes) -> int:
        """How many quotes of `text`, which is valid JSON, are not escaped."""
        import numpy as np

        if len(text) < 2:  # no string is that short
            return 0
        letters = np.frombuffer(text, np.uint8)
        is_quote, is_backslash = self._scratch(len(text))
        np.equal(letters, _QUOTE, out=is_quote)
        quotes = np.count_nonzero(is_quote)
        np.equal(letters, _BACKSLASH, out=is_backslash)
        escaped = np.logical_and(is_quote[1:], is_backslash[:-1], out=is_quote[1:])
        if np.logical_and(escaped[1:], is_backslash[:-2], out=is_backslash[:-2]).any():
            # Of a run of backslashes an even one is all escaped by itself.
            return int(quotes) - sum(len(run) % 2 for run in _ESCAPES.findall(text))
        return int(quotes - np.count_nonzero(escaped))

    def _scratch(self, size: int) -> np.ndarray:
        import numpy as np

        if self._room is None or self._room.shape[1] < size:
            self._room = np.empty((2, size), dtype=bool)
        return self._room[:, :size]
