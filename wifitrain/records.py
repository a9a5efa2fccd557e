"""What rooms hand each other. Heavy data is an engine table or a frame; the rest is frozen.

Scores have one direction everywhere: higher = more anomalous. Times are UTC without a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd

__all__ = [
    "CALIBRATION",
    "EVENT_COLUMNS",
    "EXCLUDED",
    "FIT",
    "LOG_COLUMNS",
    "TEST",
    "TEXT_COLUMNS",
    "Apart",
    "Detector",
    "EventTable",
    "Json",
    "LogTable",
    "PackageContents",
    "Parts",
    "ScoredWindows",
    "StoredModel",
    "Trained",
    "WindowTable",
]

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

#: The canonical log table: column -> Ibis type. `arrival` is unique: an id, or a number from 0 on.
LOG_COLUMNS: Mapping[str, str] = {
    "arrival": "int64",  # order in which the lines arrived, the only trustworthy order
    "source_file": "string",
    "record": "int64",  # number of the record in its file, from 1
    "access_point": "string",  # host name, or device id where there is no name
    "time": "timestamp(6)",  # UTC; repaired where the clock had been reset
    "clock_reset": "boolean",  # the time was repaired
    "level": "string",  # emergency alert critical error warning notice info debug, or null
    "program": "string",  # lower case, without pid, path or interface: hostapd; or null
    "interface_hint": "string",  # interface found in the tag (`hostapd: wlan0`), or null
    "message": "string",  # at most 4096 characters
    "label": "boolean",  # true = anomalous, from a field on the row, or null
}

#: What a line says, whoever says it and when.
TEXT_COLUMNS = ("program", "interface_hint", "message")

#: The event table: one row for each log line. `event` is 'unknown' for a line of a WiFi program
#: that no grammar understands (then `template` holds its masked form) and 'other' for the rest.
EVENT_COLUMNS: Mapping[str, str] = {
    "arrival": "int64",
    "access_point": "string",
    "time": "timestamp(6)",
    "level": "string",
    "program": "string",
    "interface": "string",  # from the line, else the hint; of 'other' lines always the hint
    "event": "string",
    "category": "string",
    "template": "string",
    "station": "string",
    "station_is_local": "boolean",  # locally administered address: randomised
    "bssid": "string",
    "ssid": "string",
    "reason_code": "int32",
    "status_code": "int32",
    "signal_dbm": "int32",
    "noise_dbm": "int32",  # null where the driver says 9999
    "tx_rate_kbps": "int64",
    "frequency_mhz": "int32",
    "channel": "int32",
    "auth_algorithm": "string",
    "session": "string",
    "label": "boolean",
}

FIT, CALIBRATION, TEST, EXCLUDED = "fit", "calibration", "test", "excluded"


@dataclass(frozen=True, kw_only=True)
class Apart:
    """A log table as two: what was said stands once, and rows tell where.

    `rows` has `LOG_COLUMNS` without those of `TEXT_COLUMNS`, and `text_id`; `texts` has `text_id`
    and `TEXT_COLUMNS`. A text may stand there several times, under other numbers.
    """

    rows: ir.Table
    texts: ir.Table


@dataclass(frozen=True, kw_only=True)
class LogTable:
    """The canonical log table (`LOG_COLUMNS`) and the account of how it came about."""

    table: ir.Table
    apart: Apart | None = None  # the same rows, where they are kept so
    account: Mapping[str, Json]  # keys of report.json's `data` that the reader knows
    digest: str  # SHA-256 of the canonical rows' source bytes, hex


@dataclass(frozen=True, kw_only=True)
class EventTable:
    """The event table (`EVENT_COLUMNS`) and what was understood of the lines."""

    table: ir.Table
    account: Mapping[str, Json]  # stations, understood_ratio, unknown_templates, events by type


@dataclass(frozen=True, kw_only=True)
class WindowTable:
    """Windows as a feature matrix, in the order of (entity, start).

    `X`: float64, shape (n_windows, n_features), named columns; NaN where a feature is undefined in
    a window (a mean of nothing), never infinite. `index`: entity, start, end, n_events, label
    (boolean or missing), one row for each row of X. `kinds`: long form of what occurred, columns
    window (row number of X), kind (a category: `event:NAME` or `template:TEXT`), count.
    """

    X: pd.DataFrame
    index: pd.DataFrame
    kinds: pd.DataFrame
    unavailable: Mapping[str, str]  # feature -> why this export cannot feed it
    window_s: int
    account: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Which part each window belongs to: `name` has FIT, CALIBRATION, TEST or EXCLUDED, (n,)."""

    name: np.ndarray
    account: Mapping[str, Json] = field(default_factory=dict)

    def rows(self, part: str) -> np.ndarray:
        """Boolean mask of the windows of `part`, shape (n_windows,); not to be written to."""
        if part not in self._masks:
            mask: np.ndarray = self.name == part
            mask.flags.writeable = False
            self._masks[part] = mask
        return self._masks[part]

    @cached_property
    def _masks(self) -> dict[str, np.ndarray]:
        """Texts are compared once: every room asks for the same three parts again and again."""
        return {}


class Detector(Protocol):
    """A fitted estimator seen from outside."""

    @property
    def feature_names(self) -> Sequence[str]: ...

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Anomaly score of each row, shape (n,); higher = more anomalous."""
        ...


class Trained(Protocol):
    """What training hands on: a detector, and the way to fit another one like it."""

    @property
    def detector(self) -> Detector: ...

    def refit(
        self, X: pd.DataFrame, *, seed: int | None = None, n_estimators: int | None = None
    ) -> Detector:
        """The same configuration fitted to `X`; another seed or forest size where given."""
        ...


@dataclass(frozen=True, kw_only=True)
class ScoredWindows:
    """Every window with its score; arrays of shape (n_windows,) in the order of the index."""

    score: np.ndarray  # estimator and guard, higher = more anomalous
    estimator_score: np.ndarray  # estimator alone
    guard_reasons: Sequence[str]  # '' where the guard is silent
    threshold: float
    contamination: float  # the alert budget: share of windows

    @property
    def is_anomaly(self) -> np.ndarray:
        """Score above the threshold."""
        flagged: np.ndarray = self.score > self.threshold
        return flagged


@dataclass(frozen=True, kw_only=True)
class PackageContents:
    """Everything a model package is written from."""

    estimator: object  # fitted; stock scikit-learn where it is to run in the service
    model_type: str  # class name of the final estimator: IsolationForest
    metadata: Mapping[str, Mapping[str, Json]]  # sections without version, digests and times
    guard: Mapping[str, Json] | None
    features: Sequence[Mapping[str, Json]]  # name, unit, meaning in the order of the columns
    report: Mapping[str, Json]
    content_digest: str  # SHA-256 of what the model computes, not of its bytes
    extra_files: Mapping[str, bytes] = field(default_factory=dict)  # name -> content
    #: Name -> what makes a text of the version's name, which is known last.
    pages: Mapping[str, Callable[[str], str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class StoredModel:
    """A version that is published: complete, or not there at all."""

    version: str  # model_20260101_120000_1a2b3c4d
    path: str
    status: Literal["candidate", "available"]
