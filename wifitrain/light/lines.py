"""The raw lines of a window, pseudonymised: what an alert ends in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    import duckdb

    from wifitrain.pseudonyms import Pseudonymiser

__all__ = ["LineShelf", "Spoken", "public_text"]

_SSID = re.compile(r"""(?i)(ssid[= ]\s*)(['"])(.*)\2""")

_LINES = """
SELECT l.time, l.{text} FROM {events} e JOIN {lines} l USING (arrival)
WHERE coalesce(e.access_point, 'unnamed') = $host AND ($link IS NULL OR e.interface = $link)
    AND ($station IS NULL OR e.station = $station)
    AND e.time >= $start AND e.time < $end AND l.{text} IS NOT NULL
ORDER BY list_contains($telling, e.event) DESC, e.event <> 'other' DESC, e.time, e.arrival
LIMIT $most
"""

_COUNTS = """
SELECT e.station, count(*) AS n FROM {events} e
WHERE coalesce(e.access_point, 'unnamed') = $host AND ($link IS NULL OR e.interface = $link)
    AND ($station IS NULL OR e.station = $station)
    AND e.time >= $start AND e.time < $end AND e.event <> 'other'
GROUP BY e.station
"""


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What was said in a window: some lines, how many there were, and who is named most."""

    lines: Sequence[str]
    total: int
    station: str | None


@dataclass(frozen=True, kw_only=True)
class LineShelf:
    """Where the lines of events are: tables with `arrival`, one of them with the texts."""

    connection: duckdb.DuckDBPyConnection
    events: str
    lines: str
    text: str
    entity: str  # what a window belongs to: access_point, interface or station
    pseudonymiser: Pseudonymiser

    def spoken(
        self, entity: str, span: tuple[datetime, datetime], *, telling: Sequence[str], most: int
    ) -> Spoken:
        """The lines of `entity` in `span`; those of the events in `telling` go first."""
        parameters = {**self._where(entity), "start": span[0], "end": span[1]}
        counts = self._run(_COUNTS, parameters)
        named = sorted((-n, station) for station, n in counts if station is not None)
        lines = self._run(_LINES, {**parameters, "telling": list(telling), "most": most})
        return Spoken(
            lines=[
                f"{time.isoformat(' ', 'seconds')} {public_text(text, self.pseudonymiser)}"
                for time, text in sorted(lines, key=lambda line: line[0])
            ],
            total=sum(n for _, n in counts),
            station=named[0][1] if named else None,
        )

    def _where(self, entity: str) -> dict[str, str | None]:
        """The access point, interface and station of an entity's name."""
        if self.entity == "interface":
            host, _, link = entity.rpartition("/")
            return {"host": host, "link": link, "station": None}
        return {"host": entity, "link": None, "station": None}

    def _run(self, query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        # The names are this program's own, never a user's.
        text = query.format(events=self.events, lines=self.lines, text=self.text)
        return self.connection.execute(text, dict(parameters)).fetchall()


def public_text(text: str, names: Pseudonymiser) -> str:
    """`text` with stations and networks as they may be seen."""
    if not names.enabled:
        return text
    hidden = _SSID.sub(
        lambda found: f"{found[1]}{found[2]}{names.networks([found[3]])[found[3]]}{found[2]}", text
    )
    return names.text(hidden)
