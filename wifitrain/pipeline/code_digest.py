"""Which code made a model: a digest of the package's own sources."""

from __future__ import annotations

import functools
import hashlib
from importlib.resources import files
from pathlib import Path

__all__ = ["code_digest"]


@functools.cache
def code_digest() -> str:
    """SHA-256 over names and contents of every module and grammar table of wifitrain, hex."""
    root = Path(str(files("wifitrain")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file() and path.suffix in {".py", ".tsv", ".toml"}:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
