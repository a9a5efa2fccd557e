"""Export files of any shape as the canonical log table, with an account of every record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.export.discovery import find_files
from wifitrain.export.loading import Loading
from wifitrain.export.on_spark import SparkReading
from wifitrain.export.progress import reading_progress
from wifitrain.export.reading import Loaded, RowSource, digest_of_files
from wifitrain.export.row_options import row_options
from wifitrain.export.settings import WIFI_PROGRAMS, check_choice, check_paths
from wifitrain.export.shapes import SHAPES
from wifitrain.export.streams import stored_digest
from wifitrain.spark import SparkEngine

if TYPE_CHECKING:
    from wifitrain.engine import Engine
    from wifitrain.export.extraction import Extraction
    from wifitrain.export.report import ValidationReport
    from wifitrain.records import Json, LogTable

__all__ = ["FileSource"]


class FileSource(RowSource):
    """Reads E1 to E10: JSON objects and arrays, NDJSON, CSV, syslog text, Parquet; gzip, zstd, zip.

    Parameters
    ----------
    path : file, folder or glob, or a list of them. Needed.
    shape : `auto`, or one of json_object, json_array, ndjson, csv, syslog, parquet, zip.
    year : year of the first year-less line of each series of files; None infers it from the time
        the file was modified, with a warning.
    timezone : zone of timestamps that carry none; results are UTC.
    max_invalid_ratio : share of unusable records, 0 to 1, above which the export is unfit.
    max_records : most rows to keep, the latest by arrival; None keeps all.
    wifi_programs : programs whose lines count as WiFi lines.
    programs : programs to keep; None keeps every row.
    labels : field on the rows that says whether a row is anomalous (true, 1, anomaly, ...); the
        name of a CSV file of intervals is left to those who lay them over windows.
    clock_reset : `repair` places rows of a reset clock by arrival, `quarantine` takes them out,
        `keep` leaves their times (see `clock`).
    max_message_chars : longer messages are cut and counted.
    pseudonymise, pseudonym_key_file : station addresses in the quarantine become keyed pseudonyms.
    """

    def __init__(  # one argument for each key of the config group
        self,
        *,
        path: str | Sequence[str] | None = None,
        shape: str = "auto",
        year: int | None = None,
        timezone: str = "UTC",
        max_invalid_ratio: float = 0.05,
        max_records: int | None = None,
        wifi_programs: Sequence[str] = WIFI_PROGRAMS,
        programs: Sequence[str] | None = None,
        labels: str | None = None,
        clock_reset: str = "repair",
        max_message_chars: int = 4096,
        pseudonymise: bool = True,
        pseudonym_key_file: str | None = None,
    ) -> None:
        self.paths = check_paths(path)
        self.shape = check_choice("source.shape", shape, ("auto", *SHAPES))
        rows = row_options(
            timezone=timezone,
            year=year,
            max_invalid_ratio=max_invalid_ratio,
            max_records=max_records,
            wifi_programs=wifi_programs,
            programs=programs,
            labels=labels,
            clock_reset=clock_reset,
            max_message_chars=max_message_chars,
            pseudonymise=pseudonymise,
            pseudonym_key_file=pseudonym_key_file,
        )
        more = " and more" if len(self.paths) > 1 else ""
        super().__init__(name=f"{self.paths[0]}{more}", rows=rows)

    def read(self, engine: Engine, *, quarantine: Path, progress: bool = False) -> LogTable:
        """See `RowSource.read`; on Spark every file is one task."""
        if isinstance(engine, SparkEngine):
            return self._on(engine).read(engine, quarantine=quarantine, progress=progress)
        return super().read(engine, quarantine=quarantine, progress=progress)

    def validate(
        self, engine: Engine, *, quarantine: Path, progress: bool = False
    ) -> ValidationReport:
        """See `RowSource.validate`; on Spark every file is one task."""
        if isinstance(engine, SparkEngine):
            return self._on(engine).validate(engine, quarantine=quarantine, progress=progress)
        return super().validate(engine, quarantine=quarantine, progress=progress)

    def _on(self, engine: SparkEngine) -> SparkReading:
        return SparkReading(
            engine, name=self.name, rows=self.rows, paths=self.paths, shape=self.shape
        )

    def identity(self) -> Mapping[str, Json]:
        """What rows and account depend on: names and bytes of the files, and every option.

        `digest` is that of the log table which these bytes give.

        Raises
        ------
        ExportError : no file, or one that cannot be read.
        """
        files = [(found.path, stored_digest(found.path)) for found in find_files(self.paths)]
        dated = self.rows.choices.year is None  # then years may come from the file's time
        return {
            "digest": digest_of_files([digest for _, digest in files]),
            "files": [
                [str(path), digest, path.stat().st_mtime_ns if dated else None]
                for path, digest in files
            ],
            "shape": self.shape,
            "rows": self.rows.identity,
        }

    def _load(self, extraction: Extraction, *, scratch: Path, progress: bool) -> Loaded:
        found = find_files(self.paths)
        total = sum(file.path.stat().st_size for file in found)
        with reading_progress(total, wanted=progress) as advance:
            loading = Loading(
                extraction=extraction, shape=self.shape, scratch=scratch, on_bytes=advance
            )
            files = loading.load(found)
        return Loaded(files=files, problems=loading.problems.counts)
