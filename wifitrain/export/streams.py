"""Bytes of an export as stored and as meant: digest of the former, decompression to the latter.

Nothing is loaded whole; a compressed stream that ends early is an error, never a shorter export.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from wifitrain.errors import ExportError

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = [
    "CHUNK_BYTES",
    "HEAD_BYTES",
    "Content",
    "Fingerprint",
    "open_content",
    "read_chunks",
    "stored_digest",
]

CHUNK_BYTES = 8 << 20
HEAD_BYTES = 64 << 10
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_ZSTD_STEP = 4 << 10  # a compressed step this small expands to a bounded amount


class Fingerprint:
    """Size and SHA-256 of the bytes as stored on disk, complete once the content is closed."""

    def __init__(self, on_bytes: Callable[[int], None]) -> None:
        self._on_bytes = on_bytes
        self._sha256 = hashlib.sha256()
        self.size = 0

    def update(self, block: bytes | memoryview) -> None:
        """Take in the next bytes of the file."""
        self._sha256.update(block)
        self.size += len(block)
        self._on_bytes(len(block))

    @property
    def sha256(self) -> str:
        """Digest so far, hex."""
        return self._sha256.hexdigest()


@dataclass(frozen=True, kw_only=True)
class Content:
    """One readable export: its first bytes, and a reader that starts with them again."""

    name: str  # for messages: path, or path!member inside a zip
    path: Path
    head: bytes  # up to HEAD_BYTES, decompressed
    reader: IO[bytes]  # decompressed, from the first byte
    fingerprint: Fingerprint


class _Tapped(io.RawIOBase):
    """A file whose every byte also goes into the fingerprint."""

    def __init__(self, file: IO[bytes], fingerprint: Fingerprint) -> None:
        self._file, self._fingerprint = file, fingerprint

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        count = self._file.readinto(buffer)  # type: ignore[attr-defined]
        self._fingerprint.update(memoryview(buffer)[:count])
        return int(count)


class _Zstd(io.RawIOBase):
    """Decompressed zstd frames; the library's own reader would end quietly at a cut."""

    def __init__(self, file: IO[bytes]) -> None:
        import zstandard

        self._file = file
        self._codec = zstandard.ZstdDecompressor()
        self._frame = self._codec.decompressobj()
        self._started = False
        self._rest = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        while not self._ready:
            block = self._rest or self._file.read(_ZSTD_STEP)
            if not block:
                if self._started and not self._frame.eof:
                    raise EOFError("the last zstd frame is not complete")
                return 0
            self._ready = memoryview(self._decompress(block))
        count = min(len(self._ready), len(memoryview(buffer)))
        memoryview(buffer)[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _decompress(self, block: bytes) -> bytes:
        if self._frame.eof:
            self._frame = self._codec.decompressobj()
        self._started = True
        out: bytes = self._frame.decompress(block)
        self._rest = self._frame.unused_data if self._frame.eof else b""
        return out


class _Replayed(io.RawIOBase):
    """The head that was looked at, then the rest; decompression faults named in one line."""

    def __init__(self, head: bytes, file: IO[bytes], name: str) -> None:
        self._head, self._file, self._name = memoryview(head), file, name

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        block = self._head[: len(memoryview(buffer))]
        self._head = self._head[len(block) :]
        if not block:
            with _explained(self._name):
                return int(self._file.readinto(buffer))  # type: ignore[attr-defined]
        memoryview(buffer)[: len(block)] = block
        return len(block)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Faults of reading and decompressing `name` in one line."""
    import zstandard

    try:
        yield
    except EOFError as error:
        raise ExportError(f"{name}: the compressed file is cut short ({error})") from error
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, zstandard.ZstdError) as error:
        raise ExportError(f"{name}: the compressed file is damaged ({error})") from error
    except OSError as error:
        raise ExportError(f"{name}: cannot be read: {error.strerror or error}") from error


def _read(file: IO[bytes], size: int, name: str) -> bytes:
    with _explained(name):
        return file.read(size)


def _open(path: Path, stack: ExitStack) -> IO[bytes]:
    try:
        return stack.enter_context(path.open("rb"))
    except OSError as error:
        raise ExportError(f"{path}: cannot be read: {error.strerror or error}") from error


def _decompressed(stored: IO[bytes]) -> IO[bytes]:
    raw = io.BufferedReader(stored)  # type: ignore[type-var]  # members of a zip have readinto too
    start = raw.peek(4)[:4]
    if start.startswith(_GZIP):
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    return io.BufferedReader(_Zstd(raw)) if start == _ZSTD else raw


@contextmanager
def open_content(
    path: Path, *, on_bytes: Callable[[int], None], member: IO[bytes] | None = None, name: str = ""
) -> Iterator[Content]:
    """Open a file, or a `member` of the zip at `path`, as a stream of meant bytes.

    The fingerprint is that of the whole file at `path`, complete when the context ends.
    """
    fingerprint = Fingerprint(on_bytes)
    with ExitStack() as stack:
        stored = io.BufferedReader(_Tapped(_open(path, stack), fingerprint), HEAD_BYTES)
        shown = name or str(path)
        meant = _decompressed(member or stored)
        head = _read(meant, HEAD_BYTES, shown)
        replayed = io.BufferedReader(_Replayed(head, meant, shown), 1 << 20)
        yield Content(name=shown, path=path, head=head, reader=replayed, fingerprint=fingerprint)
        while _read(stored, 1 << 20, shown):
            pass  # a member, or bytes behind the last frame, leave the file not fully read


def read_chunks(content: Content, *, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The meant bytes in pieces of `size`."""
    while block := content.reader.read(size):
        yield block


def stored_digest(path: Path) -> str:
    """SHA-256 of a file as stored, hex; a file that has not changed is read once in a process.

    Raises
    ------
    ExportError : the file cannot be read.
    """
    try:
        status = path.stat()
        # The time of the last change of the inode cannot be set back.
        stamp = (status.st_dev, status.st_ino, status.st_size, status.st_ctime_ns)
        return _digest_at(path.absolute(), stamp)
    except OSError as error:
        raise ExportError(f"{path}: cannot be read: {error.strerror or error}") from error


@functools.lru_cache(maxsize=4096)
def _digest_at(path: Path, _stamp: tuple[int, ...]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
