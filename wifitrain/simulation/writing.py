"""Exports and labels on disk: streamed day by day, compressed by suffix, published by rename."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from wifitrain.errors import ConfigError, SimulationError
from wifitrain.simulation.lines import line_schema
from wifitrain.simulation.texts import Draft, texts_of

if TYPE_CHECKING:
    from wifitrain.simulation.simulator import Simulator

__all__ = ["SHAPES", "check_shape", "labels_beside", "write_export"]

SHAPES = ("E1", "E2", "E9", "E10")
_COMPRESSED = (".gz", ".zst")


def check_shape(shape: str, path: Path) -> None:
    """Raise ConfigError unless `shape` is known and can be written under the name `path`."""
    if shape not in SHAPES:
        raise ConfigError(f"shape must be one of {', '.join(SHAPES)}, got {shape!r}")
    if ".parquet" in path.suffixes and (shape != "E10" or path.suffix != ".parquet"):
        raise ConfigError(f"path {path.name} must not end so: Parquet is shape E10, uncompressed")


def labels_beside(path: Path) -> Path:
    """Where labels go by default: ``site.json.gz`` has its own in ``site.labels.csv``."""
    stem = path.with_suffix("") if path.suffix in _COMPRESSED else path
    return stem.with_suffix(".labels.csv")


def write_export(
    simulator: Simulator,
    path: Path | str,
    shape: str = "E1",
    *,
    indent: bool = False,
    pri: bool = True,
    labels_path: Path | str | None = None,
) -> int:
    """Write the simulated lines to `path` in `shape` and their labels as CSV; return the rows.

    Parameters
    ----------
    path : ends in .gz or .zst to be compressed, in .parquet for Parquet (E10).
    shape : E1 (13 fields, newest first by id), E2, E9 (syslog text), E10 (NDJSON or Parquet).
    indent : E1 and E2 with every field on a line of its own, as the service writes them.
    pri : E9 with ``<PRI>`` in front.
    labels_path : where the labels go; None puts them beside, see `labels_beside`.

    Raises
    ------
    ConfigError
        A shape that does not exist or does not go with the name of the file.
    SimulationError
        The file cannot be written. What was there before is untouched.
    """
    target = Path(path)
    check_shape(shape, target)
    labels = Path(labels_path) if labels_path else labels_beside(target)
    try:
        with tempfile.TemporaryDirectory(prefix=".simulate-", dir=target.parent) as folder:
            draft = Draft(
                simulator=simulator, scratch=Path(folder) / "spool", indent=indent, pri=pri
            )
            staged = Path(folder) / "export"
            _write(draft, staged, shape=shape, suffix=target.suffix)
            _write_labels(simulator, Path(folder) / "labels", labels)
            staged.replace(target)
    except OSError as error:
        raise SimulationError(f"cannot write {target}: {error.strerror or error}") from error
    return draft.rows


def _write(draft: Draft, staged: Path, *, shape: str, suffix: str) -> None:
    if suffix == ".parquet":
        _write_parquet(draft, staged)
        return
    with _opened(staged, suffix) as file:
        for text in texts_of(draft, shape):
            file.write(text.encode())


@contextlib.contextmanager
def _opened(path: Path, suffix: str) -> Iterator[IO[bytes]]:
    with open(path, "xb") as plain:
        if suffix == ".gz":
            # Without name and time in its head the same lines give the same bytes.
            with gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed:
                yield cast("IO[bytes]", packed)
        elif suffix == ".zst":
            import zstandard

            with zstandard.ZstdCompressor().stream_writer(plain, closefd=False) as packed:
                yield packed
        else:
            yield plain
        plain.flush()
        os.fsync(plain.fileno())


def _write_parquet(draft: Draft, path: Path) -> None:
    import pyarrow.parquet as pq

    schema = draft.rows_of(line_schema().empty_table(), first_id=0).schema
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in draft.export_rows():
            writer.write_table(rows)


def _write_labels(simulator: Simulator, staged: Path, target: Path) -> None:
    # Made beside the export, which may be another file system than the labels': copied by move.
    text = simulator.labels().to_csv(index=False, date_format="%Y-%m-%dT%H:%M:%S.%f")
    staged.write_text(text, encoding="utf-8")
    shutil.move(staged, target)
