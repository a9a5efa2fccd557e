"""The append-only account of a models folder, and what can be told from it alone."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from wifitrain.storage.durable import flush_folder

__all__ = [
    "CHANGES",
    "History",
    "Record",
    "append",
    "deployments",
    "live",
    "read",
    "record_json",
    "stamp",
]

#: What is done to a version that is there: committed with its standing, then written down here.
CHANGES = frozenset({"deployed", "rolled_back", "retired", "pinned", "unpinned"})


class Record(msgspec.Struct, kw_only=True, frozen=True, omit_defaults=True):
    """One thing that was done to a version. `at` is ISO text in UTC with its zone."""

    at: str
    #: written imported found missing pruned deployed rolled_back retired pinned unpinned
    action: str
    version: str
    name: str = ""
    by: str = ""
    host: str = ""
    why: str = ""
    previous: str = ""  # the version that was live before
    manifest_sha256: str = ""


class History(msgspec.Struct, kw_only=True, frozen=True):
    """The records in the order they were made, and the numbers of lines nobody can read."""

    records: list[Record]
    damaged: list[int]

    def arrival(self) -> Mapping[str, int]:
        """Version -> position of its first record: the order in which they came."""
        first: dict[str, int] = {}
        for position, record in enumerate(self.records):
            first.setdefault(record.version, position)
        return first

    def written_here(self, version: str, manifest_sha256: str) -> bool:
        """Whether this folder's own trainings wrote the version, with this very manifest."""
        return any(
            record.action == "written"
            and record.version == version
            and record.manifest_sha256 == manifest_sha256
            for record in self.records
        )


def read(path: Path) -> History:
    """The history; empty where there is none. A last line without its end was never finished."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return History(records=[], damaged=[])
    records, damaged = [], []
    for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), start=1):
        try:
            records.append(msgspec.json.decode(line, type=Record))
        except msgspec.DecodeError:
            damaged.append(number)
    return History(records=records, damaged=damaged)


def append(path: Path, records: Iterable[Record]) -> None:
    """Add records, on the disk when this returns; all of them or none. Needs the lock."""
    addition = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
    if not addition:
        return
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        end = _finished_end(descriptor)
        os.ftruncate(descriptor, end)
        try:
            _write_all(descriptor, addition)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        flush_folder(path.parent)


def stamp(by: str | None = None) -> dict[str, str]:
    """Who acts, from where and when, as fields of a Record."""
    try:
        user = by or getpass.getuser()
    except (KeyError, OSError):  # a user number without a name, as in containers
        user = f"uid {os.getuid()}"
    return {"by": user, "host": socket.gethostname(), "at": datetime.now(UTC).isoformat()}


def deployments(records: Iterable[Record]) -> dict[str, list[str]]:
    """Name -> versions that were deployed, oldest first: what a rollback goes back through.

    A deployment puts a version on top, a rollback takes off what lay above the one it returns to.
    """
    stacks: dict[str, list[str]] = {}
    for record in records:
        stack = stacks.setdefault(record.name, [])
        if record.action == "rolled_back":
            while stack and stack[-1] != record.version:
                stack.pop()
        if record.action == "deployed" or (record.action == "rolled_back" and not stack):
            stack.append(record.version)
    return {name: stack for name, stack in stacks.items() if stack}


def live(records: Iterable[Record]) -> dict[str, str]:
    """Name -> the version that is live after the last of `records`."""
    found: dict[str, str] = {}
    for record in records:
        if record.action in ("deployed", "rolled_back"):
            found[record.name] = record.version
        elif record.action == "missing" and found.get(record.name) == record.version:
            del found[record.name]
    return found


def _finished_end(descriptor: int) -> int:
    """Where the last finished line ends: what lies behind was torn by a kill or a full disk."""
    size = os.fstat(descriptor).st_size
    block = 4096
    end = size
    while end > 0:
        start = max(0, end - block)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def record_json(record: Record) -> dict[str, Any]:
    """A record as plain JSON."""
    built: dict[str, Any] = msgspec.to_builtins(record)
    return built
