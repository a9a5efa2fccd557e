"""An export scored at once: every window, and the incidents among them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from wifitrain.light.alerts import AlertTeller, order_of_time
from wifitrain.light.lines import LineShelf
from wifitrain.scoring import alert_reasons

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.edge import Judged
    from wifitrain.engine import Engine
    from wifitrain.light.model import LightModel
    from wifitrain.pseudonyms import Pseudonymiser
    from wifitrain.records import EventTable, Json, LogTable, WindowTable
    from wifitrain.scoring import AlertSettings, Exceptions

__all__ = ["Reading", "Scored", "score_export", "tell_of", "window_frame"]


class _Source(Protocol):
    def read(self, engine: Engine, *, quarantine: Path, progress: bool = False) -> LogTable: ...


class _Extractor(Protocol):
    def extract(self, engine: Engine, logs: LogTable) -> EventTable: ...


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Windows with their verdicts, what is told of them, and the account of the export."""

    windows: WindowTable
    frame: pd.DataFrame
    told: list[dict[str, Json]]
    suppressed: dict[str, int]
    account: dict[str, Json]

    @property
    def incidents(self) -> list[dict[str, Json]]:
        """Each incident once, as it was when it was over."""
        return [one for one in self.told if one["state"] == "closed"]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How an export is read and told of."""

    source: _Source
    events: _Extractor
    pseudonymiser: Pseudonymiser
    quarantine: Path


def score_export(
    engine: Engine,
    model: LightModel,
    reading: Reading,
    *,
    alerts: AlertSettings,
    exceptions: Exceptions,
) -> Scored:
    """Read, parse, window and judge; the engine must be open.

    Raises
    ------
    WifitrainError : the export is unfit, or has no line of a WiFi program.
    """
    logs = reading.source.read(engine, quarantine=reading.quarantine)
    events = reading.events.extract(engine, logs)
    windows = model.features.build(engine, events, columns=model.edge.columns)
    judged = model.judge(windows)
    teller = AlertTeller(model, alerts, exceptions)
    told = tell_of(
        engine, teller, windows, judged, entity=model.features.entity, names=reading.pseudonymiser
    )
    return Scored(
        windows=windows,
        frame=window_frame(windows, judged, threshold=model.edge.threshold),
        told=told,
        suppressed=dict(teller.suppressed),
        account={**logs.account, **events.account},
    )


def tell_of(
    engine: Engine,
    teller: AlertTeller,
    windows: WindowTable,
    judged: Judged,
    *,
    entity: str,
    names: Pseudonymiser,
) -> list[dict[str, Json]]:
    """What is told of the windows of a whole export, whose lines and events are in the engine."""
    shelf = LineShelf(
        connection=engine.connection,
        events="events",
        lines="log_rows",
        text="message",
        entity=entity,
        pseudonymiser=names,
    )
    rows = order_of_time(windows.index, np.arange(len(windows.X)))
    return [*teller.tell(windows, judged, rows=rows, shelf=shelf), *teller.finish()]


def window_frame(windows: WindowTable, judged: Judged, *, threshold: float) -> pd.DataFrame:
    """One row for each window: entity, start, end, scores, threshold, verdict and reason."""
    frame = windows.index[["entity", "start", "end"]].copy()
    frame["score"] = judged.score
    frame["estimator_score"] = judged.estimator_score
    frame["threshold"] = threshold
    frame["is_anomaly"] = judged.is_anomaly
    frame["reason"] = alert_reasons(judged.is_anomaly, judged.reasons)
    return frame
