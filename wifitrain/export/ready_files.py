"""Files of ready tables as frames: npz without pickles, CSV, Parquet."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.cache import from_bytes
from wifitrain.errors import ExportError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["read_arrays", "read_frame"]

_MOST_BYTES = 8_000_000_000  # of an npz, unpacked


def read_frame(path: Path, content: bytes) -> pd.DataFrame:
    """The rows of the file; an npz gives columns f0, f1, ... of X, and y.

    Raises
    ------
    ExportError : not what the name says.
    """
    import pandas as pd

    kind = path.suffix.lower()
    try:
        if kind == ".npz":
            return _of_arrays(read_arrays(content))
        read = pd.read_csv if kind == ".csv" else pd.read_parquet
        return read(io.BytesIO(content))
    except (ValueError, OSError, zipfile.BadZipFile, EOFError) as error:
        told = " ".join(str(error).split())
        raise ExportError(f"{path}: is no readable {kind[1:]} table: {told}") from error


def read_arrays(content: bytes) -> dict[str, np.ndarray]:
    """Arrays by name; ValueError where one holds objects, or all are too large."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > _MOST_BYTES:
            raise ValueError(f"{size} bytes of arrays: {_MOST_BYTES} are the most")
        return {
            name.removesuffix(".npy"): from_bytes(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".npy")
        }


def _of_arrays(arrays: dict[str, np.ndarray]) -> pd.DataFrame:
    import pandas as pd

    X, y = arrays.get("X"), arrays.get("y")
    if X is None or X.ndim != 2:
        raise ValueError(f"expected an array X of two dimensions, found {', '.join(arrays)}")
    columns = {f"f{i}": X[:, i] for i in range(X.shape[1])}
    if y is not None:
        if y.size != len(X):
            raise ValueError(f"X has {len(X)} rows, y has {y.size} labels")
        columns["y"] = y.reshape(-1)
    return pd.DataFrame(columns)
