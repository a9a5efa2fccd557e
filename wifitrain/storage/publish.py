"""How a version comes into being: claimed, staged, flushed, renamed, indexed.

Half a package never has a version's name: the name appears with the rename of a complete folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import RegistryError
from wifitrain.storage import catalogue, history
from wifitrain.storage.durable import flush_folder, writing
from wifitrain.storage.history import Record
from wifitrain.storage.index import write_index
from wifitrain.storage.settling import settle

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue
    from wifitrain.storage.layout import Layout

__all__ = ["Claim", "claimed", "is_abandoned", "new_name", "only_name", "publish"]

_log = logging.getLogger(__name__)

_DIGEST_CHARACTERS = 8


@dataclass(frozen=True)
class Claim:
    """A version's name and the folder in which it is put together."""

    version: str
    folder: Path


@contextmanager
def claimed(layout: Layout, name: Callable[[int], str]) -> Iterator[Claim]:
    """Claim the first free of name(0), name(1), ... and give a staging folder for it.

    The staging folder carries a lock that ends with this process, so that prune can tell what is
    abandoned from what is being written. It is removed when the block fails.
    """
    descriptor = -1
    with writing(layout):
        version = _first_free(layout, name)
        folder = layout.staging(version)
        folder.mkdir(exist_ok=False)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        # Shared, because that is all a folder's lock can be on a network file system.
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    try:
        yield Claim(version, folder)
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)  # nothing is there once it was published


def _first_free(layout: Layout, name: Callable[[int], str]) -> str:
    attempt = 0
    while True:
        version = name(attempt)
        taken = (layout.folder(version), layout.staging(version))
        if not any(os.path.lexists(path) for path in taken):
            return version
        attempt += 1


def new_name(moment: datetime, *, version_format: str, content_digest: str) -> Callable[[int], str]:
    """Names `model_<UTC time>_<8 hex>`: of the content's digest, then of digest and attempt."""

    def name(attempt: int) -> str:
        digest = content_digest
        if attempt:
            digest = hashlib.sha256(f"{content_digest}:{attempt}".encode()).hexdigest()
        return f"model_{moment.strftime(version_format)}_{digest[:_DIGEST_CHARACTERS]}"

    return name


def only_name(layout: Layout, version: str) -> Callable[[int], str]:
    """The one name of a package that has a name already; RegistryError where it is taken."""

    def name(attempt: int) -> str:
        if attempt:
            raise RegistryError(f"{version} is in {layout.root} already")
        return version

    return name


def is_abandoned(folder: Path) -> bool:
    """Whether no living process holds a staging folder."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def publish(
    layout: Layout, claim: Claim, *, action: str, name: str, by: str | None = None, why: str = ""
) -> Catalogue:
    """Give the staged folder its name, record and index it. Needs the lock.

    The record comes first: a folder nobody recorded would have to pass for a stranger's, while a
    record without a folder is settled as missing. With the rename the version is there; an index
    that cannot be written any more is a warning, and the next command's work.
    """
    target = layout.folder(claim.version)
    if os.path.lexists(target):  # renaming onto an empty folder would replace it in silence
        raise RegistryError(f"{target}: somebody else made it meanwhile")
    settle(layout)
    record = Record(
        action=action,
        version=claim.version,
        name=name,
        why=why,
        manifest_sha256=catalogue.manifest_sha256(claim.folder),
        **history.stamp(by),
    )
    history.append(layout.history, [record])
    flush_folder(claim.folder)
    claim.folder.rename(target)
    flush_folder(layout.root)
    after = catalogue.read(layout)
    if claim.version in after.foreign:  # a read failed just now, of what was written just before
        after = catalogue.read(layout)
    try:
        write_index(layout, after)
    except OSError as error:
        _log.warning(
            "%s is published; the index could not be written (%s): the next command will",
            claim.version,
            error,
        )
    return after
