"""One entry of the cache: read if it is sound, written whole, computed by one job at a time."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wifitrain.cache.packing import pack, unpack
from wifitrain.log import get_logger

__all__ = ["SUFFIX", "TEMPORARY", "Entry"]

#: How files begin that do not have their name yet.
TEMPORARY = ".tmp-"
#: How the files of entries end; nothing else is ever removed.
SUFFIX = ".entry"
_LOCK_TIMEOUT_S = 3600

_log = get_logger("wifitrain")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one digest leads to. Without a `path` nothing is found and nothing is kept.

    No fault of the file system ends a run: what cannot be read is computed, what cannot be
    written is not kept.
    """

    path: Path | None
    on_written: Callable[[int], None] = lambda _count: None

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Hold the entry, so that of two jobs that need it one computes and the other reads.

        The lock goes with its process, however that ends.
        """
        from filelock import FileLock, Timeout

        lock = None
        if self.path is not None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                lock = FileLock(self.path.with_suffix(".lock"))
                lock.acquire(timeout=_LOCK_TIMEOUT_S)
            except (OSError, NotImplementedError, Timeout) as error:
                _log.debug("cache entry not claimed", entry=self.path.name, why=str(error))
                lock = None
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    def read(self) -> dict[str, bytes] | None:
        """The contents, or None: not there, or damaged (then it is removed)."""
        if self.path is None:
            return None
        try:
            packed = self.path.read_bytes()
            os.utime(self.path)  # the least recently used goes first
        except OSError:
            return None
        contents = unpack(packed)
        if contents is None:
            _log.warning("damaged cache entry removed: it is computed again", path=str(self.path))
            self.discard()
        return contents

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Keep `contents`; whoever reads at the same time sees all of it or none."""
        if self.path is None:
            return
        packed = pack(contents)
        temporary = self.path.with_name(f"{TEMPORARY}{secrets.token_hex(8)}{SUFFIX}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(temporary, "xb", opener=_private) as file:
                file.write(packed)
            temporary.replace(self.path)
        except OSError as error:
            _log.warning("cache entry not kept", path=str(self.path), why=error.strerror)
        else:
            self.on_written(len(packed))
        finally:
            temporary.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove what is there."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
