"""Large exports are featured by groups of entities, so that what is joined at a time stays small.

What an access point or a station says never changes another's windows. Interfaces of an access
point stay together: a handshake may be logged without the interface that its station came to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.features.grid import steps_between_windows
from wifitrain.records import EVENT_COLUMNS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.engine import Engine

__all__ = ["GROUP_WEIGHT", "ONE_GROUP_ROWS", "Groups", "groups_of"]

#: Up to so many rows are one group, without looking how many windows they make.
ONE_GROUP_ROWS = 2_000_000
#: A group weighs about this much, if no entity alone weighs more.
GROUP_WEIGHT = 700_000
#: A row weighs 1 and a window this: there may be more windows than rows.
_WINDOW_WEIGHT = 8
#: No feature reads these.
_UNUSED = ("category", "session", "noise_dbm", "channel")


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Entities in the order of X, so many at a time, and how many windows all of them have."""

    entities: ir.Table  # entity, number of its group
    numbers: tuple[int, ...]
    n_windows: int

    def events(self, engine: Engine, rows: ir.Table) -> Iterator[ir.Table]:
        """The events of one group after another, as long as the next one is not asked for.

        They are put in order first: the engine knows the least and the greatest of each block of a
        table and leaves out the rest. Otherwise every pass over a group would read all that was
        spilled, and spill it again.
        """
        numbered = rows.inner_join(self.entities, "entity")
        kept = [name for name in EVENT_COLUMNS if name not in _UNUSED]
        table = engine.materialise(
            "feature_events", numbered.select(*kept, "number").order_by("number")
        )
        try:
            for number in self.numbers:
                yield table.filter(table.number == number).drop("number")
        finally:
            engine.drop("feature_events")
            engine.drop("feature_groups")


def groups_of(
    engine: Engine, rows: ir.Table, *, entity: str, max_silence_s: int, most: int
) -> Groups:
    """Groups that weigh about `most`, in the order of their entities."""
    lines = rows.group_by("entity", "window").agg(
        n_lines=rows.count(), first_line_ms=rows.at_ms.min(), last_line_ms=rows.at_ms.max()
    )
    lines = engine.materialise("feature_sizes", lines)
    steps = steps_between_windows(lines, max_silence_s=max_silence_s)
    entities = engine.materialise("feature_groups", _numbered(steps, entity=entity, most=most))
    engine.drop("feature_sizes")
    sizes = entities.group_by("number").agg(n_windows=entities.n_windows.sum().cast("int64"))
    found = sizes.order_by("number").to_pyarrow().to_pydict()
    return Groups(
        entities=entities.select("entity", "number"),
        numbers=tuple(found["number"]),
        n_windows=sum(found["n_windows"]),
    )


def _numbered(steps: ir.Table, *, entity: str, most: int) -> ir.Table:
    """Every entity with the number of its group and of its windows.

    What stays together begins with the same name, hence stands together in the order of entities.
    """
    import ibis

    windows = 1 + ibis.ifelse(steps.is_gap, 0, steps.between)
    weighed = steps.group_by("entity").agg(
        n_windows=windows.sum().cast("int64"),
        weight=(steps.n_lines + windows * _WINDOW_WEIGHT).sum(),
    )
    together = weighed.entity.split("/")[0] if entity == "interface" else weighed.entity
    weighed = weighed.mutate(together=together)
    units = weighed.group_by("together").agg(
        weight=weighed.weight.sum(), first=weighed.entity.min()
    )
    so_far = units.weight.sum().over(ibis.cumulative_window(order_by="first")).cast("int64")
    numbers = units.select("together", number=((so_far - 1) // most).cast("int32"))
    return weighed.inner_join(numbers, "together").select("entity", "number", "n_windows")
