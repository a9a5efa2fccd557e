"""Ibis on Spark with Arrow on both ways: Spark's own way through pandas lags behind pandas."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.spark.java_patterns import java_pattern

with warnings.catch_warnings():
    # They say so while they are imported; no frame of pandas passes through Spark here.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    import pyspark.testing.utils  # noqa: F401 - Spark would, at some odd moment
    from ibis.backends.pyspark import Backend
    from ibis.backends.pyspark.datatypes import PySparkType

if TYPE_CHECKING:
    from collections.abc import Mapping

    import ibis.expr.operations as ops
    import ibis.expr.types as ir
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["ArrowBackend", "connect"]


class ArrowBackend(Backend):  # type: ignore[misc]  # Ibis has no types
    """Ibis's backend for Spark; results and small tables travel as Arrow."""

    def compile(self, expr: ir.Expr, /, **options: Any) -> str:  # noqa: ANN401
        """`expr` as Spark's SQL, with patterns that Java reads as RE2 would."""
        text: str = super().compile(expr.op().replace(_for_java).to_expr(), **options)
        return text

    def to_pyarrow(self, expr: ir.Expr, /, **options: Any) -> pa.Table:  # noqa: ANN401 - Ibis's
        """The result of `expr` as Arrow."""
        return expr.__pyarrow_result__(self._arrow(expr, **options))

    def execute(self, expr: ir.Expr, /, **options: Any) -> Any:  # noqa: ANN401 - frame or scalar
        """The result of `expr` as pandas, in the types that the embedded engine gives."""
        import pandas as pd
        from ibis.formats.pandas import PandasData

        table = self._arrow(expr, **options)
        frame = pd.DataFrame(
            {
                name: column.to_pylist() if column.null_count else column.to_pandas()
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
        )
        return expr.__pandas_result__(PandasData.convert_table(frame, expr.as_table().schema()))

    def to_parquet(self, expr: ir.Table, /, path: str | Path, **options: Any) -> None:  # noqa: ANN401
        """Write the rows of `expr` into the folder `path`, in the types of its schema."""
        self._frame(expr).write.parquet(str(path), **options)

    def _arrow(self, expr: ir.Expr, **options: Any) -> pa.Table:  # noqa: ANN401
        return self._frame(expr, **options).toArrow()

    def _frame(self, expr: ir.Expr, **options: Any) -> DataFrame:  # noqa: ANN401
        """`expr` as a frame of Spark, whose functions give narrower integers than Ibis says."""
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        frame = self._session.sql(self.compile(table, **options))
        return frame.select(
            *(
                frame[name].cast(PySparkType.from_ibis(kind)) if kind.is_integer() else frame[name]
                for name, kind in table.schema().items()
            )
        )

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        frame = self._session.createDataFrame(op.data.to_pyarrow(op.schema))
        frame.createOrReplaceTempView(op.name)


def _for_java(node: ops.Node, changed: Mapping[str, Any] | None) -> ops.Node:
    """`node` with what became of its children; a pattern is put into Java's words."""
    import ibis.expr.operations as ops

    if isinstance(node, ops.RegexSearch | ops.RegexExtract | ops.RegexReplace):
        pattern = ops.Literal(java_pattern(node.pattern.value), node.pattern.dtype)
        changed = {**(changed or {}), "pattern": pattern}
    return node.copy(**changed) if changed else node


def connect(session: SparkSession) -> ArrowBackend:
    """A backend on `session`."""
    ArrowBackend.register_options()
    backend = ArrowBackend()
    backend.do_connect(session)
    return backend
