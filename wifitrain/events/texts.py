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

_LINES, _PLACED, _TOLD = "event_texts", "event_rows", "events_of_texts"
_OF_ROWS = ("arrival", "access_point", "time", "level", "label")


@dataclass(frozen=True, kw_only=True)
class DistinctTexts:
    """Each text as a log line of nobody, whose `arrival` is the number of the text."""

    engine: Engine
    lines: ir.Table  # `LOG_COLUMNS`

    def materialise(self, name: str, logs: Apart, events: ir.Table) -> ir.Table:
        """The events of the rows of `logs`, from those of the lines, as table `name`.

        In steps, each with small tables to look up in: a planner that saw all of it at once would
        look up texts in rows. Columns that no event fills are not stored.
        """
        told = self.engine.materialise(_TOLD, events.drop(*_OF_ROWS[1:]))
        same = [logs.texts[column].identical_to(self.lines[column]) for column in TEXT_COLUMNS]
        places = logs.texts.inner_join(self.lines.select("arrival", *TEXT_COLUMNS), same)
        places = places.select("text_id", place=places.arrival)
        placed = logs.rows.inner_join(places, "text_id").select(*_OF_ROWS, "place")
        placed = self.engine.materialise(_PLACED, placed)
        counts = told.agg(**{column: told[column].count() for column in told.columns})
        filled = [column for column, n in counts.to_pyarrow().to_pylist()[0].items() if n]
        joined = placed.inner_join(told.select(*filled).rename(place="arrival"), "place")
        kept = [column for column in EVENT_COLUMNS if column in joined.columns]
        found = self.engine.materialise(f"{name}_filled", joined.select(*kept))
        for table in (_LINES, _PLACED, _TOLD):
            self.engine.drop(table)
        return self.engine.show(name, _whole(found))


def distinct_texts(engine: Engine, texts: ir.Table) -> DistinctTexts:
    """Every text of `texts` (`Apart.texts`) once."""
    import ibis

    once = texts.group_by(*TEXT_COLUMNS).agg(arrival=texts.text_id.min().cast("int64"))
    columns = {
        name: once[name] if name in once.columns else ibis.null(kind)
        for name, kind in LOG_COLUMNS.items()
    }
    return DistinctTexts(engine=engine, lines=engine.materialise(_LINES, once.select(**columns)))


def _whole(events: ir.Table) -> ir.Table:
    """`events` with all of `EVENT_COLUMNS`."""
    import ibis

    return events.select(
        **{
            name: events[name] if name in events.columns else ibis.null(kind)
            for name, kind in EVENT_COLUMNS.items()
        }
    )
