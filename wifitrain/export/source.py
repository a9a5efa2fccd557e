"""Export files of any shape as the canonical log table, with an account of every record."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError
from wifitrain.export.canonical import Canonical, Choices, make_canonical
from wifitrain.export.discovery import find_files
from wifitrain.export.extraction import Extraction
from wifitrain.export.findings import judge, refusals, wifi_ratio
from wifitrain.export.loading import FileAccount, Loading
from wifitrain.export.progress import reading_progress
from wifitrain.export.quarantine import write_quarantine
from wifitrain.export.report import Finding, ValidationReport
from wifitrain.export.settings import (
    WIFI_PROGRAMS,
    check_choice,
    check_count,
    check_limit,
    check_names,
    check_paths,
    check_ratio,
    check_year,
    check_zone,
    labels_field,
)
from wifitrain.export.shapes import SHAPES
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.records import Json, LogTable

if TYPE_CHECKING:
    import duckdb

    from wifitrain.engine import Engine

__all__ = ["FileSource"]

_CLOCK_RESETS = ("repair", "quarantine", "keep")


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    files: Sequence[FileAccount]
    canonical: Canonical
    report: ValidationReport
    quarantined: int


class FileSource:
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
        self.max_invalid_ratio = check_ratio(max_invalid_ratio)
        self.labels_field = labels_field(labels)
        self.max_message_chars = check_count("source.max_message_chars", max_message_chars)
        pseudonymiser = Pseudonymiser(enabled=pseudonymise, key_file=pseudonym_key_file)
        self.pseudonymiser = pseudonymiser if pseudonymise else None
        self.choices = Choices(
            timezone=check_zone("source.timezone", timezone),
            year=check_year(year),
            clock_reset=check_choice("source.clock_reset", clock_reset, _CLOCK_RESETS),
            programs=() if programs is None else check_names("source.programs", programs),
            wifi_programs=check_names("source.wifi_programs", wifi_programs),
            max_records=check_limit("source.max_records", max_records),
        )

    def read(self, engine: Engine, *, quarantine: Path, progress: bool = False) -> LogTable:
        """The log table (`LOG_COLUMNS`), ordered by arrival, and its account.

        Refused records go to the file `quarantine` (NDJSON, mode 600; absent where none was
        refused), also where the export turns out unfit.

        Raises
        ------
        ExportError : the export cannot be read, or is unfit: too many unusable records, no rows,
            no WiFi rows.
        """
        outcome = self._read(engine, quarantine=quarantine, progress=progress)
        if not outcome.report.is_valid:
            more = f"; the refused records are in {quarantine}" if outcome.quarantined else ""
            raise ExportError(f"{self._shown}: {outcome.report.errors[0].message}{more}")
        return LogTable(
            table=engine.backend.table("log_rows"),
            account=_account(outcome),
            digest=_digest(outcome.files),
        )

    def validate(
        self, engine: Engine, *, quarantine: Path, progress: bool = False
    ) -> ValidationReport:
        """Only judge the export; the report says so where it is unfit or cannot be read."""
        try:
            return self._read(engine, quarantine=quarantine, progress=progress).report
        except ExportError as error:
            return ValidationReport(errors=[Finding(code="unreadable", message=str(error))])

    @property
    def _shown(self) -> str:
        return self.paths[0] if len(self.paths) == 1 else f"{self.paths[0]} and more"

    def _read(self, engine: Engine, *, quarantine: Path, progress: bool) -> _Outcome:
        import duckdb

        try:
            return self._outcome(engine, quarantine=quarantine, progress=progress)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            said = str(error).splitlines()[0]
            raise ExportError(f"{self._shown}: no room to read it: {said}") from error

    def _outcome(self, engine: Engine, *, quarantine: Path, progress: bool) -> _Outcome:
        connection = engine.connection
        found = find_files(self.paths)
        total = sum(file.path.stat().st_size for file in found)
        with reading_progress(total, wanted=progress) as advance:
            loading = Loading(
                extraction=self._extraction(connection),
                shape=self.shape,
                scratch=engine.scratch,
                on_bytes=advance,
            )
            files = loading.load(found)
        _name_files(connection, files)
        canonical = make_canonical(connection, files, choices=self.choices)
        if canonical.numbers["year_less"] and self.choices.year is None:
            _check_modified(files)
        quarantined = write_quarantine(connection, quarantine, pseudonymiser=self.pseudonymiser)
        report = judge(
            canonical,
            refusals(connection),
            choices=self.choices,
            max_invalid_ratio=self.max_invalid_ratio,
            problems=loading.problems.counts,
        )
        return _Outcome(files=files, canonical=canonical, report=report, quarantined=quarantined)

    def _extraction(self, connection: duckdb.DuckDBPyConnection) -> Extraction:
        return Extraction(
            connection=connection,
            timezone=self.choices.timezone,
            max_message_chars=self.max_message_chars,
            labels_field=self.labels_field,
        )


def _account(outcome: _Outcome) -> dict[str, Json]:
    canonical, numbers = outcome.canonical, outcome.canonical.numbers
    return {
        "rows": numbers["rows"],
        "valid": numbers["rows"] - numbers["invalid"],
        "invalid": numbers["invalid"],
        "quarantined": outcome.quarantined,
        "exact_repeats": numbers["exact_repeats"],
        "duplicates_removed": numbers["duplicates_removed"],
        "clock_reset_rows": canonical.clock.reset_rows,
        "cut_messages": numbers["cut_messages"],
        "wifi_rows": numbers["wifi_rows"],
        "wifi_ratio": wifi_ratio(canonical),
        "first_time": canonical.first_time,
        "last_time": canonical.last_time,
        "span_days": canonical.span_days,
        "files": [
            {"path": f.path, "shape": f.shape, "bytes": f.bytes, "rows": f.rows, "sha256": f.sha256}
            for f in outcome.files
        ],
        "warnings": [asdict(finding) for finding in outcome.report.warnings],
        "errors": [asdict(finding) for finding in outcome.report.errors],
    }


def _digest(files: Sequence[FileAccount]) -> str:
    return hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest()


def _name_files(connection: duckdb.DuckDBPyConnection, files: Sequence[FileAccount]) -> None:
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE export_names AS"
        " SELECT unnest(?)::INTEGER AS file, unnest(?)::VARCHAR AS path",
        [list(range(len(files))), [file.path for file in files]],
    )


def _check_modified(files: Sequence[FileAccount]) -> None:
    latest = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    for file in files:
        if not datetime(2000, 1, 1) <= file.modified <= latest:  # noqa: DTZ001  # naive UTC
            raise ExportError(
                f"{file.path}: has timestamps without a year, and its modification time"
                f" {file.modified:%Y-%m-%d} tells none: set source.year"
            )
