"""Expressions over tables whose names and types are known: compiled once, run for every piece.

Ibis takes two seconds of a processor to build and compile the expressions of one piece of a log,
the engine a tenth of that to run them over some thousand lines. And what Ibis compiles leaves
something behind each time. SQL is text: it also outlives the engine that it was compiled for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import pyarrow as pa

    from wifitrain.engine import Engine

__all__ = ["Plan"]


class Plan:
    """Takes the place of an engine where a room makes tables, and keeps the SQL that makes them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._constants: dict[str, pa.Table] = {}
        self._ready: duckdb.DuckDBPyConnection | None = None  # the one that has the constants
        self._tables: list[str] = []
        self._statements: list[str] = []
        self._questions: dict[str, str] = {}

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Table `name`, typed as Ibis says and not as the engine would: there once `run` was."""
        import ibis

        self._keep_constants(expression)
        schema = expression.schema()
        columns = ", ".join(one.sql("duckdb") for one in schema.to_sqlglot_column_defs("duckdb"))
        self._tables.append(name)
        self._statements += [
            f'CREATE OR REPLACE TEMP TABLE "{name}" ({columns})',
            f'INSERT INTO "{name}" {self._engine.backend.compile(expression)}',
        ]
        return ibis.table(schema, name=name)

    def ask(self, name: str, expression: ir.Table) -> None:
        """Have the rows of `expression` among the answers of `run`."""
        self._keep_constants(expression)
        self._questions[name] = self._engine.backend.compile(expression)

    def run(self) -> dict[str, pa.Table]:
        """Make the tables, from those that are there now, and answer the questions."""
        connection = self._engine.connection
        if connection is not self._ready:
            for name, table in self._constants.items():
                connection.register(name, table)
            self._ready = connection
        for statement in self._statements:
            connection.execute(statement)
        return {
            name: connection.sql(question).to_arrow_table()
            for name, question in self._questions.items()
        }

    def drop(self) -> None:
        """Let go of the tables."""
        for name in self._tables:
            self._engine.connection.execute(f'DROP TABLE IF EXISTS "{name}"')

    def _keep_constants(self, expression: ir.Table) -> None:
        """Small tables inside the expression, such as those of the grammars."""
        from ibis.expr.operations import InMemoryTable

        for table in expression.op().find(InMemoryTable):
            self._constants[table.name] = table.data.to_pyarrow(table.schema)
