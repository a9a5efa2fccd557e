"""Files typed by tasks of Spark, each with the same readers; put into order beside it.

A file is one task, which leaves its typed rows as Parquet. The embedded engine orders, dates and
judges the rows without their messages; what it decides goes to Spark and meets the messages there.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.engine import Engine
from wifitrain.errors import ExportError, WifitrainError
from wifitrain.export.discovery import Found, find_files
from wifitrain.export.extraction import Extraction
from wifitrain.export.loading import FileAccount, Loading
from wifitrain.export.quarantine import write_quarantine
from wifitrain.export.reading import Loaded, RowSource
from wifitrain.records import LOG_COLUMNS, LogTable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wifitrain.export.row_options import RowOptions
    from wifitrain.spark import SparkEngine

__all__ = ["SparkReading"]

# Equal messages have equal fingerprints, which is all that the order of rows asks of a message.
_LEAVE = """
SELECT * EXCLUDE (head_id, text_id, access_point) REPLACE ($file::INTEGER AS file),
    hash(message)::VARCHAR AS fingerprint
FROM export_valid JOIN export_texts USING (text_id)
UNION ALL BY NAME SELECT * REPLACE ($file::INTEGER AS file) FROM export_refused
"""
_TAKE = """
SELECT * EXCLUDE (file, fingerprint) REPLACE (fingerprint AS message)
FROM read_parquet($typed)
"""
# Rows that are refused for what stands on another row: their text is on Spark's side.
_TEXTS = """
UPDATE export_refused t SET text = left(p.message, 4096) FROM read_parquet($typed) p
WHERE p.code IS NULL AND p.file = t.file AND p.record = t.record
"""
_ROWS_AT_ONCE = 50_000
_DECIDED = """
CREATE OR REPLACE TABLE decided_rows AS
SELECT arrival, source_file, file, record, access_point, time, clock_reset
FROM log_rows JOIN export_names ON path = source_file
"""


@dataclass(frozen=True, kw_only=True)
class _Task:
    """One file, and what a worker needs to know to type its rows."""

    number: int
    found: Found
    shape: str
    rows: Mapping[str, Any]  # arguments of `Extraction`
    folder: Path
    memory_limit: str


@dataclass(frozen=True, kw_only=True)
class _Typed:
    """What became of one file: its account, or why it cannot be read."""

    account: FileAccount | None = None
    problems: Mapping[str, int] | None = None
    error: str = ""


class SparkReading(RowSource):
    """What `FileSource` reads, read on Spark: the same rows, account and quarantine.

    Files and the scratch folder of `engine` have the same paths for every worker.
    """

    def __init__(
        self, engine: SparkEngine, *, name: str, rows: RowOptions, paths: Sequence[str], shape: str
    ) -> None:
        super().__init__(name=name, rows=rows)
        self.engine, self.paths, self.shape = engine, paths, shape
        self._folder = engine.place("typed")

    def read(self, engine: Engine, *, quarantine: Path, progress: bool = False) -> LogTable:
        """The log table on Spark; see `RowSource.read`."""
        logs = super().read(engine.embedded, quarantine=quarantine, progress=progress)
        engine.connection.execute(_DECIDED)
        decided = engine.lend("decided_rows")
        typed = self.engine.backend.read_parquet(str(self._folder))
        messages = typed.select(
            "file", "record", "level", "program", "interface_hint", "message", "label"
        )
        table = decided.inner_join(messages, ["file", "record"])
        columns = {name: table[name].cast(kind) for name, kind in LOG_COLUMNS.items()}
        return replace(logs, table=table.select(**columns), apart=None)

    @property
    def _files(self) -> Mapping[str, str]:
        return {"typed": str(self._folder / "*.parquet")}

    def _load(
        self,
        extraction: Extraction,
        *,
        scratch: Path,  # noqa: ARG002 - tasks have their own
        progress: bool,  # noqa: ARG002 - tasks cannot tell
    ) -> Loaded:
        self._folder.mkdir()
        found = find_files(self.paths)
        typed = self.engine.each(type_file, [self._task(n, file) for n, file in enumerate(found)])
        if errors := [one.error for one in typed if one.error]:
            raise ExportError(errors[0])
        for number in range(len(found)):
            _take(extraction, _typed_file(self._folder, number), file=number)
        problems: Counter[str] = Counter()
        for one in typed:
            problems.update(one.problems or {})
        files = [
            replace(one.account, path=str(file.path))  # as the user wrote it
            for file, one in zip(found, typed, strict=True)
            if one.account is not None
        ]
        return Loaded(files=files, problems=problems)

    def _task(self, number: int, found: Found) -> _Task:
        return _Task(
            number=number,
            found=replace(found, path=found.path.absolute()),
            shape=self.shape,
            rows={
                "timezone": self.rows.choices.timezone,
                "max_message_chars": self.rows.max_message_chars,
                "labels_field": self.rows.labels_field,
            },
            folder=self._folder.absolute(),
            memory_limit=self.engine.memory_limit,
        )

    def _outcome(self, engine: Engine, *, quarantine: Path, progress: bool) -> Any:  # noqa: ANN401
        outcome = super()._outcome(engine, quarantine=quarantine, progress=progress)
        if engine.connection.execute(_TEXTS, self._files).fetchone() != (0,):
            write_quarantine(engine.connection, quarantine, pseudonymiser=self.rows.pseudonymiser)
        return outcome


def _take(extraction: Extraction, path: Path, *, file: int) -> None:
    """Take in the typed rows of one file, some at a time."""
    import pyarrow as pa

    rows = extraction.connection.cursor().sql(_TAKE, params={"typed": str(path)})
    for batch in rows.to_arrow_reader(_ROWS_AT_ONCE):
        extraction.typed(pa.Table.from_batches([batch]), file=file)


def _typed_file(folder: Path, number: int) -> Path:
    """Where the task of file `number` leaves its rows."""
    return folder / f"{number:08d}.parquet"


def type_file(task: _Task) -> _Typed:
    """Type the rows of one file with the readers of this room; runs on a worker."""
    left = _typed_file(task.folder, task.number)
    half = task.folder / f".{left.name}.{os.getpid()}"  # a task may run twice at once
    try:
        with Engine(memory_limit=task.memory_limit, threads=1) as engine:
            extraction = Extraction(connection=engine.connection, **task.rows)
            extraction.begin()
            loading = Loading(
                extraction=extraction,
                shape=task.shape,
                scratch=engine.scratch,
                on_bytes=lambda _count: None,
            )
            (account,) = loading.load([task.found])
            extraction.finish()
            rows = engine.connection.cursor().sql(_LEAVE, params={"file": task.number})
            rows.write_parquet(str(half), compression="zstd")
        half.replace(left)
    except WifitrainError as error:
        return _Typed(error=str(error))
    return _Typed(account=account, problems=loading.problems.counts)
