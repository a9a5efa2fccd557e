"""The embedded analytical engine: one DuckDB database for each run, in bounded memory.

Rows, events and windows live here; only X and what is small ever becomes pandas.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from wifitrain.errors import ConfigError, EngineError

if TYPE_CHECKING:
    from types import TracebackType

    import duckdb
    import ibis.expr.types as ir
    from ibis.backends.duckdb import Backend
    from ibis.expr.datatypes import DataType

    from wifitrain.records import Json

__all__ = ["Engine"]

_INTERRUPTED = "Query interrupted"  # what DuckDB makes of SIGINT
_MEMORY = re.compile(r"^(\d+(?:\.\d+)?)\s?(MB|GB|MiB|GiB)$")
_BYTES = {"MB": 10**6, "GB": 10**9, "MiB": 2**20, "GiB": 2**30}
#: DuckDB counts its buffers; what its allocator keeps beside them comes on top, about a sixth.
_COUNTED = 5 / 6
#: However large results are, this much of the limit stays: joins of a group failed at 180 MB.
_LEAST_SHARE, _LEAST_BYTES = 1 / 3, 300e6
_MOST_TEXTS = 255  # of a column that keeps their numbers: what Ibis asks of a table names them all


class Engine:
    """A DuckDB database in a scratch folder that disappears with the run.

    Parameters
    ----------
    memory_limit : most memory the engine may take, such as ``2GB``; beyond it spills to disk. The
        largest result that `reserve` made room for is part of it.
    threads : threads of the engine, at least 1; None takes all cores. Results do not depend on it.
    directory : where the scratch folder and X of large exports lie; None takes the system's
        temporary folder.
    """

    def __init__(
        self, *, memory_limit: str = "2GB", threads: int | None = None, directory: str | None = None
    ) -> None:
        if not isinstance(memory_limit, str) or not _MEMORY.match(memory_limit):
            raise ConfigError(
                f"engine.memory_limit must be a size such as 2GB or 512MB, got {memory_limit!r}"
            )
        if threads is not None and (not isinstance(threads, int) or threads < 1):
            raise ConfigError(f"engine.threads must be null or at least 1, got {threads!r}")
        self.memory_limit = memory_limit
        self.threads = threads
        self.directory = directory
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._backend: Backend | None = None
        self._reserved = 0

    def __enter__(self) -> Self:
        self._scratch = tempfile.TemporaryDirectory(prefix="wifitrain-", dir=self.directory)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.renew()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None
        self._translate(error)

    def identity(self) -> Mapping[str, Json]:
        """What results depend on beside the kind of engine: nothing, to the last bit."""
        return {}

    def _connect(self) -> Backend:
        import ibis

        options: dict[str, object] = {
            "memory_limit": _counted(self._left),
            "temp_directory": str(self.scratch / "spill"),
            "preserve_insertion_order": False,
        }
        if self.threads is not None:
            options["threads"] = self.threads
        # Ibis takes twice as long where it fuses the steps of an expression; DuckDB does so itself.
        ibis.options.sql.fuse_selects = False
        backend: Backend = ibis.duckdb.connect(":memory:", **options)
        backend.con.execute("SET GLOBAL TimeZone = 'UTC'")  # for every connection to it
        backend.con.execute("SET TimeZone = 'UTC'")
        backend.con.execute("SET enable_progress_bar = true")  # or nobody can ask for it
        backend.con.execute("SET enable_progress_bar_print = false")
        return backend

    def _translate(self, error: BaseException | None) -> None:
        """What the user can do something about becomes one line, Ctrl-C what it is elsewhere."""
        import duckdb

        if isinstance(error, RuntimeError) and str(error) == _INTERRUPTED:
            raise KeyboardInterrupt from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise EngineError(
                f"the engine needs more memory than engine.memory_limit={self.memory_limit}"
                f" (or its disk is full): {_first_line(error)}"
            ) from error
        cannot_write = isinstance(error, duckdb.IOException) or "No space left" in str(error)
        if cannot_write and isinstance(error, duckdb.Error):
            raise EngineError(
                f"the engine cannot write its scratch files (engine.directory):"
                f" {_first_line(error)}"
            ) from error

    @property
    def scratch(self) -> Path:
        """The folder of this run's temporary files; gone when the engine closes."""
        if self._scratch is None:
            raise RuntimeError("the engine is not open: use it as a context manager")
        return Path(self._scratch.name)

    @property
    def backend(self) -> Backend:
        """The Ibis backend, where expressions are built and run; opened at first use."""
        if self._backend is None:
            self._backend = self._connect()
        return self._backend

    @property
    def embedded(self) -> Engine:
        """The engine in this process, for what is small: this one."""
        return self

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection of the embedded engine, for reading files and record batches."""
        connection: duckdb.DuckDBPyConnection = self.embedded.backend.con
        return connection

    def progress(self) -> float | None:
        """Share of the statement that runs now (asked from another thread), None if unknown."""
        backend = self._backend
        percent = -1.0 if backend is None else float(backend.con.query_progress())
        return None if percent < 0 else min(percent / 100, 1.0)

    def reserve(self, n_bytes: int) -> None:
        """Leave `n_bytes` of the limit to a result that lives beside the tables.

        The largest counts until the engine closes or is renewed: the first one is there while a
        later one, such as windows of a few hours, comes and goes. The engine keeps a third of its
        limit, at least 300 MB (or all of a smaller limit), and more while it cannot spill what is
        in use.
        """
        import duckdb

        self._reserved = max(self._reserved, n_bytes)
        if self._backend is None:
            return  # `_connect` begins with what is left
        # Refused where what is in use takes more: the limit then stays as it was.
        with contextlib.suppress(duckdb.OutOfMemoryException):
            self.connection.execute(f"SET memory_limit = '{_counted(self._left)}'")

    @property
    def _left(self) -> float:
        """Bytes that remain to the engine itself."""
        limit = _bytes_of(self.memory_limit)
        return max(limit - self._reserved, limit * _LEAST_SHARE, min(limit, _LEAST_BYTES))

    def renew(self) -> None:
        """Go on with an empty database, for whoever runs statements without end.

        DuckDB 2.0 keeps some 15 KB of each statement with a window function until its database is
        closed, whatever becomes of the tables.
        """
        if self._backend is not None:
            self._backend.disconnect()
            self._backend = None
        self._reserved = 0

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run `expression` once and keep its rows as table `name` (replaced if it is there)."""
        asked = f"{name}_asked"
        self.backend.create_view(asked, expression, overwrite=True)
        try:
            self._forget(name, "VIEW")
            columns = ", ".join(self._stored(*column) for column in expression.schema().items())
            rows = f'SELECT {columns} FROM "{asked}"'  # noqa: S608 - our own names
            self.backend.con.execute(f'CREATE OR REPLACE TABLE "{name}" AS {rows}')
        finally:
            self._forget(asked, "VIEW")
        return self.backend.table(name)

    def _stored(self, name: str, kind: DataType) -> str:
        """A column of the type that its expression has; texts that are encoded stay so."""
        if kind.is_string():
            return f'"{name}"'
        return f'CAST("{name}" AS {self.backend.compiler.type_mapper.to_string(kind)}) AS "{name}"'

    def extend(self, name: str, expression: ir.Table) -> None:
        """Run `expression` and put its rows into table `name`, which `materialise` made here.

        Its columns are those of the table, in any order, and texts of encoded columns are known to
        it. Of the embedded engine alone.
        """
        self.backend.insert(name, expression)

    def encode(self, name: str, columns: Sequence[str]) -> ir.Table:
        """Keep texts of `columns` as numbers of a byte, in table `name`, which `materialise` made.

        Whoever asks sees the same texts, in the same order; tables made from this one keep the
        numbers. Columns with more than 255 distinct texts stay as they are. Of the embedded engine
        alone.
        """
        for column in columns:
            self._encode(f'"{name}"', f'"{column}"')
        return self.backend.table(name)

    def _encode(self, table: str, column: str) -> None:
        connection = self.backend.con
        known = f"FROM {table} WHERE {column} IS NOT NULL"
        texts = f"SELECT DISTINCT {column} {known} ORDER BY 1"
        found = connection.execute(f"{texts} LIMIT {_MOST_TEXTS + 1}").fetchall()
        if not 0 < len(found) <= _MOST_TEXTS:
            return
        connection.execute(f"CREATE OR REPLACE TYPE repeated_text AS ENUM ({texts})")
        connection.execute(f"ALTER TABLE {table} ALTER {column} TYPE repeated_text")
        connection.execute("DROP TYPE repeated_text")  # the column has one of its own

    def show(self, name: str, expression: ir.Table) -> ir.Table:
        """Keep `expression` itself as view `name` (replaced if it is there)."""
        self._forget(name, "BASE TABLE")
        return self.backend.create_view(name, expression, overwrite=True)

    def bring(self, name: str, expression: ir.Table) -> ir.Table:
        """Like `materialise`, into the embedded engine: for what is small."""
        return self.materialise(name, expression)

    def lend(self, name: str) -> ir.Table:
        """Table `name` of the embedded engine, for expressions of the backend."""
        return self.backend.table(name)

    def drop(self, name: str) -> None:
        """Forget table or view `name`, which `materialise` or `show` made."""
        self._forget(name, "BASE TABLE", "VIEW")

    def _forget(self, name: str, *kinds: str) -> None:
        """Drop what is called `name`, if it is of one of `kinds`."""
        connection = self.backend.con
        question = "SELECT table_type FROM information_schema.tables WHERE table_name = ?"
        for (kind,) in connection.execute(question, [name]).fetchall():
            if kind in kinds:
                connection.execute(f'DROP {kind.removeprefix("BASE ")} "{name}"')


def _bytes_of(size: str) -> float:
    number, unit = _MEMORY.fullmatch(size).groups()  # type: ignore[union-attr]  # was checked
    return float(number) * _BYTES[unit]


def _counted(n_bytes: float) -> str:
    """The limit that keeps DuckDB within `n_bytes`, in its words."""
    return f"{int(n_bytes * _COUNTED)}B"


def _first_line(error: BaseException) -> str:
    return str(error).split("\n", maxsplit=1)[0]
