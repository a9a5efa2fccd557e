"""The only file that writes or reads pickles. A pickle is code: bytes are proven before."""

from __future__ import annotations

import pickle  # noqa: TID251 - the file that may
import sys
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, BinaryIO

from wifitrain.errors import PackageError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["dump", "load", "packages_of"]

_PROTOCOL = 5
_ZLIB_LEVEL = 3
_DISTRIBUTIONS = {"sklearn": "scikit-learn", "_loss": "scikit-learn"}


def dump(estimator: object, file: BinaryIO, *, compression: bool) -> None:
    """Write a fitted estimator as a pickle that joblib loads, packed by zlib or as it is.

    joblib's own pickler is made for few large arrays: written in Python, it takes six times as long
    for the many small ones of a forest.
    """
    if not compression:
        pickle.dump(estimator, file, protocol=_PROTOCOL)
        return
    packed = _Packed(file)
    pickle.dump(estimator, packed, protocol=_PROTOCOL)
    packed.close()


def load(content: bytes) -> object:
    """The estimator in bytes whose digest has been compared before; never call it without."""
    import joblib

    return joblib.load(BytesIO(content))  # noqa: TID251 - the file that may


def packages_of(estimator: object) -> list[str]:
    """Distributions that must be installed to unpickle the estimator, sorted.

    Raises PackageError where it cannot be pickled, or holds something of no installed package
    (a class of a script), so that nobody could load it again.
    """
    inspector = _Inspector()
    try:
        inspector.dump(estimator)
    except Exception as error:  # whatever a foreign __reduce__ or __getstate__ raises
        raise PackageError(f"the estimator cannot be pickled: {error}") from error
    modules = inspector.modules - set(sys.stdlib_module_names)
    if "__main__" in inspector.modules:
        raise PackageError("the estimator holds a class of the running script: nobody can load it")
    return sorted({_DISTRIBUTIONS.get(name, name) for name in modules})


class _Packed:
    """What is written goes into `file` as one zlib stream, piece by piece."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._zlib = zlib.compressobj(_ZLIB_LEVEL)

    def write(self, content: Buffer) -> int:
        self._file.write(self._zlib.compress(content))
        return memoryview(content).nbytes

    def close(self) -> None:
        """Write the stream's end; the file stays open."""
        self._file.write(self._zlib.flush())


class _Nowhere:
    def write(self, content: Buffer) -> int:
        return memoryview(content).nbytes


class _Inspector(pickle.Pickler):
    """Pickles into nothing and notes the top-level module of everything it meets."""

    def __init__(self) -> None:
        super().__init__(_Nowhere(), protocol=_PROTOCOL)
        self.modules: set[str] = set()

    def reducer_override(self, thing: object) -> Any:  # noqa: ANN401 - as pickle has it
        """Asked of everything but what is Python's own (numbers, text, lists), and leaves it be."""
        for named in (thing, type(thing)):
            module = getattr(named, "__module__", None)
            if isinstance(module, str):
                self.modules.add(module.partition(".")[0])
        return NotImplemented
