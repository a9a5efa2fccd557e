"""What every source does with its raw records: type, order, repair, judge, account."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError
from wifitrain.export.canonical import Canonical, make_canonical
from wifitrain.export.extraction import Extraction
from wifitrain.export.findings import judge, refusals, wifi_ratio
from wifitrain.export.quarantine import write_quarantine
from wifitrain.export.report import Finding, ValidationReport
from wifitrain.records import Apart, Json, LogTable

if TYPE_CHECKING:
    import duckdb

    from wifitrain.engine import Engine
    from wifitrain.export.loading import FileAccount
    from wifitrain.export.row_options import RowOptions

__all__ = ["Loaded", "RowSource", "digest_of_files"]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What went into the engine: the pieces in their order, and problems that refuse no row."""

    files: Sequence[FileAccount]
    problems: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    files: Sequence[FileAccount]
    canonical: Canonical
    report: ValidationReport
    quarantined: int


class RowSource(ABC):
    """A source of raw records; where they come from is all that a subclass says."""

    def __init__(self, *, name: str, rows: RowOptions) -> None:
        self.name = name  # what messages call it
        self.rows = rows

    @abstractmethod
    def _load(self, extraction: Extraction, *, scratch: Path, progress: bool) -> Loaded:
        """Hand every raw record to `extraction`, piece by piece in bounded memory."""

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
            raise ExportError(f"{self.name}: {outcome.report.errors[0].message}{more}")
        return LogTable(
            table=engine.lend("log_rows"),
            apart=Apart(rows=engine.lend("log_rows_apart"), texts=engine.lend("log_texts")),
            account=_account(outcome),
            digest=digest_of_files([file.sha256 for file in outcome.files]),
        )

    def validate(
        self, engine: Engine, *, quarantine: Path, progress: bool = False
    ) -> ValidationReport:
        """Only judge the export; the report says so where it is unfit or cannot be read."""
        try:
            return self._read(engine, quarantine=quarantine, progress=progress).report
        except ExportError as error:
            return ValidationReport(errors=[Finding(code="unreadable", message=str(error))])

    def _read(self, engine: Engine, *, quarantine: Path, progress: bool) -> _Outcome:
        import duckdb

        try:
            return self._outcome(engine, quarantine=quarantine, progress=progress)
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            said = str(error).splitlines()[0]
            raise ExportError(f"{self.name}: no room to read it: {said}") from error

    def _outcome(self, engine: Engine, *, quarantine: Path, progress: bool) -> _Outcome:
        import pyarrow as pa

        connection, rows = engine.connection, self.rows
        extraction = Extraction(
            connection=connection,
            timezone=rows.choices.timezone,
            max_message_chars=rows.max_message_chars,
            labels_field=rows.labels_field,
        )
        extraction.begin()
        loaded = self._load(extraction, scratch=engine.scratch, progress=progress)
        pa.default_memory_pool().release_unused()  # of the batches: their rows are in the engine
        extraction.finish()
        _name_files(connection, loaded.files)
        canonical = make_canonical(connection, loaded.files, choices=rows.choices)
        if canonical.numbers["year_less"] and rows.choices.year is None:
            _check_modified(loaded.files)
        quarantined = write_quarantine(connection, quarantine, pseudonymiser=rows.pseudonymiser)
        report = judge(
            canonical,
            refusals(connection),
            choices=rows.choices,
            max_invalid_ratio=rows.max_invalid_ratio,
            problems=loaded.problems,
        )
        return _Outcome(
            files=loaded.files, canonical=canonical, report=report, quarantined=quarantined
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


def digest_of_files(digests: Sequence[str]) -> str:
    """Digest of a log table: that of the digests of its files as stored, in their order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _name_files(connection: duckdb.DuckDBPyConnection, files: Sequence[FileAccount]) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE export_names AS"
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
