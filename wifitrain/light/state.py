"""What a follower knows, in one file that is replaced whole: a killed run goes on where it was.

A Parquet file, readable by its owner alone: the rows that windows to come depend on, and in its
metadata the rest as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_state", "write_state"]

_KEY = b"wifitrain.follow"
_FORMAT = 1


def write_state(path: Path, known: Mapping[str, Any], remembered: pa.Table | None) -> None:
    """Replace the file at `path`; it is on the disk when this returns.

    Raises
    ------
    ConfigError : it cannot be written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    text = json.dumps({"format": _FORMAT, **known}, allow_nan=False)
    table = pa.table({"arrival": pa.array([], pa.int64())}) if remembered is None else remembered
    table = table.replace_schema_metadata({_KEY: text.encode()})
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            parquet.write_table(table, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _flush(path.parent)
    except OSError as error:
        raise ConfigError(f"state: cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def read_state(path: Path) -> tuple[Mapping[str, Any], pa.Table | None] | None:
    """What `write_state` wrote, or None where there is no file.

    Raises
    ------
    ConfigError : the file is none of ours, or damaged.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if not path.exists():
        return None
    try:
        table = parquet.read_table(path)
        known = json.loads((table.schema.metadata or {})[_KEY])
        if known["format"] != _FORMAT:
            raise ConfigError(f"state: {path} was written by another version of wifitrain")
    except OSError as error:
        raise ConfigError(f"state: cannot read {path}: {error}") from error
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"state: {path} is no state of a follower, or damaged") from error
    remembered = table.replace_schema_metadata(None)
    return known, remembered if len(table.column_names) > 1 else None


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
