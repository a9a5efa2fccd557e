"""Where this room keeps what it computes on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.engine import Engine

__all__ = ["Scratch", "Stage"]


class Stage(Protocol):
    """An engine that runs an expression at once, or a plan that keeps it to be run many times."""

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """The rows of `expression` as table `name`."""


class Scratch:
    """An engine that forgets the tables of one step when the step is over."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names: list[str] = []

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """Run `expression` and keep its rows as table `name` until `drop`."""
        self._names.append(name)
        return self._engine.materialise(name, expression)

    def drop(self) -> None:
        """Forget the tables."""
        while self._names:
            self._engine.drop(self._names.pop())
