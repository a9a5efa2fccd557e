"""The table behind the exports as the canonical log table: the rows of a time range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.export.database import Server
from wifitrain.export.fields import COLUMN_NAMES
from wifitrain.export.postgres_settings import (
    check_password,
    check_url,
    label_column,
    time_bounds,
)
from wifitrain.export.progress import reading_progress
from wifitrain.export.reading import Loaded, RowSource
from wifitrain.export.row_options import row_options
from wifitrain.export.settings import WIFI_PROGRAMS, check_count, check_names, check_table
from wifitrain.export.table import Selection, TableReader, condition_of
from wifitrain.export.tally import Tally
from wifitrain.export.worker import working

if TYPE_CHECKING:
    import pyarrow as pa

    from wifitrain.export.extraction import Extraction

__all__ = ["PostgresSource"]

_ROWS_AT_ONCE = 25_000  # rows that the engine takes in together: enough for its threads


class PostgresSource(RowSource):
    """Reads `log_entries` of the service: the rows from `start_date` to `end_date`, by `id`.

    Parameters
    ----------
    url : postgresql://user@host:port/database, without a password. Needed.
    password_variable : environment variable that holds the password; None leaves it to libpq's
        own ways (PGPASSWORD, PGPASSFILE, ~/.pgpass).
    start_date, end_date : inclusive bounds, compared with the table's stamps as they stand; a
        date without a time as `end_date` includes that day. None leaves the end open.
    programs : programs to fetch, the WiFi programs always among them; None fetches every row.
        Rows without a program are fetched too: their raw line may name it.
    table_name, batch_size : the table (perhaps schema.table), and rows of one fetch.
    statement_timeout_s : longest time of one statement.
    retries : how often a lost connection is opened again, waiting longer each time.
    max_records : most rows to read, the latest by `id`; None reads all.
    labels : a column of the table, or the name of a CSV file (see `FileSource`, as the rest).
    """

    def __init__(  # one argument for each key of the config group
        self,
        *,
        url: str | None = None,
        password_variable: str | None = None,
        start_date: str | None = None,
        end_date: str | None = None,
        programs: Sequence[str] | None = None,
        table_name: str = "log_entries",
        batch_size: int = 1000,
        statement_timeout_s: int = 300,
        retries: int = 5,
        timezone: str = "UTC",
        max_invalid_ratio: float = 0.05,
        max_records: int | None = None,
        wifi_programs: Sequence[str] = WIFI_PROGRAMS,
        labels: str | None = None,
        clock_reset: str = "repair",
        max_message_chars: int = 4096,
        pseudonymise: bool = True,
        pseudonym_key_file: str | None = None,
    ) -> None:
        wifi = check_names("source.wifi_programs", wifi_programs)
        fetched = () if programs is None else check_names("source.programs", programs)
        chosen = tuple(dict.fromkeys((*wifi, *fetched))) if fetched else None
        rows = row_options(
            timezone=timezone,
            year=None,
            max_invalid_ratio=max_invalid_ratio,
            max_records=max_records,
            wifi_programs=wifi,
            programs=chosen,
            labels=labels,
            clock_reset=clock_reset,
            max_message_chars=max_message_chars,
            pseudonymise=pseudonymise,
            pseudonym_key_file=pseudonym_key_file,
        )
        self._server = Server(
            url=check_url(url),
            password=check_password(password_variable),
            statement_timeout_s=check_count("source.statement_timeout_s", statement_timeout_s),
        )
        self._selection = Selection(
            table=check_table("database.table_name", table_name),
            condition=condition_of(time_bounds(start_date, end_date), programs=chosen or ()),
            most=rows.choices.max_records,
            label=label_column(rows.labels_field),
        )
        self._batch_size = check_count("database.batch_size", batch_size)
        self._retries = check_count("source.retries", retries)
        super().__init__(name=f"{self._server.name} {table_name}", rows=rows)

    def _load(self, extraction: Extraction, *, scratch: Path, progress: bool) -> Loaded:  # noqa: ARG002
        reader = TableReader(
            server=self._server,
            selection=self._selection,
            wanted=COLUMN_NAMES,
            batch_size=self._batch_size,
            retries=self._retries,
        )
        tally = Tally()
        total = reader.survey.matching - reader.left_out
        with (
            reading_progress(total, wanted=progress, unit="rows") as advance,
            working(extraction) as worker,
        ):
            for rows in _gathered(reader.batches()):
                worker.take("columns", tally.numbered(rows), file=0)
                advance(rows.num_rows)
        problems = {"older_rows": reader.left_out} if reader.left_out else {}
        return Loaded(files=[tally.file(self.name)], problems=problems)


def _gathered(batches: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Fetches put together until there are enough rows for the engine."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    count = 0
    for batch in batches:
        waiting.append(batch)
        count += batch.num_rows
        if count >= _ROWS_AT_ONCE:
            yield pa.concat_tables(waiting)
            waiting, count = [], 0
    if waiting:
        yield pa.concat_tables(waiting)
