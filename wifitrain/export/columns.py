"""CSV and Parquet exports: columns by name, all as text, so that one step types every shape."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import ExportError
from wifitrain.export.fields import COLUMN_NAMES

if TYPE_CHECKING:
    import pyarrow as pa

    from wifitrain.export.streams import Content

__all__ = ["read_csv", "read_parquet"]

_BLOCK_BYTES = 16 << 20
_NEEDED = ("timestamp", "message")


def read_csv(content: Content, *, label: str | None) -> Iterator[tuple[str, pa.Table]]:
    """Rows of a CSV with a header; line breaks in quotes belong to the value, empty is null.

    A row with too few or too many fields is refused. Record numbers count rows, not lines.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    header = _header(content)
    _check(header, content)
    broken: list[tuple[int, str]] = []

    def refuse(row: arrow_csv.InvalidRow) -> str:
        broken.append((row.number - 1, row.text))  # the header is row 1
        return "skip"

    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(content.reader, mode="r"),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, column_names=header, skip_rows=1
            ),
            parse_options=arrow_csv.ParseOptions(
                newlines_in_values=True, invalid_row_handler=refuse
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
            ),
        )
        first = 1
        for batch in reader:
            taken, broken[:] = broken[:], []
            table = pa.Table.from_batches([batch])
            yield "columns", _numbered(_known(table, header, label), first, taken)
            first += batch.num_rows + len(taken)
        if broken:
            yield (
                "columns",
                _numbered(_known(reader.schema.empty_table(), header, label), first, broken),
            )
    except pa.ArrowInvalid as error:
        raise ExportError(f"{content.name}: is not readable CSV: {_line(error)}") from error


def read_parquet(content: Content, *, label: str | None) -> Iterator[tuple[str, pa.Table]]:
    """Rows of a Parquet file; columns of other types than text are cast where they may be."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(content.path)
        names = file.schema_arrow.names
        _check(names, content)
        wanted = [name for name in names if name == label or name.strip().lower() in COLUMN_NAMES]
        first = 1
        for batch in file.iter_batches(batch_size=20_000, columns=wanted):
            table = _as_text(pa.Table.from_batches([batch]), content)
            yield "columns", _numbered(_known(table, wanted, label), first, [])
            first += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise ExportError(f"{content.name}: is not readable Parquet: {_line(error)}") from error


def _header(content: Content) -> list[str]:
    line = content.head.decode("utf-8-sig", "replace").partition("\n")[0].rstrip("\r")
    return next(csv.reader([line]), [])


def _check(names: Sequence[str], content: Content) -> None:
    known = [name.strip().lower() for name in names]
    if missing := [name for name in _NEEDED if name not in known]:
        raise ExportError(
            f"{content.name}: no column {' and '.join(missing)} (has: {', '.join(names[:15])})"
        )
    if len(set(known)) < len(known):
        raise ExportError(f"{content.name}: a column stands twice (has: {', '.join(names[:15])})")


def _known(table: pa.Table, header: Sequence[str], label: str | None) -> pa.Table:
    """`COLUMN_NAMES` and the label, all of text, null where the export has no such column."""
    import pyarrow as pa

    places = {name.strip().lower(): at for at, name in enumerate(header)}
    places["\0label"] = list(header).index(label) if label and label in header else -1
    columns = {}
    for name in (*COLUMN_NAMES, "\0label"):
        at = places.get(name, -1)
        columns[name.strip("\0")] = (
            table.column(at) if at >= 0 else pa.nulls(table.num_rows, pa.string())
        )
    return pa.table(columns)


def _as_text(table: pa.Table, content: Content) -> pa.Table:
    import pyarrow as pa

    message = table.schema.field(_place(table, "message")).type
    if pa.types.is_dictionary(message):
        message = message.value_type
    if not (pa.types.is_string(message) or pa.types.is_large_string(message)):
        raise ExportError(f"{content.name}: column message is {message}, expected text")
    columns = [
        pa.nulls(table.num_rows, pa.string())
        if pa.types.is_nested(column.type)
        else column.cast(pa.string())
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _place(table: pa.Table, wanted: str) -> int:
    return next(i for i, name in enumerate(table.column_names) if name.strip().lower() == wanted)


def _numbered(table: pa.Table, first: int, broken: Sequence[tuple[int, str]]) -> pa.Table:
    """Add `record` (refused rows keep their place in the count) and `broken` (their text)."""
    import numpy as np
    import pyarrow as pa

    numbers = np.arange(first, first + table.num_rows + len(broken), dtype=np.int64)
    refused = np.array([number for number, _ in broken], dtype=np.int64)
    table = table.append_column(
        "record", pa.array(np.setdiff1d(numbers, refused)[: table.num_rows])
    )
    table = table.append_column("broken", pa.nulls(table.num_rows, pa.string()))
    if not broken:
        return table
    texts = pa.array([text for _, text in broken], pa.string())
    rows = pa.table({"record": pa.array(refused), "broken": texts})
    return pa.concat_tables([table, rows], promote_options="default")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
