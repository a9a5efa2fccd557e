"""Spark for rows, events and windows, with the embedded engine beside it for what is small.

Tables pass between the two, and between one step and the next, as Parquet in the scratch folder.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from wifitrain.engine import Engine
from wifitrain.errors import ConfigError, EngineError

if TYPE_CHECKING:
    from types import TracebackType

    import ibis.expr.types as ir
    from pyspark.sql import SparkSession

__all__ = ["SparkEngine"]

_In = TypeVar("_In")
_Out = TypeVar("_Out")

_RAISED = re.compile(r"[\w.]+(Error|Exception): ")
_MASTER = re.compile(r"local(\[(\*|[1-9]\d*)\])?|spark://\S+|k8s://\S+|yarn")
#: What the meaning of an expression depends on: as in the embedded engine, whatever a site says.
_MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "true",
}
# The event expression refers to its own columns a thousand times over: rules of the optimiser that
# write a column out down to the file would never end. The tables here have no partitions to prune.
_PLAINLY = {
    "spark.sql.optimizer.dynamicPartitionPruning.enabled": "false",
    "spark.sql.optimizer.runtime.bloomFilter.enabled": "false",
    "spark.sql.constraintPropagation.enabled": "false",
}
_TASKS_EACH = 32  # most tasks for each core: files are of different sizes
_QUIET = {"spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}


class SparkEngine(Engine):
    """A Spark session, and an embedded engine that shares its scratch folder.

    Parameters
    ----------
    master : where Spark runs: `local[*]`, `local[2]`, or the URL of a cluster (spark://, k8s://,
        yarn). Workers need this package, and see the export and `directory` under the same paths.
    options : further settings of Spark by name, such as ``spark.executor.memory``.
    memory_limit, threads : of the embedded engine; the limit also holds for each reading task.
    directory : where the scratch folder is made; needed where `master` is a cluster.
    """

    def __init__(
        self,
        *,
        master: str = "local[*]",
        options: Mapping[str, str | int | bool] | None = None,
        memory_limit: str = "2GB",
        threads: int | None = None,
        directory: str | None = None,
    ) -> None:
        super().__init__(memory_limit=memory_limit, threads=threads, directory=directory)
        if not isinstance(master, str) or not _MASTER.fullmatch(master):
            raise ConfigError(
                "engine.master must be local[*], local[N] or the URL of a cluster such as"
                f" spark://host:7077, got {master!r}"
            )
        if not master.startswith("local") and directory is None:
            raise ConfigError(
                "engine.directory must name a folder that every worker sees, for"
                f" engine.master={master}"
            )
        self.master = master
        self.options = _checked(options)
        self._session: SparkSession | None = None
        self._started = False
        self._embedded: Engine | None = None
        self._tables: dict[str, Path] = {}
        self._written = 0

    def __enter__(self) -> Self:
        super().__enter__()
        self._embedded = Engine(
            memory_limit=self.memory_limit, threads=self.threads, directory=str(self.scratch)
        )
        self._embedded.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._tables.clear()
        if (embedded := self._embedded) is not None:
            self._embedded = None
            embedded.__exit__(None, None, None)
        if self._session is not None and self._started:
            self._session.stop()
        self._session = self._backend = None
        super().__exit__(kind, error, trace)

    def _connect(self) -> Any:  # noqa: ANN401 - a type of the extra
        session = self.session  # says so where Spark cannot be imported
        from wifitrain.spark.arrow_backend import connect

        return connect(session)

    def _translate(self, error: BaseException | None) -> None:
        super()._translate(error)
        if type(error).__module__.startswith(("pyspark.", "py4j.")):
            raise EngineError(f"Spark ({self.master}): {_said(error)}") from error

    @property
    def session(self) -> SparkSession:
        """The Spark session: the one that is there, or else one that lasts as long as this."""
        if self._session is None:
            self._session, self._started = _start(
                self.master, {**_QUIET, **_PLAINLY, **self.options, **_MEANING}
            )
        return self._session

    @property
    def embedded(self) -> Engine:
        """The engine in this process, for what is small."""
        if self._embedded is None:
            raise RuntimeError("the engine is not open: use it as a context manager")
        return self._embedded

    def reserve(self, n_bytes: int) -> None:
        """The limit is that of the embedded engine: results live in this process, beside it."""
        self.embedded.reserve(n_bytes)

    def progress(self) -> float | None:
        """Unknown: a step is many jobs of Spark."""
        return None

    def each(self, function: Callable[[_In], _Out], items: Sequence[_In]) -> list[_Out]:
        """`function` of each of `items`, as tasks of Spark; results in the order of the items."""
        context = self.session.sparkContext
        slices = min(len(items), _TASKS_EACH * context.defaultParallelism)
        results: list[_Out] = context.parallelize(items, slices).map(function).collect()
        return results

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run `expression` once and keep its rows as table `name` (replaced if it is there)."""
        path = self.place(name)
        self.backend.to_parquet(expression, path)
        return self._opened(name, path)

    def bring(self, name: str, expression: ir.Table) -> ir.Table:
        """The rows of `expression` as table `name` of the embedded engine."""
        self.materialise(name, expression)
        rows = self.embedded.backend.read_parquet(str(self._tables[name] / "*.parquet"))
        return self.embedded.materialise(name, rows)

    def lend(self, name: str) -> ir.Table:
        """Table `name` of the embedded engine, for expressions of the backend."""
        path = self.place(name)
        path.mkdir()
        rows = self.connection.cursor().table(name)
        rows.write_parquet(str(path / "all.parquet"), compression="zstd")
        return self._opened(name, path)

    def drop(self, name: str) -> None:
        """Forget table `name`, which `materialise` made."""
        self.backend.drop_view(name)
        shutil.rmtree(self._tables.pop(name), ignore_errors=True)

    def place(self, name: str) -> Path:
        """A new place in the scratch folder for the rows of `name`."""
        self._written += 1
        return self.scratch / f"{name}-{self._written}"

    def _opened(self, name: str, path: Path) -> ir.Table:
        """The rows of `path` as table `name`; an older table of that name has been read by now."""
        before, self._tables[name] = self._tables.get(name), path
        table: ir.Table = self.backend.read_parquet(path, table_name=name)
        if before is not None:
            shutil.rmtree(before, ignore_errors=True)
        return table


def _checked(options: Mapping[str, str | int | bool] | None) -> dict[str, str]:
    named = options if options is not None else {}
    if not isinstance(named, Mapping):
        raise ConfigError(
            f"engine.options must be settings of Spark, each with its name, got {named!r}"
        )
    for name, value in named.items():
        if not str(name).startswith("spark.") or not isinstance(value, str | int | bool):
            raise ConfigError(
                "engine.options must be settings of Spark such as spark.executor.memory: 4g,"
                f" got {name}: {value!r}"
            )
        if name in _MEANING:
            raise ConfigError(f"engine.options: {name} is {_MEANING[name]} here, got {value!r}")
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in named.items()
    }


def _start(master: str, settings: Mapping[str, str]) -> tuple[SparkSession, bool]:
    """A session, and whether it is a new one."""
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        raise ConfigError("engine=spark needs Java 17 or newer: no java in PATH, no JAVA_HOME")
    try:
        import wifitrain.spark.arrow_backend  # noqa: F401, I001 - the first import is the quiet one
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise ConfigError("engine=spark needs the extra: pip install 'wifitrain[spark]'") from None
    is_new = SparkSession.getActiveSession() is None
    # Workers on this machine run this Python, not whichever comes first.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    logging.getLogger("py4j").setLevel(logging.WARNING)
    builder = SparkSession.builder.master(master).appName("wifitrain").config(map=dict(settings))
    try:
        return builder.getOrCreate(), is_new
    except (PySparkRuntimeError, Py4JError) as error:
        raise EngineError(
            f"Spark ({master}) did not start; it needs Java 17 or newer: {_said(error)}"
        ) from error


def _said(error: BaseException | None) -> str:
    """What went wrong, in one line: in Python at its end, in Java at its beginning."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    raised = [line for line in lines if _RAISED.match(line)]
    return (raised or lines or [type(error).__name__])[0][:300]
