"""Numbers in a file that no folder shows: not in memory, and gone with their last user."""

from __future__ import annotations

import errno
import mmap
import os
import tempfile

from wifitrain.errors import EngineError

__all__ = ["MappedValues"]

_CANNOT = (errno.EOPNOTSUPP, errno.EINVAL)  # of a file system that reserves no room
_CAN_MAP = hasattr(os, "posix_fallocate") and hasattr(mmap, "MADV_DONTNEED")


class MappedValues:
    """`array`, float64 of `shape`, whose pages the system may write to disk and forget.

    Where a system has no such files, `array` is in memory. So it is where `directory` is memory
    itself (tmpfs), which nobody notices here.

    Raises
    ------
    EngineError : no room for it in `directory` (None: the system's temporary folder).
    """

    def __init__(self, shape: tuple[int, int], *, directory: str | None) -> None:
        import numpy as np

        size = shape[0] * shape[1] * np.dtype("float64").itemsize
        self._map = _mapped(size, directory) if _CAN_MAP and size else None  # None: in memory
        self.array = (
            np.empty(shape) if self._map is None else np.frombuffer(self._map).reshape(shape)
        )

    @property
    def nbytes(self) -> int:
        """Bytes that stay in memory after `release`."""
        return 0 if self._map is not None else self.array.nbytes

    def release(self) -> None:
        """Let go of the memory of what was written; it is read from the file when asked for."""
        if self._map is not None:
            self._map.madvise(mmap.MADV_DONTNEED)


def _mapped(size: int, directory: str | None) -> mmap.mmap | None:
    try:
        with tempfile.TemporaryFile(prefix="wifitrain-", dir=directory) as file:
            os.posix_fallocate(file.fileno(), 0, size)  # a full disk shows here and not later
            return mmap.mmap(file.fileno(), size)
    except OSError as error:
        if error.errno in _CANNOT:
            return None
        raise EngineError(
            f"no room for {size >> 20} MB of features on disk (engine.directory):"
            f" {error.strerror or error}"
        ) from error
