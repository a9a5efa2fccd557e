"""The events that windows to come depend on, and the text of those whose windows are open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wifitrain.features import context_of
from wifitrain.light.lines import LineShelf, public_text
from wifitrain.light.plans import Plan
from wifitrain.records import EVENT_COLUMNS

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from wifitrain.engine import Engine
    from wifitrain.light.settings import FollowSettings
    from wifitrain.pseudonyms import Pseudonymiser

__all__ = ["EventMemory"]

_BEGIN = """
CREATE OR REPLACE TABLE {table} AS
SELECT e.*, l.message AS text FROM {events} e JOIN {lines} l USING (arrival) LIMIT 0
"""

#: A line is late where its window was over when it came: by the lines before it, not by the piece.
_JOIN = """
INSERT INTO {table}
WITH clocked AS (
    SELECT e.*, l.message AS text, e.access_point AS host,
        greatest(max(epoch_ms(e.time)) OVER (PARTITION BY e.access_point ORDER BY e.arrival),
            coalesce(w.latest, 0)) - $lateness AS settled
    FROM {events} e JOIN {lines} l USING (arrival)
    LEFT JOIN (SELECT unnest($hosts) AS name, unnest($latest) AS latest) w
        ON w.name = e.access_point
)
SELECT * EXCLUDE (host, settled) FROM clocked
WHERE epoch_ms(time) >= settled - settled % $window
"""

_CLOCKS = "SELECT access_point, max(epoch_ms(time)) FROM {table} GROUP BY access_point"

_CLOSED = """
CREATE OR REPLACE TEMP TABLE piece_closed AS
SELECT unnest($hosts)::VARCHAR AS of_host, unnest($closed)::BIGINT AS closed_ms
"""

_KEEP = """
CREATE OR REPLACE TABLE {table} AS
SELECT e.* REPLACE (CASE WHEN epoch_ms(e.time) >= coalesce(c.closed_ms, 0) THEN text END AS text)
FROM {table} e SEMI JOIN piece_kept USING (arrival)
LEFT JOIN piece_closed c ON c.of_host = e.access_point
"""


class EventMemory:
    """Table `follow_events` of the engine: what came, until it is left behind."""

    table = "follow_events"

    def __init__(self, engine: Engine, pseudonymiser: Pseudonymiser, *, entity: str) -> None:
        self._engine = engine
        self._entity = entity
        self._pseudonymiser = pseudonymiser
        self._begun = False
        self._plan: Plan | None = None

    @property
    def shelf(self) -> LineShelf:
        """The lines of windows that are open."""
        return LineShelf(
            connection=self._connection,
            events=self.table,
            lines=self.table,
            text="text",
            entity=self._entity,
            pseudonymiser=self._pseudonymiser,
        )

    def join(
        self, *, events: str, lines: str, latest: Mapping[str, int], limits: Mapping[str, int]
    ) -> tuple[int, int]:
        """Take in new events with their lines, but not those that came too late.

        `latest` has the latest time of each access point so far, `limits` the `lateness` and the
        `window`, all in milliseconds.

        Returns
        -------
        (kept, late) : numbers of events.
        """
        names = {"table": self.table, "events": events, "lines": lines}
        if not self._begun:
            self._connection.execute(_BEGIN.format(**names))
            self._begun = True
        came = self._count(events)
        hosts = {"hosts": list(latest), "latest": list(latest.values())}
        done = self._connection.execute(_JOIN.format(**names), {**hosts, **limits}).fetchone()
        kept = int(done[0]) if done else 0
        return kept, came - kept

    def clocks(self) -> dict[str, int]:
        """Access point -> the latest time of the events that are there, ms."""
        return dict(self._connection.execute(_CLOCKS.format(table=self.table)).fetchall())

    def leave(self, closed: Mapping[str, int], *, window_s: int, settings: FollowSettings) -> None:
        """Leave behind what no window after `closed` (access point -> ms) depends on."""
        if self._plan is None:
            self._plan = self._made(window_s, settings)
        hosts = {"hosts": list(closed), "closed": list(closed.values())}
        self._connection.execute(_CLOSED, hosts)
        self._plan.run()
        self._connection.execute(_KEEP.format(table=self.table))
        self._plan.drop()
        self._connection.execute("DROP TABLE piece_closed")

    def rows(self) -> pa.Table | None:
        """All of it, with the text as it may be seen; None before anything came."""
        import pyarrow as pa

        if not self._begun:
            return None
        query = f"FROM {self.table} ORDER BY arrival"
        table: pa.Table = self._connection.sql(query).to_arrow_table()
        place = table.schema.get_field_index("text")
        names = self._pseudonymiser
        texts = [
            None if text is None else public_text(text, names) for text in table["text"].to_pylist()
        ]
        return table.set_column(place, "text", pa.array(texts, pa.string()))

    def restore(self, rows: pa.Table) -> None:
        """What `rows` was."""
        self._connection.register("follow_restored", rows)
        self._connection.execute(f"CREATE OR REPLACE TABLE {self.table} AS FROM follow_restored")
        self._connection.unregister("follow_restored")
        self._begun = True

    def renew(self) -> None:
        """Take everything over into a new engine: the old one's memory goes back to the system."""
        kept = self._connection.sql(f"FROM {self.table}").to_arrow_table() if self._begun else None
        self._engine.renew()
        if kept is not None:
            self.restore(kept)

    @property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self._engine.connection

    def _made(self, window_s: int, settings: FollowSettings) -> Plan:
        import ibis

        plan = Plan(self._engine)
        kept = context_of(
            ibis.table(dict(EVENT_COLUMNS), name=self.table),
            entity=self._entity,
            window_s=window_s,
            closed=ibis.table({"of_host": "string", "closed_ms": "int64"}, name="piece_closed"),
            forget_ms=settings.memory_ms,
        )
        plan.materialise("piece_kept", kept.select("arrival"))
        return plan

    def _count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own names
        row: Any = self._connection.execute(query).fetchone()
        return int(row[0])
