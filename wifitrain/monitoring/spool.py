"""Messages on the disk until they are delivered: nothing is lost while a receiver is down."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from wifitrain.log import get_logger

__all__ = ["Notice", "Receiver", "Spool", "Waiting"]

_log = get_logger("wifitrain")
_STATE = "receivers.json"


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something to tell. Notices of one `group` that wait together leave as one message.

    `critical` ones are sent in quiet hours, too.
    """

    group: str
    title: str
    body: str
    critical: bool = False


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in the spool: since when (seconds since the epoch), and for whom it still waits."""

    notice: Notice
    since: float
    receivers: list[str]


class Receiver(msgspec.Struct, kw_only=True):
    """What is remembered of a receiver: failures in a row, when to try again, what was sent."""

    failures: int = 0
    retry_at: float = 0.0
    sent: list[float] = []


class Spool:
    """A folder with one file for each waiting notice, in order of their names, mode 600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, notice: Notice, receivers: Sequence[str], *, now: float) -> None:
        """Keep `notice` for `receivers`; on the disk when this returns."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns():020d}-{secrets.token_hex(4)}.json"
        waiting = Waiting(notice=notice, since=now, receivers=list(receivers))
        self._write(self.folder / name, msgspec.json.encode(waiting))

    def waiting(self) -> dict[Path, Waiting]:
        """Everything that waits, oldest first; a file that nobody can read is left and named."""
        found = {}
        for path in sorted(self.folder.glob("[0-9]*.json")):
            try:
                found[path] = msgspec.json.decode(path.read_bytes(), type=Waiting)
            except (msgspec.DecodeError, OSError) as error:
                _log.warning("unreadable message in the spool", path=str(path), error=str(error))
        return found

    def delivered(self, path: Path, waiting: Waiting, receiver: str) -> Waiting:
        """`receiver` has it: forget that, or the file once nobody waits for it; what is left."""
        left = [name for name in waiting.receivers if name != receiver]
        rest = msgspec.structs.replace(waiting, receivers=left)
        if left:
            self._write(path, msgspec.json.encode(rest))
        else:
            path.unlink(missing_ok=True)
        return rest

    @contextmanager
    def receivers(self) -> Iterator[dict[str, Receiver]]:
        """What is remembered of each receiver; written back at the end."""
        path = self.folder / _STATE
        try:
            known = msgspec.json.decode(path.read_bytes(), type=dict[str, Receiver])
        except (FileNotFoundError, msgspec.DecodeError):
            known = {}  # at worst a message is tried again too early
        try:
            yield known
        finally:
            plain = json.dumps(msgspec.to_builtins(known))
            self._write(path, plain.encode())

    def _write(self, path: Path, content: bytes) -> None:
        """Replace a file whole, flushed with its name."""
        temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
