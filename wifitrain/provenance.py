"""What computes a model: a digest of the package's own sources, and versions of its libraries."""

from __future__ import annotations

import functools
import hashlib
import platform
from importlib.resources import files
from pathlib import Path

from wifitrain import __version__

__all__ = ["code_digest", "environment"]

_LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "joblib", "duckdb", "ibis-framework")


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


@functools.cache
def environment() -> dict[str, str]:
    """Versions of what computes the model."""
    from importlib.metadata import version

    return {
        "wifitrain": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }
