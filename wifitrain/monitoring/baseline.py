"""What a package remembers of its training, to compare later batches with; nobody's data in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from wifitrain.cache import remembered, room_for
from wifitrain.errors import PackageError
from wifitrain.monitoring.drift import sketches_of
from wifitrain.monitoring.sketch import Sketch  # noqa: TC001 - msgspec reads the annotations

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.records import WindowTable

__all__ = ["BASELINE", "SCORE", "UNSEEN", "Baseline", "Quality", "Training", "baseline_of"]

#: Name of the file in the package.
BASELINE = "baseline.json"
#: Two distributions beside the features': the estimator's score, and windows with unseen kinds.
SCORE, UNSEEN = "score", "unseen kinds"
_MOST_SCORES = 5_000
_SEED = 20_260_101
_BYTES = 32  # of a number in a list


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of rows; `understood` of WiFi lines, or None where there were none."""

    invalid: float
    clock_reset: float
    understood: float | None


class Baseline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A training in numbers.

    `sketches`: of each feature, over fit and calibration part; and those named SCORE and UNSEEN,
    over everything held out from the fit. `held_out_scores`: the estimator's by hour of the day,
    at most 5000, drawn at random. `alerts` of `calibration` windows lay above the threshold.
    `kinds` occurred (WindowTable.kinds). `longest_silence` is the longest run of empty windows of
    an entity. `last_time`: ISO text in UTC.
    """

    window_s: int
    sketches: dict[str, Sketch]
    held_out_scores: list[list[float]]
    calibration: int
    alerts: int
    threshold: float
    kinds: list[str]
    longest_silence: int
    quality: Quality
    last_time: str
    format: int = 1

    def to_bytes(self) -> bytes:
        """The file's content."""
        return msgspec.json.encode(self)

    @classmethod
    def from_bytes(cls, content: bytes) -> Baseline:
        """Read it back; PackageError where it is not what `to_bytes` writes."""
        try:
            return msgspec.json.decode(content, type=cls)
        except (msgspec.DecodeError, ValueError) as error:
            raise PackageError(f"{BASELINE}: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Training:
    """What a baseline is made from: windows, masks of them (n,), estimator scores (n,).

    `held_out`: calibration and test part, which the estimator has not seen.
    """

    windows: WindowTable
    fit: np.ndarray
    calibration: np.ndarray
    held_out: np.ndarray
    scores: np.ndarray
    threshold: float
    alerts: int  # calibration windows above the threshold
    data: Mapping[str, object]  # account of rows and events


def baseline_of(training: Training) -> Baseline:
    """The baseline of a training; jobs of a sweep share what the alert budget does not change."""
    windows = training.windows
    frames = (windows.X, windows.index, windows.kinds)
    masks = _digest(training.fit, training.calibration, training.held_out)
    learned = remembered("monitoring.learned", masks, lambda: _learned(training), of=frames)
    held_out = remembered(
        "monitoring.held out",
        masks,
        lambda: _held_out(training),
        of=(*frames, training.scores),
        most=room_for(_MOST_SCORES * _BYTES),
    )
    return Baseline(
        window_s=windows.window_s,
        sketches={**learned.sketches, **held_out.sketches},
        held_out_scores=held_out.scores_by_hour,
        calibration=int(training.calibration.sum()),
        alerts=training.alerts,
        threshold=training.threshold,
        kinds=learned.kinds,
        longest_silence=learned.longest_silence,
        quality=quality_of(training.data),
        last_time=str(training.data["last_time"]),
    )


@dataclass(frozen=True, kw_only=True)
class _Learned:
    """Of the fit and calibration part, whatever model is fitted to them."""

    sketches: Mapping[str, Sketch]
    kinds: list[str]
    longest_silence: int


def _learned(training: Training) -> _Learned:
    windows, rows = training.windows, training.fit | training.calibration
    series = windows.index["entity"].to_numpy()
    return _Learned(
        sketches=sketches_of(windows.X[rows], series[rows]),
        kinds=sorted(kinds_of(windows.kinds, rows)),
        longest_silence=_longest_silence(windows.index[rows]),
    )


@dataclass(frozen=True, kw_only=True)
class _HeldOut:
    """Of everything held out from the fit, as one model scores it."""

    sketches: Mapping[str, Sketch]
    scores_by_hour: list[list[float]]


def _held_out(training: Training) -> _HeldOut:
    series = training.windows.index["entity"].to_numpy()[training.held_out]
    return _HeldOut(
        sketches=sketches_of(_judged(training), series), scores_by_hour=_by_hour(training)
    )


def _digest(*masks: np.ndarray) -> str:
    return hashlib.sha256(b"".join(mask.tobytes() for mask in masks)).hexdigest()


def quality_of(data: Mapping[str, object]) -> Quality:
    """Shares from the account of rows and events (keys of report.json's `data`)."""
    rows = _number(data["rows"])
    return Quality(
        invalid=_number(data["invalid"]) / max(rows, 1),
        clock_reset=_number(data["clock_reset_rows"]) / max(rows, 1),
        understood=_number(data["understood_ratio"]) if "understood_ratio" in data else None,
    )


def kinds_of(kinds: pd.DataFrame, rows: np.ndarray) -> set[str]:
    """Kinds that occurred in the chosen windows."""
    return set(kinds["kind"][rows[kinds["window"].to_numpy("int64")]].unique())


def has_unseen(kinds: pd.DataFrame, seen: Sequence[str] | set[str], n_windows: int) -> np.ndarray:
    """1.0 for each window with a kind that is not among `seen`, shape (n_windows,)."""
    import numpy as np

    found = np.zeros(n_windows)
    found[kinds["window"][~kinds["kind"].isin(list(seen))].unique()] = 1.0
    return found


def _judged(training: Training) -> pd.DataFrame:
    """Scores of held-out windows, and whether they hold what the fit part had never seen."""
    import pandas as pd

    kinds, rows = training.windows.kinds, training.held_out
    unseen = has_unseen(kinds, kinds_of(kinds, training.fit), len(rows))
    return pd.DataFrame({SCORE: training.scores[rows], UNSEEN: unseen[rows]}, dtype="float64")


def hours_of(index: pd.DataFrame) -> np.ndarray:
    """Hour of the day (UTC) in which each window begins, shape (n,)."""
    hours: np.ndarray = index["start"].dt.hour.to_numpy("int64")
    return hours


def _by_hour(training: Training) -> list[list[float]]:
    import numpy as np

    rows = np.flatnonzero(training.held_out)
    if len(rows) > _MOST_SCORES:
        rows = np.random.default_rng(_SEED).choice(rows, _MOST_SCORES, replace=False)
    hours, scores = hours_of(training.windows.index)[rows], training.scores[rows]
    return [np.sort(scores[hours == hour]).tolist() for hour in range(24)]


def _longest_silence(index: pd.DataFrame) -> int:
    """Length of the longest run of empty windows of one entity."""
    empty = index["n_events"] == 0
    runs = (empty != empty.shift()) | (index["entity"] != index["entity"].shift())
    lengths = empty.groupby(runs.cumsum()).sum()
    return int(lengths.max()) if len(lengths) else 0


def _number(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"a number was expected, got {value!r}")
    return float(value)
