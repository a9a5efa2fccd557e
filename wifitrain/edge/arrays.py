"""model.npz: named arrays in a ZIP, written and read byte by byte so that nothing is guessed.

The files are ordinary .npy files and `numpy.load` reads them; this reader does not use it. An
array is accepted only behind the one header that belongs to its type and length, so there is no
header to interpret, no pickle, and no allocation larger than what lies in the file.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

import numpy as np

from wifitrain.errors import PackageError

__all__ = ["pack", "unpack"]

_MOST_BYTES = 32_000_000  # of one array, unpacked
_MAGIC = b"\x93NUMPY\x01\x00"
_HEADER_BYTES = 128
_EPOCH = (1980, 1, 1, 0, 0, 0)
_IS_ENCRYPTED = 0x1
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ZLIB_LEVEL = 6  # 9 takes ten times as long for 4 % fewer bytes of a forest


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """The bytes of an .npz; equal arrays give equal bytes."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=_EPOCH)
            content = _header(array.dtype, array.shape) + array.tobytes()
            file.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=_ZLIB_LEVEL)
    return packed.getvalue()


def unpack(content: bytes, dtypes: Mapping[str, str], *, name: str) -> dict[str, np.ndarray]:
    """The arrays of an .npz, read-only, each flat or of its own two dimensions.

    `dtypes` names exactly the arrays that must be there: `<f8` for a flat array, `<f8:39` for one
    of 39 columns.

    Raises
    ------
    PackageError : no ZIP, other members than those, doubled ones, over size, or another header.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as file:
            members = _members(file, {f"{array}.npy" for array in dtypes}, name)
            return {
                array: _parsed(
                    _content(file, members[f"{array}.npy"], name), kind, f"{name}: {array}"
                )
                for array, kind in dtypes.items()
            }
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise PackageError(f"{name}: not a ZIP that can be read: {error}") from error


def _members(file: zipfile.ZipFile, wanted: set[str], name: str) -> dict[str, zipfile.ZipInfo]:
    entries = {entry.orig_filename: entry for entry in file.infolist()}
    if len(entries) != len(file.infolist()):
        raise PackageError(f"{name}: a member occurs twice")
    if entries.keys() != wanted:
        odd = sorted(entries.keys() ^ wanted)
        raise PackageError(f"{name}: {ascii(odd[0])[:100]} is missing or does not belong there")
    return entries


def _content(file: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes:
    if entry.flag_bits & _IS_ENCRYPTED or entry.compress_type not in _READABLE:
        raise PackageError(f"{name}: {entry.filename}: encrypted, or packed in an unusual way")
    with file.open(entry) as member:  # sizes in the directory can lie: read with a bound
        content = member.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise PackageError(f"{name}: {entry.filename}: unpacks to over {_MOST_BYTES} bytes")
    return content


def _parsed(content: bytes, kind: str, name: str) -> np.ndarray:
    code, _, columns = kind.partition(":")
    dtype = np.dtype(code)
    width = int(columns or 1)
    count, rest = divmod(len(content) - _HEADER_BYTES, dtype.itemsize * width)
    shape = (count, width) if columns else (count,)
    if rest or count < 0 or content[:_HEADER_BYTES] != _header(dtype, shape):
        raise PackageError(f"{name}: must be a {dtype} array of {len(shape)} dimension(s), whole")
    return np.frombuffer(content, dtype, offset=_HEADER_BYTES).reshape(shape)


def _header(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """The header of an .npy file of version 1.0, padded to 128 bytes."""
    text = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {shape}, }}"
    filled = text.encode().ljust(_HEADER_BYTES - len(_MAGIC) - 3) + b"\n"
    return _MAGIC + len(filled).to_bytes(2, "little") + filled
