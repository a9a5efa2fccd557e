"""Deployment ZIPs: one package as one file, and its way back in past every trick of a ZIP."""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import PackageError
from wifitrain.storage import manifest, strict_json
from wifitrain.storage.durable import new_file, replace_file
from wifitrain.storage.metadata import check

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Model
    from wifitrain.storage.signing import Signatures

__all__ = ["Parcel", "export", "open_zip"]

_MOST_BYTES = 100_000_000  # what the service accepts
_MOST_UNPACKED = 400_000_000
_MOST_MEMBERS = 100
_MEMBER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
_REGULAR = 0o644 << 16
_EPOCH = (1980, 1, 1, 0, 0, 0)
_IS_ENCRYPTED = 0x1
_UNDEPLOYED = {"deployed_at": None, "deployed_by": None, "last_change": None}
_ON_ARRIVAL = {**_UNDEPLOYED, "status": "imported", "pinned": False}
_REQUIRED = (manifest.MODEL, manifest.METADATA, manifest.MANIFEST)


def export(model: Model, folder: Path) -> Path:
    """Write `<version>_deployment.zip` into `folder`: flat, the same bytes for the same package.

    Its deployment_info says available: where it arrives it is deployed by nobody yet.

    Raises
    ------
    PackageError : the package is damaged, or its ZIP is larger than the service accepts.
    """
    faults = manifest.faults(model.path)
    if faults:
        raise PackageError(f"{model.version}: {'; '.join(faults)}")
    members = {
        path.name: path.read_bytes()
        for path in sorted(model.path.iterdir())
        if not path.name.startswith(".")
    }
    standing = {**model.standing, **_UNDEPLOYED, "status": "available"}
    sent = {**model.metadata, "deployment_info": standing}
    members[manifest.METADATA] = strict_json.dumps(sent)
    content = _packed(members)
    if len(content) > _MOST_BYTES:
        raise PackageError(f"{model.version}: a ZIP of {len(content)} bytes, over {_MOST_BYTES}")
    target = folder / f"{model.version}_deployment.zip"
    replace_file(target, content)
    return target


def _packed(members: dict[str, bytes]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.external_attr = _REGULAR
            entry.compress_type = zipfile.ZIP_DEFLATED
            parcel.writestr(entry, content)
    return packed.getvalue()


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """The files of a ZIP, each proven by the manifest beside them."""

    version: str
    name: str  # of the model
    metadata: dict[str, Any]
    files: dict[str, bytes]
    sha256: str  # of the ZIP

    def unpack(self, folder: Path, *, import_info: dict[str, Any]) -> None:
        """Write the files into the empty `folder`, flushed; the metadata says whence."""
        standing = self.metadata["deployment_info"]
        arrived = {
            **self.metadata,
            "deployment_info": {**standing, **_ON_ARRIVAL},
            "import_info": import_info,
        }
        for name, content in {**self.files, manifest.METADATA: strict_json.dumps(arrived)}.items():
            with new_file(folder / name) as file:
                file.write(content)


def open_zip(path: Path, *, signatures: Signatures) -> Parcel:
    """Read a deployment ZIP into memory and prove it; nothing is written, nothing unpickled.

    Raises
    ------
    PackageError : no ZIP, over 100 MB, members outside the folder, links, doubled names, a bomb,
        a file that is missing, not listed or not what the manifest says, or a signature that is
        required and is not there.
    """
    try:
        if not path.is_file():
            raise PackageError(f"{path}: no such file")
        if path.stat().st_size > _MOST_BYTES:
            raise PackageError(f"{path}: {path.stat().st_size} bytes, over {_MOST_BYTES}")
        content = path.read_bytes()
        with zipfile.ZipFile(BytesIO(content)) as packed:
            files = _members(packed, path.name)
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror or error}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise PackageError(f"{path}: not a ZIP that can be read: {error}") from error
    parcel = _proven(files, name=path.name, sha256=hashlib.sha256(content).hexdigest())
    unsigned = signatures.faults_of(files[manifest.MANIFEST], files.get(manifest.SIGNATURE))
    if unsigned:
        raise PackageError(f"{path.name}: {unsigned[0]}")
    return parcel


def _members(parcel: zipfile.ZipFile, name: str) -> dict[str, bytes]:
    entries = parcel.infolist()
    if len(entries) > _MOST_MEMBERS:
        raise PackageError(f"{name}: {len(entries)} members, over {_MOST_MEMBERS}")
    files: dict[str, bytes] = {}
    room = _MOST_UNPACKED
    for entry in entries:
        _check_entry(entry, name)
        if entry.filename.casefold() in {known.casefold() for known in files}:
            raise PackageError(f"{name}: {entry.filename} occurs twice")
        with parcel.open(entry) as member:  # sizes in the directory can lie: read with a bound
            files[entry.filename] = member.read(room + 1)
        room -= len(files[entry.filename])
        if room < 0:
            raise PackageError(f"{name}: unpacks to over {_MOST_UNPACKED} bytes")
    return files


def _check_entry(entry: zipfile.ZipInfo, name: str) -> None:
    shown = ascii(entry.orig_filename)[:100]
    if entry.orig_filename != entry.filename or not _MEMBER.fullmatch(entry.filename):
        raise PackageError(f"{name}: member {shown}: must be a plain file name without a folder")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG) or entry.is_dir():
        raise PackageError(f"{name}: member {shown}: must be a regular file, not a link or folder")
    if entry.flag_bits & _IS_ENCRYPTED:
        raise PackageError(f"{name}: member {shown}: encrypted")
    if entry.file_size > _MOST_UNPACKED:
        raise PackageError(f"{name}: member {shown}: unpacks to over {_MOST_UNPACKED} bytes")


def _proven(files: dict[str, bytes], *, name: str, sha256: str) -> Parcel:
    missing = [file for file in _REQUIRED if file not in files]
    if missing:
        raise PackageError(f"{name}: {', '.join(missing)} missing")
    listing = strict_json.parse_object(
        files[manifest.MANIFEST], name=f"{name}: {manifest.MANIFEST}"
    )
    listed = manifest.hashes(listing, name=f"{name}: {manifest.MANIFEST}")
    own = {manifest.MANIFEST, manifest.METADATA, manifest.SIGNATURE}
    strangers = sorted(set(files) - set(listed) - own)
    if strangers:
        raise PackageError(f"{name}: {strangers[0]}: not listed in {manifest.MANIFEST}")
    for file, digest in listed.items():
        if hashlib.sha256(files.get(file, b"")).hexdigest() != digest:
            raise PackageError(f"{name}: {file}: missing, or not what {manifest.MANIFEST} says")
    metadata = strict_json.parse_object(
        files[manifest.METADATA], name=f"{name}: {manifest.METADATA}"
    )
    model = check(metadata, name=f"{name}: {manifest.METADATA}").model_info
    if listing.get("version") != model.version or (
        listing.get("metadata_sha256") != manifest.metadata_digest(metadata)
    ):
        raise PackageError(
            f"{name}: {manifest.METADATA} and {manifest.MANIFEST} do not belong together"
        )
    return Parcel(
        version=model.version, name=model.model_name, metadata=metadata, files=files, sha256=sha256
    )
