"""A log that grows, scored as its windows close: the rooms of training, piece by piece.

Nothing is computed twice in two ways: each piece goes through the reader and the grammars, joins
what the windows to come depend on (`features.context_of`), and the windows that are over are built
and judged as in training. What the follower knows fits into one file (`state`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.errors import ConfigError, FeatureError
from wifitrain.features import context_of
from wifitrain.light.alerts import AlertTeller, order_of_time
from wifitrain.light.lines import LineShelf
from wifitrain.records import EVENT_COLUMNS, EventTable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from wifitrain.engine import Engine
    from wifitrain.events import EventExtractor
    from wifitrain.export import LineStream
    from wifitrain.light.model import LightModel
    from wifitrain.pseudonyms import Pseudonymiser
    from wifitrain.records import Json

__all__ = ["FollowSettings", "Follower", "Step"]

_MS = 1_000
#: A handshake completes an arrival up to 30 s later: no window is over before that.
_LEAST_LATENESS_S = 30
_TABLE = "follow_events"

_BEGIN = """
CREATE OR REPLACE TABLE follow_events AS
SELECT e.*, l.message AS text FROM events e JOIN stream_rows l USING (arrival) LIMIT 0
"""

#: A line is late where its window was over when it came: by the lines before it, not by the piece.
_JOIN = """
INSERT INTO follow_events
WITH clocked AS (
    SELECT e.*, l.message AS text, e.access_point AS host,
        greatest(max(epoch_ms(e.time)) OVER (PARTITION BY e.access_point ORDER BY e.arrival),
            coalesce(w.latest, 0)) - $lateness AS settled
    FROM events e JOIN stream_rows l USING (arrival)
    LEFT JOIN (SELECT unnest($hosts) AS name, unnest($latest) AS latest) w
        ON w.name = e.access_point
)
SELECT * EXCLUDE (host, settled) FROM clocked
WHERE epoch_ms(time) >= settled - settled % $window
"""

_CLOCKS = """
SELECT access_point, max(epoch_ms(time)) FROM follow_events GROUP BY access_point
"""

_KEEP = """
CREATE OR REPLACE TABLE follow_events AS
SELECT e.* REPLACE (CASE WHEN epoch_ms(e.time) >= coalesce(c.closed, 0) THEN text END AS text)
FROM follow_events e SEMI JOIN follow_kept USING (arrival)
LEFT JOIN (SELECT unnest($hosts) AS name, unnest($closed) AS closed) c ON c.name = e.access_point
"""


@dataclass(frozen=True, kw_only=True)
class FollowSettings:
    """How a log is followed.

    `lateness_s`: how much older than the latest line of its access point a line may be; a window
    is over once a line is that much (30 s at least) past its end. `memory_days`: sessions that
    stay open longer, and stations silent longer, are forgotten.
    """

    lateness_s: int = 60
    memory_days: int = 7

    def __post_init__(self) -> None:
        for key, value, low, high in (
            ("lateness", self.lateness_s, 0, 86_400),
            ("memory-days", self.memory_days, 2, 366),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ConfigError(f"{key} must be a whole number in [{low}, {high}], got {value!r}")

    @property
    def lateness_ms(self) -> int:
        """Milliseconds until a window is over."""
        return max(self.lateness_s, _LEAST_LATENESS_S) * _MS


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a piece brought: windows that closed, with their verdicts, and what is told."""

    windows: pd.DataFrame | None
    X: pd.DataFrame | None
    told: Sequence[Mapping[str, Json]]


class Follower:
    """Takes pieces of a log and tells of incidents as their windows close.

    The engine must be open as long as the follower is used. Windows of stations have no access
    point whose clock could say that they are over: ConfigError.
    """

    def __init__(
        self,
        engine: Engine,
        model: LightModel,
        *,
        stream: LineStream,
        events: EventExtractor,
        pseudonymiser: Pseudonymiser,
        teller: AlertTeller,
        settings: FollowSettings,
    ) -> None:
        if model.features.entity == "station":
            raise ConfigError("windows of stations cannot be followed: score the log as a whole")
        self._engine = engine
        self._model = model
        self._stream = stream
        self._extractor = events
        self._teller = teller
        self._settings = settings
        self._window_ms = model.features.window_s * _MS
        self._shelf = LineShelf(
            connection=engine.connection,
            events=_TABLE,
            lines=_TABLE,
            text="text",
            entity=model.features.entity,
            pseudonymiser=pseudonymiser,
        )
        self._begun = False
        self._latest: dict[str, int] = {}  # access point -> its latest time so far, ms
        self._done: dict[str, int] = {}  # entity -> end of its last window that was judged, ms
        self.late = 0  # lines whose window was over
        self.lines = 0  # lines that became events
        self.windows = 0  # windows judged

    @property
    def refused(self) -> int:
        """Lines that are no log lines."""
        return self._stream.refused

    @property
    def suppressed(self) -> Mapping[str, int]:
        """Why -> alerts that were not told."""
        return self._teller.suppressed

    def take(self, lines: Sequence[bytes], *, last: bool = False) -> Step:
        """What the next lines bring; with `last` the log ends here and every window is over."""
        logs = self._stream.take(self._engine, lines, last=last)
        self._extractor.extract(self._engine, logs)
        before = self._closed()
        self._join()
        closed = self._closed(everything=last)
        step = Step(windows=None, X=None, told=())
        if closed != before or last:
            step = self._judge(closed, last=last)
            self._keep(closed)
        return step

    def to_json(self) -> dict[str, Json]:
        """All that `restore` needs beside the table of `remembered`."""
        return {
            "model": self._model.version,
            "entity": self._model.features.entity,
            "window_s": self._model.features.window_s,
            "latest": dict(self._latest),
            "done": dict(self._done),
            "late": self.late,
            "lines": self.lines,
            "windows": self.windows,
            "stream": self._stream.to_json(),
            "teller": self._teller.to_json(),
        }

    def remembered(self) -> pa.Table | None:
        """The rows that windows to come depend on, with the pseudonymised text of open windows."""
        from wifitrain.light.lines import public_text

        if not self._begun:
            return None
        query = f"FROM {_TABLE} ORDER BY arrival"
        table: Any = self._engine.connection.sql(query).to_arrow_table()
        place = table.schema.get_field_index("text")
        names = self._shelf.pseudonymiser
        texts = [
            None if text is None else public_text(text, names) for text in table["text"].to_pylist()
        ]
        import pyarrow as pa

        return table.set_column(place, "text", pa.array(texts, pa.string()))

    def restore(self, state: Mapping[str, Any], remembered: pa.Table | None) -> None:
        """Go on where `to_json` and `remembered` were called.

        Raises
        ------
        ConfigError : the windows of this model are others.
        """
        features = self._model.features
        if (state["entity"], state["window_s"]) != (features.entity, features.window_s):
            raise ConfigError(
                f"the state was written for windows of {state['window_s']} s of"
                f" {state['entity']}, this model has {features.window_s} s of {features.entity}"
            )
        self._latest, self._done = dict(state["latest"]), dict(state["done"])
        self.late, self.lines, self.windows = (state[key] for key in ("late", "lines", "windows"))
        self._stream.restore(state["stream"])
        self._teller.restore(state["teller"])
        if remembered is not None:
            connection = self._engine.connection
            connection.register("follow_restored", remembered)
            connection.execute(f"CREATE OR REPLACE TABLE {_TABLE} AS FROM follow_restored")
            connection.unregister("follow_restored")
            self._begun = True

    def _closed(self, *, everything: bool = False) -> dict[str, int]:
        """Access point -> until when its windows are over, ms."""
        if everything:
            return {host: ms + 2 * self._window_ms for host, ms in self._latest.items()}
        settled = {host: ms - self._settings.lateness_ms for host, ms in self._latest.items()}
        return {host: ms - ms % self._window_ms for host, ms in settled.items()}

    def _join(self) -> None:
        """The new events beside those that are remembered, without those that came too late."""
        connection = self._engine.connection
        if not self._begun:
            connection.execute(_BEGIN)
            self._begun = True
        before = self._count(_TABLE)
        came = self._count("events")
        connection.execute(
            _JOIN,
            {
                "lateness": self._settings.lateness_ms,
                "window": self._window_ms,
                "hosts": list(self._latest),
                "latest": list(self._latest.values()),
            },
        )
        kept = self._count(_TABLE) - before
        self.lines += kept
        self.late += came - kept
        for host, latest in connection.execute(_CLOCKS).fetchall():
            self._latest[host] = max(latest, self._latest.get(host, latest))

    def _count(self, table: str) -> int:
        query = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own names
        row = self._engine.connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _judge(self, closed: Mapping[str, int], *, last: bool) -> Step:
        table = self._engine.backend.table(_TABLE).select(*EVENT_COLUMNS)
        try:
            windows = self._model.features.build(
                self._engine, EventTable(table=table, account={}), columns=self._model.edge.columns
            )
        except FeatureError:  # no WiFi line so far: nothing to judge
            return Step(windows=None, X=None, told=self._finish() if last else ())
        rows = self._rows_over(windows.index, closed)
        judged = self._model.judge(windows)
        told = list(self._teller.tell(windows, judged, rows=rows, shelf=self._shelf))
        ends = _milliseconds(windows.index["end"])
        for row in rows:
            self._done[str(windows.index["entity"].iat[row])] = int(ends[row])
        self.windows += len(rows)
        from wifitrain.light.scored import window_frame

        frame = window_frame(windows, judged, threshold=self._model.edge.threshold)
        return Step(
            windows=frame.iloc[rows].reset_index(drop=True),
            X=windows.X.iloc[rows].reset_index(drop=True),
            told=[*told, *(self._finish() if last else ())],
        )

    def _finish(self) -> list[dict[str, Json]]:
        return list(self._teller.finish())

    def _rows_over(self, index: pd.DataFrame, closed: Mapping[str, int]) -> list[int]:
        """Rows of X whose windows are over and were not judged before, in the order of time."""
        entity = index["entity"].astype(str)
        host = (
            entity.str.rpartition("/")[0] if self._model.features.entity == "interface" else entity
        )
        until = host.map(dict(closed)).fillna(0).to_numpy("int64")
        done = entity.map(self._done).fillna(0).to_numpy("int64")
        starts, ends = (_milliseconds(index[side]) for side in ("start", "end"))
        return order_of_time(index, np.flatnonzero((ends <= until) & (starts >= done)))

    def _keep(self, closed: Mapping[str, int]) -> None:
        """Leave behind what no window to come depends on."""
        backend, connection = self._engine.backend, self._engine.connection
        kept = context_of(
            backend.table(_TABLE).select(*EVENT_COLUMNS),
            entity=self._model.features.entity,
            window_s=self._model.features.window_s,
            closed_ms=closed,
            forget_ms=self._settings.memory_days * 86_400 * _MS,
        )
        self._engine.materialise("follow_kept", kept.select("arrival"))
        connection.execute(_KEEP, {"hosts": list(closed), "closed": list(closed.values())})


def _milliseconds(times: pd.Series[Any]) -> np.ndarray:
    found: np.ndarray = times.to_numpy("datetime64[ms]").astype("int64")
    return found
