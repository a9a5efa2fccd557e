"""Distinct texts: what comes a thousand times is understood once."""

from __future__ import annotations

from collections.abc import Iterable
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
#: What so many texts mean, or their numbers alone, to look it up: fits into an engine of 200 MB.
_TEXTS_AT_ONCE, _NUMBERS_AT_ONCE = 250_000, 1_000_000
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
        parts = _parts(places, _NUMBERS_AT_ONCE)
        self._joined(_PLACED, logs.rows, places, parts, columns=(*_OF_ROWS, "place"))
        placed = self.engine.encode(_PLACED, _FEW_OF_ROWS)
        self.engine.drop(_PLACES)
        told = _filled(told).rename(place="arrival")
        parts = _parts(told, _TEXTS_AT_ONCE)
        found = self._joined(f"{name}_filled", placed, told, parts, columns=EVENT_COLUMNS)
        self.engine.drop(_PLACED)
        self.engine.drop(_TOLD)
        return self.engine.show(name, _whole(found))

    def _joined(
        self, name: str, rows: ir.Table, known: ir.Table, parts: int, *, columns: Iterable[str]
    ) -> ir.Table:
        """`rows` with what is `known` by its first column, in `parts` of that, as table `name`.

        Of `columns` those that there are. Only what is known is filtered: of filtered rows the
        planner expects a handful, and then looks up in them.
        """
        key = known.columns[0]
        for part in range(parts):
            some = known.filter(known[key] % parts == part) if parts > 1 else known
            joined = rows.inner_join(some, key)
            keep = self.engine.extend if part else self.engine.materialise
            keep(name, joined.select(*(one for one in columns if one in joined.columns)))
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


def _parts(known: ir.Table, at_once: int) -> int:
    return int(known.count().to_pandas()) // at_once + 1


def _filled(told: ir.Table) -> ir.Table:
    """`told` without the columns that nothing fills."""
    counts = told.agg(**{column: told[column].count() for column in told.columns})
    return told.select(*(name for name, n in counts.to_pyarrow().to_pylist()[0].items() if n))


def _whole(events: ir.Table) -> ir.Table:
    """`events` with all of `EVENT_COLUMNS`."""
    import ibis

    return events.select(
        **{
            name: events[name] if name in events.columns else ibis.null(kind)
            for name, kind in EVENT_COLUMNS.items()
        }
    )
