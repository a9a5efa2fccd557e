"""Whole lines of a log that is being written: a file that rotates, or standard input."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from wifitrain.errors import ExportError

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["FileTail", "StreamTail", "Taken"]

_CHUNK = 1 << 18
_MOST_LINE_BYTES = 1 << 20
_BREATH_S = 0.05  # a stream that brought lines may bring more
_MOST_PATIENCE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Taken:
    """Some whole lines; `more`: others are waiting; `ended`: no others will ever come."""

    lines: list[bytes]
    more: bool
    ended: bool = False


class FileTail:
    """Follows the file at `path` by its name.

    A file that was renamed is read to its end before the new one; one that became shorter is read
    from its start. A last line without its end waits for it. After a stop the file that was being
    read is found again by its number, also under the name that rotation gave it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[bytes] | None = None
        self._offset = 0  # behind the last whole line that was taken
        self._inode: int | None = None
        self.rotations = 0

    def begin(self) -> None:
        """Take hold of the file, so that it is known by its number before anything was read."""
        try:
            if self._file is None:
                self._open()
        except OSError as error:
            raise ExportError(f"{self._path}: {error.strerror}") from error

    def take(self, most: int) -> Taken:
        """Up to about `most` whole lines that are there now.

        Raises
        ------
        ExportError : the file cannot be read.
        """
        try:
            return self._take(most)
        except OSError as error:
            raise ExportError(f"{self._path}: {error.strerror}") from error

    def rest(self) -> bytes:
        """A last line without its end, where nothing will be written any more."""
        if self._file is None:
            return b""
        self._file.seek(self._offset)
        return self._file.read(_MOST_LINE_BYTES)

    def wait(self, seconds: float) -> None:
        """Until there may be more."""
        select.select([], [], [], seconds)

    def to_json(self) -> Mapping[str, Json]:
        """All that `restore` needs."""
        return {"inode": self._inode, "offset": self._offset, "rotations": self.rotations}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `to_json` was called."""
        self._inode, self._offset = state["inode"], state["offset"]
        self.rotations = state["rotations"]
        found = self._named_by_inode()
        if found is None:
            self._offset = 0
            return
        self._file = found.open("rb")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _take(self, most: int) -> Taken:
        if self._file is None and not self._open():
            return Taken(lines=[], more=False)
        lines = self._read(most)
        if lines:
            return Taken(lines=lines, more=True)
        if not self._is_replaced():
            return Taken(lines=[], more=False)
        rest = self.rest()  # whoever wrote it will write no more
        self._opened().close()
        self._file = None
        self.rotations += 1
        return Taken(lines=[rest] if rest else [], more=self._open())

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb")
        except FileNotFoundError:  # between the two halves of a rotation
            return False
        self._inode, self._offset = os.fstat(self._file.fileno()).st_ino, 0
        return True

    def _read(self, most: int) -> list[bytes]:
        file = self._opened()
        if os.fstat(file.fileno()).st_size < self._offset:  # truncated: copytruncate
            self._offset = 0
            self.rotations += 1
        file.seek(self._offset)
        lines: list[bytes] = []
        rest = b""
        while len(lines) < most and (chunk := file.read(_CHUNK)):
            *whole, rest = (rest + chunk).split(b"\n")
            lines += whole
            if len(rest) > _MOST_LINE_BYTES:  # nothing that a log says: as a line of its own
                lines.append(rest)
                rest = b""
        self._offset = file.tell() - len(rest)
        return lines

    def _is_replaced(self) -> bool:
        """Whether the name belongs to another file by now, which is then the one to read."""
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return False

    def _opened(self) -> IO[bytes]:
        if self._file is None:
            raise RuntimeError("no file is open")
        return self._file

    def _named_by_inode(self) -> Path | None:
        """The file that was being read, under its own name or beside it."""
        if self._inode is None:
            return None
        beside = sorted(self._path.parent.glob(f"{self._path.name}*"))
        for path in (self._path, *beside):
            if path.is_file() and path.stat().st_ino == self._inode:
                return path
        return None


class StreamTail:
    """Follows a stream that ends, such as standard input."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._rest = b""
        self._ended = False
        self.rotations = 0

    def begin(self) -> None:
        """A stream is there from the start."""

    def take(self, most: int) -> Taken:
        """Up to about `most` whole lines: those that are there, and those that follow at once.

        A pipe holds some hundred lines; whoever fills it while many wait gets a breath to go on,
        or each piece would be as small.
        """
        lines: list[bytes] = []
        until = time.monotonic() + _MOST_PATIENCE_S
        while len(lines) < most and not self._ended and self._is_ready(_BREATH_S if lines else 0):
            if time.monotonic() > until:
                break
            chunk = os.read(self._descriptor, _CHUNK)
            self._ended = not chunk
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            lines += whole
        if self._ended and self._rest:
            lines.append(self._rest)
            self._rest = b""
        return Taken(lines=lines, more=bool(lines) and not self._ended, ended=self._ended)

    def rest(self) -> bytes:
        """Nothing: the end of the stream ends its last line."""
        return b""

    def wait(self, seconds: float) -> None:
        """Until there is more, `seconds` at most."""
        self._is_ready(seconds)

    def to_json(self) -> Mapping[str, Json]:
        """A stream cannot be read again."""
        return {}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Whatever comes now is new."""

    def close(self) -> None:
        """The stream is not ours."""

    def _is_ready(self, seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], seconds)[0])
