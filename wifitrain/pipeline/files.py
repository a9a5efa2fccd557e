"""Files of the run folder: complete, or not there at all."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import WifitrainError

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["json_digest", "write_json", "write_parquet"]


def write_json(path: Path, content: Mapping[str, Json]) -> None:
    """Write strict, indented JSON (no NaN, no infinity)."""
    with _whole(path) as temporary:
        text = json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as zstd-compressed Parquet."""
    with _whole(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")


def json_digest(content: Json) -> str:
    """SHA-256 of `content` as canonical JSON, hex."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A temporary path that takes `path`'s place when the block ends well."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise WifitrainError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
