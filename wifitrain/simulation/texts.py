"""The text of a whole export, piece by piece: envelope, rows, separators."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.simulation.shapes import ENTRY_FIELDS, export_rows, json_texts, syslog_texts

if TYPE_CHECKING:
    import pyarrow as pa

    from wifitrain.simulation.simulator import Simulator

__all__ = ["Draft", "texts_of"]

_FIRST_ID = 100_001
_ROW_DEPTH = 4


@dataclass(kw_only=True)
class Draft:
    """One writing of a simulation; `rows` counts the lines that went through it.

    `scratch` names a file that shapes with a count in their head may use for the lines.
    """

    simulator: Simulator
    scratch: Path
    indent: bool = False
    pri: bool = True
    rows: int = field(default=0, init=False)

    def lines(self) -> Iterator[pa.Table]:
        """The simulated lines, counted."""
        for lines in self.simulator.lines():
            self.rows += lines.num_rows
            yield lines

    def rows_of(self, lines: pa.Table, *, first_id: int) -> pa.Table:
        """Lines as thirteen-field rows, numbered from `first_id`."""
        numbers = {host.name: host.number for host in self.simulator.hosts}
        return export_rows(lines, first_id=first_id, device_ids=numbers)

    def export_rows(self) -> Iterator[pa.Table]:
        """The thirteen-field rows, oldest first."""
        for lines in self.lines():
            yield self.rows_of(lines, first_id=_FIRST_ID + self.rows - lines.num_rows)

    def newest_first(self) -> Iterator[pa.Table]:
        """The thirteen-field rows by falling id; to be called when the lines are spooled."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.scratch) as spool:
            following = _FIRST_ID + self.rows
            for group in reversed(range(spool.num_row_groups)):
                lines = spool.read_row_group(group)
                following -= lines.num_rows
                rows = self.rows_of(lines, first_id=following)
                yield rows.take(np.arange(rows.num_rows - 1, -1, -1))

    def oldest_first(self) -> Iterator[pa.Table]:
        """The spooled lines in order of arrival."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.scratch) as spool:
            for group in range(spool.num_row_groups):
                yield spool.read_row_group(group)

    def spool(self) -> None:
        """Put the lines aside, one row group for each piece, so that they are counted first."""
        import pyarrow.parquet as pq

        from wifitrain.simulation.lines import line_schema

        with pq.ParquetWriter(self.scratch, line_schema(), compression="zstd") as spool:
            for lines in self.lines():
                spool.write_table(lines, row_group_size=max(lines.num_rows, 1))


def texts_of(draft: Draft, shape: str) -> Iterator[str]:
    """The export in `shape` (E1, E2, E9 or E10) as pieces of text."""
    return {"E1": _e1, "E2": _e2, "E9": _e9, "E10": _ndjson}[shape](draft)


def _e1(draft: Draft) -> Iterator[str]:
    draft.spool()
    head = {
        "created_at": _end_text(draft),
        "total_records": draft.rows,
        "format": "json",
    }
    return _document(draft, {"export_metadata": head, "data": []}, draft.newest_first())


def _e2(draft: Draft) -> Iterator[str]:
    draft.spool()
    head = {"created_at": _end_text(draft), "total_records": draft.rows}
    rows = (
        draft.rows_of(lines, first_id=_FIRST_ID).select(ENTRY_FIELDS)
        for lines in draft.oldest_first()
    )
    return _document(draft, {"metadata": head, "logs": []}, rows)


def _e9(draft: Draft) -> Iterator[str]:
    for lines in draft.lines():
        yield _joined(syslog_texts(lines, pri=draft.pri), "\n") + "\n"


def _ndjson(draft: Draft) -> Iterator[str]:
    for rows in draft.export_rows():
        yield _joined(json_texts(rows), "\n") + "\n"


def _document(
    draft: Draft, envelope: Mapping[str, object], pieces: Iterator[pa.Table]
) -> Iterator[str]:
    """One JSON object whose last key holds the rows."""
    depth = _ROW_DEPTH if draft.indent else 0
    gap = "\n" + " " * depth if draft.indent else ""
    layout = {"indent": 2} if draft.indent else {"separators": (",", ":")}
    yield json.dumps(envelope, **layout).rstrip("}\n").removesuffix("]")
    separator = gap
    for rows in pieces:
        yield separator + _joined(json_texts(rows, indent=depth), "," + gap)
        separator = "," + gap
    yield "\n  ]\n}\n" if draft.indent else "]}"


def _joined(texts: pa.ChunkedArray, separator: str) -> str:
    return separator.join(texts.to_pylist())


def _end_text(draft: Draft) -> str:
    return str(np.datetime64(draft.simulator.end, "us")).removesuffix(".000000")
