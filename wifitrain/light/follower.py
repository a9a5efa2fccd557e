"""A log that grows, scored as its windows close: the rooms of training, piece by piece.

Nothing is computed twice in two ways: each piece goes through the reader and the grammars, joins
what the windows to come depend on (`remembering`), and the windows that are over are built and
judged as in training. What the follower knows fits into one file (`state`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.errors import ConfigError
from wifitrain.light.alerts import AlertTeller, order_of_time
from wifitrain.light.pieces import PieceEvents, PieceWindows
from wifitrain.light.remembering import EventMemory
from wifitrain.light.scored import window_frame

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from wifitrain.engine import Engine
    from wifitrain.events import EventExtractor
    from wifitrain.export import LineStream
    from wifitrain.light.model import LightModel
    from wifitrain.light.settings import FollowSettings
    from wifitrain.pseudonyms import Pseudonymiser
    from wifitrain.records import Json

__all__ = ["Follower", "Step"]

_MS = 1_000
#: Pieces after which the engine begins anew; until then it has grown by some megabytes.
_RENEWED_AFTER = 20
_LINES, _EVENTS = "stream_rows", "piece_events"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a piece brought: windows that closed, with their verdicts, and what is told."""

    windows: pd.DataFrame | None
    X: pd.DataFrame | None
    told: Sequence[Mapping[str, Json]]


class Follower:
    """Takes pieces of a log and tells of incidents as their windows close.

    The engine must be open as long as the follower is used, and belongs to it alone: it is renewed
    now and then (`Engine.renew`). Windows of stations have no access point whose clock could say
    that they are over: ConfigError.
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
        self._teller = teller
        self._settings = settings
        self._window_ms = model.features.window_s * _MS
        self._memory = EventMemory(engine, pseudonymiser, entity=model.features.entity)
        self._events = PieceEvents(engine, events, lines=_LINES, events=_EVENTS)
        self._windows = PieceWindows(engine, model, events=self._memory.table)
        self._latest: dict[str, int] = {}  # access point -> its latest time so far, ms
        self._done: dict[str, int] = {}  # entity -> end of its last window that was judged, ms
        self._pieces = 0
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
        if self._pieces and self._pieces % _RENEWED_AFTER == 0:
            self._memory.renew()
        self._pieces += 1
        self._stream.take(self._engine, lines, last=last)
        self._events.extract()
        before = self._closed()
        self._join()
        closed = self._closed(everything=last)
        step = Step(windows=None, X=None, told=())
        if closed != before or last:
            step = self._judge(closed, last=last)
            self._memory.leave(closed, window_s=self._window_ms // _MS, settings=self._settings)
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
        return self._memory.rows()

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
            self._memory.restore(remembered)

    def _closed(self, *, everything: bool = False) -> dict[str, int]:
        """Access point -> until when its windows are over, ms."""
        if everything:
            return {host: ms + 2 * self._window_ms for host, ms in self._latest.items()}
        settled = {host: ms - self._settings.lateness_ms for host, ms in self._latest.items()}
        return {host: ms - ms % self._window_ms for host, ms in settled.items()}

    def _join(self) -> None:
        """The new events beside those that are remembered, without those that came too late."""
        limits = {"lateness": self._settings.lateness_ms, "window": self._window_ms}
        kept, late = self._memory.join(
            events=_EVENTS, lines=_LINES, latest=self._latest, limits=limits
        )
        self._events.drop()
        self.lines += kept
        self.late += late
        for host, latest in self._memory.clocks().items():
            self._latest[host] = max(latest, self._latest.get(host, latest))

    def _judge(self, closed: Mapping[str, int], *, last: bool) -> Step:
        windows = self._windows.build()
        rows = self._rows_over(windows.index, closed)
        judged = self._model.judge(windows)
        told = list(self._teller.tell(windows, judged, rows=rows, shelf=self._memory.shelf))
        if last:
            told += self._teller.finish()
        ends = _milliseconds(windows.index["end"])
        for row in rows:
            self._done[str(windows.index["entity"].iat[row])] = int(ends[row])
        self.windows += len(rows)
        frame = window_frame(windows, judged, threshold=self._model.edge.threshold)
        return Step(
            windows=frame.iloc[rows].reset_index(drop=True),
            X=windows.X.iloc[rows].reset_index(drop=True),
            told=told,
        )

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


def _milliseconds(times: pd.Series[Any]) -> np.ndarray:
    found: np.ndarray = times.to_numpy("datetime64[ms]").astype("int64")
    return found
