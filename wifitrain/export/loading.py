"""Files, compressed or zipped, one after another through their reader into the engine."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError
from wifitrain.export.readers import Problems, read_records
from wifitrain.export.shapes import Shape, sniff
from wifitrain.export.streams import Content, open_content
from wifitrain.export.worker import Worker, working

if TYPE_CHECKING:
    from wifitrain.export.discovery import Found
    from wifitrain.export.extraction import Extraction

__all__ = ["FileAccount", "Loading"]

_MAX_RATIO = 200
_MAX_MEMBER_BYTES = 16 << 30
_RATIO_FROM_BYTES = 64 << 20  # a small member may be as repetitive as it likes
_LINK = 0o120000


@dataclass(frozen=True, kw_only=True)
class FileAccount:
    """What was read from one file: its shape, its bytes as stored and their digest."""

    path: str
    series: str
    shape: str
    bytes: int
    rows: int
    sha256: str
    modified: datetime  # UTC, without a zone


@dataclass(kw_only=True)
class Loading:
    """Loads files into the engine; `shape` is `auto` or what the user says it is."""

    extraction: Extraction
    shape: str
    scratch: Path
    on_bytes: Callable[[int], None]
    problems: Problems = field(default_factory=Problems)

    def load(self, files: Sequence[Found]) -> list[FileAccount]:
        """Read every file in turn; numbers in `export_typed.file` are places in the result."""
        with working(self.extraction) as worker:
            return [self._load(found, number, worker) for number, found in enumerate(files)]

    def _load(self, found: Found, number: int, worker: Worker) -> FileAccount:
        with open_content(found.path, on_bytes=self.on_bytes) as content:
            shape = self._shape(content)
            if shape == "zip":
                rows, shape = self._load_zip(found.path, number, worker)
                shape = f"zip:{shape}"
            else:
                rows = self._take(content, shape, number, worker)
        return FileAccount(
            path=str(found.path),
            series=found.series,
            shape=shape,
            bytes=content.fingerprint.size,
            rows=rows,
            sha256=content.fingerprint.sha256,
            modified=_modified(found.path),
        )

    def _shape(self, content: Content) -> str:
        return sniff(content.head, name=content.name) if self.shape == "auto" else self.shape

    def _take(self, content: Content, shape: str, number: int, worker: Worker) -> int:
        rows = 0
        label = self.extraction.labels_field
        read: Shape = shape  # type: ignore[assignment]
        for kind, batch in read_records(content, read, problems=self.problems, label=label):
            worker.take(kind, batch, file=number)
            rows += batch.num_rows
        return rows

    def _load_zip(self, path: Path, number: int, worker: Worker) -> tuple[int, str]:
        with _zip(path) as archive:
            member = _member(archive, path)
            name = f"{path}!{member.filename}"
            with (
                archive.open(member) as file,
                open_content(path, on_bytes=_ignore, member=file, name=name) as content,
            ):
                shape = sniff(content.head, name=name)
                if shape == "zip":
                    raise ExportError(f"{name}: a zip inside a zip is not read")
                if shape != "parquet":
                    return self._take(content, shape, number, worker), shape
                unpacked = _unpacked(content, self.scratch / "member.parquet")
            with open_content(unpacked, on_bytes=_ignore, name=name) as content:
                return self._take(content, shape, number, worker), shape


def _unpacked(content: Content, path: Path) -> Path:
    """`content` as a file of its own: Parquet is read from its end."""
    try:
        with path.open("wb") as out:
            shutil.copyfileobj(content.reader, out)
    except OSError as error:
        raise ExportError(
            f"{content.name}: cannot be unpacked to engine.directory: {error.strerror or error}"
        ) from error
    return path


def _ignore(_count: int) -> None:
    """Bytes of a member: those of its zip are counted already."""


def _modified(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None)


@contextmanager
def _zip(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise ExportError(f"{path}: is not a readable zip: {error}") from error


def _member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The export inside: `data.json`, or else the first file; a hostile archive is refused."""
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise ExportError(f"{path}: the zip holds a name twice")
    for member in members:
        _check_member(member, path)
    files = [member for member in members if PurePosixPath(member.filename).name != "metadata.json"]
    files.sort(key=lambda member: PurePosixPath(member.filename).name != "data.json")
    if not files:
        raise ExportError(f"{path}: the zip holds no file")
    return files[0]


def _check_member(member: zipfile.ZipInfo, path: Path) -> None:
    name = member.filename
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or ":" in parts.parts[0]:
        raise ExportError(f"{path}: the zip names a file outside of itself: {name!r}")
    if (member.external_attr >> 16) & 0o170000 == _LINK:
        raise ExportError(f"{path}: the zip holds a link: {name!r}")
    if member.flag_bits & 1:
        raise ExportError(f"{path}: the zip is encrypted: {name!r}")
    big = member.file_size > _RATIO_FROM_BYTES
    if member.file_size > _MAX_MEMBER_BYTES or (
        big and member.file_size > _MAX_RATIO * max(member.compress_size, 1)
    ):
        raise ExportError(f"{path}: the zip would expand {name!r} beyond reason")
