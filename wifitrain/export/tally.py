"""The count and digest of a table's rows, which do not depend on how they were fetched."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wifitrain.export.loading import FileAccount

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tally"]


class Tally:
    """Counts rows and digests their columns: the same rows, however cut, give the same digest."""

    def __init__(self) -> None:
        # of the lengths and of the texts of each column
        self._digests: defaultdict[str, hashlib._Hash] = defaultdict(hashlib.sha256)
        self._rows = self._bytes = 0

    def numbered(self, rows: pa.Table) -> pa.Table:
        """`rows` with the column `record`, counted from 1, and an empty column `broken`."""
        import numpy as np
        import pyarrow as pa

        for name in rows.column_names:
            self._take(name, rows.column(name).combine_chunks())
        self._bytes += rows.nbytes
        numbers = np.arange(self._rows + 1, self._rows + 1 + rows.num_rows, dtype=np.int64)
        self._rows += rows.num_rows
        return rows.append_column("record", pa.array(numbers)).append_column(
            "broken", pa.nulls(rows.num_rows, pa.string())
        )

    def file(self, name: str) -> FileAccount:
        """The rows so far as one piece of an export."""
        parts = sorted((key, digest.hexdigest()) for key, digest in self._digests.items())
        return FileAccount(
            path=name,
            series=name,
            shape="postgres",
            bytes=self._bytes,
            rows=self._rows,
            sha256=hashlib.sha256(repr(parts).encode()).hexdigest(),
            modified=datetime.now(UTC).replace(tzinfo=None),
        )

    def _take(self, name: str, column: pa.Array) -> None:
        import pyarrow.compute as pc

        lengths = pc.fill_null(pc.binary_length(column), -1)
        self._digests[f"{name}: lengths"].update(lengths.to_numpy().tobytes())
        joined = pc.binary_join(_one_list(pc.fill_null(column, "")), "")
        self._digests[f"{name}: texts"].update(joined[0].as_buffer())


def _one_list(column: pa.Array) -> pa.Array:
    import pyarrow as pa

    return pa.ListArray.from_arrays(pa.array([0, len(column)], pa.int32()), column)
