"""What computes a model: the package's own sources, its libraries, and how they add numbers up."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
from importlib.resources import files
from pathlib import Path

from wifitrain import __version__

__all__ = ["code_digest", "environment", "use_one_blas_thread"]

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


def use_one_blas_thread() -> None:
    """To be called before NumPy is imported: OpenBLAS then adds up in one order on any machine.

    Its products are small here, and threads that wait for them took 2 % of a training's processor
    time. Who sets OPENBLAS_NUM_THREADS is obeyed; other libraries have other variables.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
