"""Lines of a log that is still being written, piece by piece through the same steps as a file.

What a file's first line knows of the lines before it, a piece must be told: the last good line of
each access point stands before it as an anchor, so that years, New Years and clock resets come out
as they do in one file. Lines of a clock that has not come back yet wait for the next piece.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from wifitrain.export.canonical import make_canonical
from wifitrain.export.extraction import Extraction
from wifitrain.export.loading import FileAccount
from wifitrain.export.readers import Problems, line_batch
from wifitrain.records import LOG_COLUMNS, LogTable

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.engine import Engine
    from wifitrain.export.source import FileSource
    from wifitrain.records import Json

__all__ = ["LineStream"]

_MOST_WAITING = 5_000

# Anchors stand before every line: `id` is the order, whatever the piece's own times say.
_ANCHORS = """
SELECT place AS record, NULL::VARCHAR AS device, host, NULL::VARCHAR AS level, 'anchor' AS program,
    NULL::VARCHAR AS interface_hint, '' AS message, CASE WHEN NOT yearless THEN told END AS time,
    CASE WHEN yearless THEN told - to_years((year(told) - 2000)::INTEGER) END AS season,
    NULL::VARCHAR AS code, NULL::VARCHAR AS reason, NULL::VARCHAR AS text
FROM (SELECT unnest($place) AS place, unnest($host) AS host, unnest($told) AS told,
    unnest($yearless) AS yearless)
"""

_ORDER = "UPDATE export_typed SET seq = record"

_WAITING = """
SELECT record FROM export_suspects JOIN export_ordered USING (seq)
WHERE suspect AND good_before = good AND NOT ahead ORDER BY record
"""

_LATEST = """
SELECT access_point, arg_max(record, arrival) AS record, max(time) AS time FROM log_rows
WHERE NOT clock_reset AND record > 0 AND NOT list_contains($waiting, record) GROUP BY access_point
"""

_YEARLESS = "SELECT record FROM export_valid WHERE season IS NOT NULL AND record > 0"

_PIECE = """
CREATE OR REPLACE TABLE stream_rows AS
SELECT * REPLACE (record AS arrival) FROM log_rows
WHERE record > 0 AND NOT list_contains($waiting, record)
"""


@dataclass(frozen=True)
class _Anchor:
    """The latest good line of an access point; `yearless`: its stamp had no year."""

    time: datetime
    yearless: bool


@dataclass
class LineStream:
    """Turns pieces of a log into log tables, in order.

    `source` says how lines are read (year, zone, clock resets, programs); of `name` messages speak.
    `modified` is when the log was last written to, which tells the year of stamps without one.
    """

    source: FileSource
    name: str
    modified: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))
    refused: int = 0  # lines that are no log lines
    _next: int = 1  # number of the next line
    _anchors: dict[str, _Anchor] = field(default_factory=dict)
    _waiting: dict[int, bytes] = field(default_factory=dict)

    def take(self, engine: Engine, lines: Sequence[bytes], *, last: bool = False) -> LogTable:
        """The log table of the next `lines`; `arrival` goes on counting from piece to piece.

        With `last` no line waits any longer.
        """
        connection = engine.connection
        numbered = {**self._waiting, **dict(enumerate(lines, start=self._next))}
        self._next += len(lines)
        self._type(engine, numbered)
        choices = replace(self.source.rows.choices, max_records=None, year=self._year())
        connection.execute(
            "CREATE OR REPLACE TABLE export_names AS SELECT 0 AS file, ? AS path", [self.name]
        )
        make_canonical(connection, [self._account()], choices=choices)
        self.refused += _count(engine, "SELECT count(*) FROM export_refused", {})
        waiting = self._to_wait(engine, last=last)
        self._waiting = {number: numbered[number] for number in waiting}
        self._remember(engine, waiting)
        connection.execute(_PIECE, {"waiting": waiting})
        return LogTable(table=_rows(), account={}, digest="")

    def to_json(self) -> Mapping[str, Json]:
        """All that `restore` needs; holds the lines that wait as they were written."""
        return {
            "next": self._next,
            "refused": self.refused,
            "modified": self.modified.isoformat(),
            "anchors": {
                host: [anchor.time.isoformat(), anchor.yearless]
                for host, anchor in self._anchors.items()
            },
            "waiting": {str(n): line.decode("latin-1") for n, line in self._waiting.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `to_json` was called."""
        self._next, self.refused = state["next"], state["refused"]
        self.modified = datetime.fromisoformat(state["modified"])
        self._anchors = {
            host: _Anchor(datetime.fromisoformat(time), yearless)
            for host, (time, yearless) in state["anchors"].items()
        }
        self._waiting = {int(n): line.encode("latin-1") for n, line in state["waiting"].items()}

    def _type(self, engine: Engine, numbered: Mapping[int, bytes]) -> None:
        """Fill `export_typed` with the lines and, before them, the anchors."""
        rows = self.source.rows
        extraction = Extraction(
            connection=engine.connection,
            timezone=rows.choices.timezone,
            max_message_chars=rows.max_message_chars,
            labels_field=None,
        )
        extraction.begin()
        places = list(numbered)
        batch = line_batch(
            [line.replace(b"\0", b"") for line in numbered.values()], first=0, problems=Problems()
        )
        extraction.lines(_renumbered(batch, places), file=0)
        anchors = sorted(self._anchors.items(), key=lambda item: (item[1].time, item[0]))
        if anchors:
            told = engine.connection.sql(
                _ANCHORS,
                params={
                    "place": list(range(-len(anchors), 0)),
                    "host": [host for host, _ in anchors],
                    "told": [self._told(anchor) for _, anchor in anchors],
                    "yearless": [anchor.yearless for _, anchor in anchors],
                },
            )
            extraction.typed(told.to_arrow_table(), file=0)
        extraction.finish()
        engine.connection.execute(_ORDER)

    def _year(self) -> int | None:
        """Year of the first anchor without a year in its stamp, else as configured."""
        yearless = [self._told(anchor) for anchor in self._anchors.values() if anchor.yearless]
        return min(yearless).year if yearless else self.source.rows.choices.year

    def _told(self, anchor: _Anchor) -> datetime:
        """The anchor's time as its line told it: in the log's zone where the stamp has no year."""
        if not anchor.yearless:
            return anchor.time
        zone = ZoneInfo(self.source.rows.choices.timezone)
        return anchor.time.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

    def _account(self) -> FileAccount:
        return FileAccount(
            path=self.name, series=self.name, shape="syslog", bytes=0, rows=0, sha256="",
            modified=self.modified,
        )  # fmt: skip

    def _to_wait(self, engine: Engine, *, last: bool) -> list[int]:
        if last or self.source.rows.choices.clock_reset == "keep":
            return []
        found = engine.connection.execute(_WAITING).fetchall()
        waiting = [number for (number,) in found if number > 0]
        return waiting if len(waiting) <= _MOST_WAITING else []

    def _remember(self, engine: Engine, waiting: Sequence[int]) -> None:
        connection = engine.connection
        yearless = {number for (number,) in connection.execute(_YEARLESS).fetchall()}
        latest = connection.execute(_LATEST, {"waiting": list(waiting)}).fetchall()
        for host, number, time in latest:
            before = self._anchors.get(host)
            if before is None or time >= before.time:
                self._anchors[host] = _Anchor(time, number in yearless)


def _rows() -> ir.Table:
    """The table by its name and types: nothing is asked of the engine."""
    import ibis

    return ibis.table(dict(LOG_COLUMNS), name="stream_rows")


def _renumbered(batch: Any, places: Sequence[int]) -> Any:  # noqa: ANN401 - pyarrow has no types
    import pyarrow as pa

    numbers = [places[place] for place in batch["record"].to_pylist()]
    return batch.set_column(0, "record", pa.array(numbers, pa.int64()))


def _count(engine: Engine, query: str, parameters: Mapping[str, object]) -> int:
    row = engine.connection.execute(query, dict(parameters)).fetchone()
    return int(row[0]) if row else 0
