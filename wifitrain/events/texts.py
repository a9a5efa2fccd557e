"""Distinct texts: what comes a thousand times is understood once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.records import EVENT_COLUMNS, LOG_COLUMNS, TEXT_COLUMNS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.engine import Engine
    from wifitrain.records import Apart

__all__ = ["DistinctTexts", "distinct_texts"]

_LINES, _PLACES = "event_texts", "event_places"
_PLACED, _TOLD = "event_rows", "events_of_texts"
_TEXTS_AT_ONCE = 500_000  # what so many mean, to look it up, fitted into an engine of 250 MB
_OF_ROWS = ("arrival", "access_point", "time", "level", "label")
#: Columns of few distinct texts, of rows and of what is told.
_FEW_OF_ROWS = ("access_point", "level")
_FEW_TOLD = ("program", "interface", "event", "category", "auth_algorithm")


@dataclass(frozen=True, kw_only=True)
class DistinctTexts:
    """Each text as a log line of nobody, whose `arrival` is the number of the text."""

    engine: Engine
    lines: ir.Table  # `LOG_COLUMNS`, and `members`: the numbers of the texts that say this

    def understood(self, events: ir.Table) -> ir.Table:
        """Keep `events`, those of `lines`, in the engine: what they are made of may go."""
        self.engine.materialise(_TOLD, events.drop(*_OF_ROWS[1:]))
        return self.engine.encode(_TOLD, _FEW_TOLD)

    def materialise(self, name: str, logs: Apart, told: ir.Table) -> ir.Table:
        """The events of the rows of `logs`, from what is `understood`, as table `name`.

        In steps, each with a small table to look up in, and without the texts as soon as can be: a
        planner that saw all of it at once would look up texts in rows. Columns that no event fills
        are not stored. `lines` and `told` are gone afterwards.
        """
        places = self.engine.materialise(_PLACES, self._places())
        self.engine.drop(_LINES)
        placed = logs.rows.inner_join(places, "text_id").select(*_OF_ROWS, "place")
        self.engine.materialise(_PLACED, placed)
        placed = self.engine.encode(_PLACED, _FEW_OF_ROWS)
        self.engine.drop(_PLACES)
        found = self._joined(f"{name}_filled", placed, told)
        self.engine.drop(_PLACED)
        self.engine.drop(_TOLD)
        return self.engine.show(name, _whole(found))

    def _joined(self, name: str, rows: ir.Table, told: ir.Table) -> ir.Table:
        """`rows` with what is `told` at their place, a part of the places (0 and up) at a time.

        Only what is told is filtered: of filtered rows the planner expects a handful, and then
        looks up in them.
        """
        counts = told.agg(**{column: told[column].count() for column in told.columns})
        number = counts.to_pyarrow().to_pylist()[0]
        filled = [column for column, n in number.items() if n]
        told = told.select(*filled).rename(place="arrival")
        parts = number["arrival"] // _TEXTS_AT_ONCE + 1
        for part in range(parts):
            some = told.filter(told.place % parts == part)
            joined = rows.inner_join(some, "place")
            kept = [column for column in EVENT_COLUMNS if column in joined.columns]
            keep = self.engine.extend if part else self.engine.materialise
            keep(name, joined.select(*kept))
        return self.engine.backend.table(name)

    def _places(self) -> ir.Table:
        """Of each text the number of the line that says the same."""
        return self.lines.select(text_id=self.lines.members.unnest(), place=self.lines.arrival)


def distinct_texts(engine: Engine, texts: ir.Table) -> DistinctTexts:
    """Every text of `texts` (`Apart.texts`) once."""
    import ibis

    once = texts.group_by(*TEXT_COLUMNS).agg(
        arrival=texts.text_id.min().cast("int64"), members=texts.text_id.collect()
    )
    columns = {
        name: once[name] if name in once.columns else ibis.null(kind)
        for name, kind in LOG_COLUMNS.items()
    }
    lines = engine.materialise(_LINES, once.select(**columns, members=once.members))
    return DistinctTexts(engine=engine, lines=lines)


def _whole(events: ir.Table) -> ir.Table:
    """`events` with all of `EVENT_COLUMNS`."""
    import ibis

    return events.select(
        **{
            name: events[name] if name in events.columns else ibis.null(kind)
            for name, kind in EVENT_COLUMNS.items()
        }
    )
