"""Where this room keeps what it computes on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Stage"]


class Stage(Protocol):
    """An engine that runs an expression at once, or a plan that keeps it to be run many times."""

    def materialise(self, name: str, expression: ir.Table) -> ir.Table:
        """The rows of `expression` as table `name`."""
