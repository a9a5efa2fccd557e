"""Distinct texts: what comes a thousand times is understood once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.records import EVENT_COLUMNS, LOG_COLUMNS, TEXT_COLUMNS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.engine import Engine

__all__ = ["DistinctTexts", "distinct_texts"]

_LINES, _PLACES = "event_texts", "event_text_places"


@dataclass(frozen=True, kw_only=True)
class DistinctTexts:
    """Each text as a log line of nobody, whose `arrival` is the number of the text."""

    lines: ir.Table  # `LOG_COLUMNS`
    places: ir.Table  # text_id -> arrival

    def events_of(self, rows: ir.Table, events: ir.Table) -> ir.Table:
        """The events of `rows` (`Apart.rows`) from those of the lines."""
        told = events.rename(text="arrival").drop("access_point", "time", "level", "label")
        placed = rows.inner_join(self.places, "text_id")
        return placed.inner_join(told, "text").select(*EVENT_COLUMNS)


def distinct_texts(engine: Engine, texts: ir.Table) -> DistinctTexts:
    """Every text of `texts` (`Apart.texts`) once, and where rows find it."""
    import ibis

    once = texts.group_by(*TEXT_COLUMNS).agg(arrival=texts.text_id.min().cast("int64"))
    columns = {
        name: once[name] if name in once.columns else ibis.null(kind)
        for name, kind in LOG_COLUMNS.items()
    }
    lines = engine.materialise(_LINES, once.select(**columns))
    same = [texts[name].identical_to(lines[name]) for name in TEXT_COLUMNS]
    places = texts.inner_join(lines.select("arrival", *TEXT_COLUMNS), same)
    places = places.select("text_id", text=places.arrival)
    return DistinctTexts(lines=lines, places=engine.materialise(_PLACES, places))
