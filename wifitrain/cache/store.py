"""The cache: entries under digests of what made them, in a folder of one user, limited in size."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.cache.entry import SUFFIX, TEMPORARY, Entry
from wifitrain.cache.memory import forget
from wifitrain.errors import ConfigError
from wifitrain.log import get_logger
from wifitrain.provenance import code_digest, environment

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["Cache", "Cleared"]

_ABANDONED_S = 3600  # a temporary file this old has lost its writer
_MARKER = "CACHEDIR.TAG"  # backup programs pass such folders over (bford.info/cachedir)
_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55\n# Written by wifitrain.\n"

_log = get_logger("wifitrain")


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """What was removed, and from where."""

    directory: str
    entries: int
    bytes: int


class Cache:
    """Results of earlier runs, for whoever computes the same again.

    Every entry's digest covers the code of this package and the versions of its libraries:
    another release finds nothing of an earlier one.

    Parameters
    ----------
    enabled : False finds nothing and keeps nothing.
    directory : where entries lie; None takes ``$XDG_CACHE_HOME/wifitrain`` or
        ``~/.cache/wifitrain``. A folder that others may write to is not used.
    max_bytes : most bytes; beyond it the least recently used entries go.
    """

    def __init__(
        self, *, enabled: bool = True, directory: str | None = None, max_bytes: int = 4_000_000_000
    ) -> None:
        if not isinstance(enabled, bool):
            raise ConfigError(f"cache.enabled must be true or false, got {enabled!r}")
        if directory is not None and (not isinstance(directory, str) or not directory):
            raise ConfigError(f"cache.directory must be null or a folder, got {directory!r}")
        if isinstance(max_bytes, bool) or not isinstance(max_bytes, int) or max_bytes < 1:
            raise ConfigError(f"cache.max_bytes must be an integer above 0, got {max_bytes!r}")
        self.enabled = enabled
        self.directory = Path(directory).expanduser() if directory else _default_directory()
        self.max_bytes = max_bytes
        self._bytes: int | None = None  # in the folder, as far as this process knows
        self._usable: bool | None = None

    def entry(self, kind: str, made_of: Json) -> Entry:
        """The entry of what `made_of` makes, as strict JSON, in the folder `kind`."""
        if not self.enabled or not self._is_usable():
            return Entry(path=None)
        made = {"code": code_digest(), "environment": environment(), "of": made_of}
        text = json.dumps(made, sort_keys=True, separators=(",", ":"), allow_nan=False)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return Entry(path=self.directory / kind / f"{digest}{SUFFIX}", on_written=self._count)

    def clear(self) -> Cleared:
        """Remove every entry; what else lies in the folder is left alone."""
        forget()
        found = list(self._entries())
        for path, _ in found:
            path.unlink(missing_ok=True)
            path.with_suffix(".lock").unlink(missing_ok=True)
        self._bytes = None
        return Cleared(
            directory=str(self.directory),
            entries=len(found),
            bytes=sum(status.st_size for _, status in found),
        )

    def _is_usable(self) -> bool:
        if self._usable is None:
            try:
                self._usable = self._prepare()
            except OSError as error:
                _log.warning("no cache", directory=str(self.directory), why=error.strerror)
                self._usable = False
        return self._usable

    def _prepare(self) -> bool:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = self.directory.stat()
        if status.st_uid != os.geteuid() or status.st_mode & 0o022:
            _log.warning(
                "no cache: its folder belongs to, or can be written by, somebody else",
                directory=str(self.directory),
            )
            return False
        marker = self.directory / _MARKER
        if not marker.exists():
            marker.write_text(_SIGNATURE, encoding="utf-8")
        return True

    def _count(self, written: int) -> None:
        """Take note of new bytes and make room where there are too many."""
        if self._bytes is None:
            self._bytes = sum(status.st_size for _, status in self._entries())
        else:
            self._bytes += written
        if self._bytes > self.max_bytes:
            self._bytes = self._make_room()

    def _make_room(self) -> int:
        """Remove the least recently used entries; bytes that are left."""
        found = sorted(self._entries(), key=lambda entry: entry[1].st_mtime_ns)
        left = sum(status.st_size for _, status in found)
        for path, status in found:
            if left <= self.max_bytes:
                break
            path.unlink(missing_ok=True)
            path.with_suffix(".lock").unlink(missing_ok=True)
            left -= status.st_size
        return left

    def _entries(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Every entry; temporary files that a killed writer left are removed on the way."""
        for path in self.directory.glob(f"*/*{SUFFIX}"):
            try:
                status = path.stat()
            except OSError:
                continue  # another job was quicker
            if path.name.startswith(TEMPORARY):
                if status.st_mtime < time.time() - _ABANDONED_S:
                    path.unlink(missing_ok=True)
            else:
                yield path, status


def _default_directory() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "wifitrain"
