"""Writing that survives a kill and a power cut: flushed files, atomic replacement, one lock.

What was flushed but whose folder was not can vanish with its name; hence the folder is flushed too.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wifitrain.errors import RegistryError

if TYPE_CHECKING:
    from wifitrain.storage.layout import Layout

__all__ = [
    "fault_as_error",
    "flush_folder",
    "new_file",
    "remove",
    "replace_file",
    "spare",
    "writing",
]

_LOCK_TIMEOUT_S = 120
_TEMPORARY = ".tmp-"


@contextmanager
def writing(layout: Layout) -> Iterator[None]:
    """Hold the folder's lock; a fault of the file system becomes a RegistryError of one line."""
    from filelock import FileLock, Timeout

    try:
        with fault_as_error(layout):
            layout.root.mkdir(parents=True, exist_ok=True)
            with FileLock(layout.lock, timeout=_LOCK_TIMEOUT_S):
                yield
    except Timeout as error:
        raise RegistryError(
            f"{layout.lock}: held by another process for over {_LOCK_TIMEOUT_S} s"
        ) from error


@contextmanager
def fault_as_error(layout: Layout) -> Iterator[None]:
    """Turn a fault of the file system into a RegistryError of one line."""
    from filelock import Timeout

    try:
        yield
    except Timeout:  # an OSError that has its own words
        raise
    except OSError as error:
        where = error.filename or layout.root
        raise RegistryError(f"{where}: {error.strerror or error}") from error


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A new file that is on the disk when the block ends."""
    with open(path, "xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def flush_folder(path: Path) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file whole: a reader sees the old bytes or the new ones, never a mixture."""
    temporary = path.with_name(f"{_TEMPORARY}{os.getpid()}-{path.name}")
    temporary.unlink(missing_ok=True)
    try:
        with new_file(temporary) as file:
            file.write(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    flush_folder(path.parent)


def spare(folder: Path) -> list[Path]:
    """Temporary files that an interrupted replacement left in `folder`."""
    return sorted(folder.glob(f"{_TEMPORARY}*"))


def remove(path: Path) -> None:
    """Remove a file or a folder tree that may be partly gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
