"""Bytes in memory as a file that the engine can read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["lent"]

_PROTOCOL = "memory"


@contextmanager
def lent(content: bytes, *, to: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """The place of `content` for as long as the context lasts: a name that `to` can read from."""
    import fsspec

    files = fsspec.filesystem(_PROTOCOL)
    if not to.filesystem_is_registered(_PROTOCOL):
        to.register_filesystem(files)
    path = f"/wifitrain/{uuid.uuid4().hex}.json"
    files.pipe_file(path, content)
    try:
        yield f"{_PROTOCOL}:/{path}"
    finally:
        files.rm_file(path)
