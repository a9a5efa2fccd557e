"""Precision and recall from a stratified sample of verdicts, with intervals that say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.errors import DataError
from wifitrain.review.queue import TOP

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["Estimate", "Judged", "judge_queue"]

_DRAWS = 5_000
_SEED = 20_260_101
_LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What the verdicts say.

    `precision` is None where no alert was judged, `recall` where no anomaly was found; both where
    nobody looked at a stratum that they need.
    """

    looked_at: int
    unsure: int
    windows: int  # that the sample stands for
    anomalies: Estimate | None
    precision: Estimate | None
    recall: Estimate | None
    strata: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """Windows of one stratum that alert, or that do not: all of them, judged, anomalous."""

    alerting: bool
    windows: int
    judged: int
    anomalies: int


def judge_queue(queue: pd.DataFrame) -> Judged:
    """Estimates from a queue with verdicts (`read_queue`).

    Every judged window stands for the windows of its stratum that were not chosen (Horvitz and
    Thompson 1952). Intervals: the windows that nobody looked at are drawn from a beta-binomial
    with Jeffreys' prior, so that a stratum that was looked at entirely adds no uncertainty. Windows
    left empty or marked `unsure` count as not looked at: that they are like the others of their
    stratum is an assumption, and their number is reported.

    Raises
    ------
    DataError : no verdict at all.
    """
    known = queue[queue["verdict"].notna()]
    if known.empty:
        raise DataError("no verdict in the queue yet: write anomaly or normal into its column")
    cells = _cells(queue, known)
    return Judged(
        looked_at=int(queue["looked_at"].sum()),
        unsure=int((queue["looked_at"] & queue["verdict"].isna()).sum()),
        windows=sum(cell.windows for cell in cells),
        anomalies=_anomalies(cells),
        precision=_precision([cell for cell in cells if cell.alerting]),
        recall=_recall(cells),
        strata=_account(queue),
    )


def _cells(queue: pd.DataFrame, known: pd.DataFrame) -> list[_Cell]:
    """Strata by alerting or not; only the stratum of the highest scores can hold both."""
    cells = []
    for (stratum, alerting), chosen in queue.groupby(["stratum", "is_anomaly"], sort=True):
        judged = known[(known["stratum"] == stratum) & (known["is_anomaly"] == alerting)]
        total = len(chosen) if stratum == TOP else int(chosen["stratum_windows"].iloc[0])
        cells.append(
            _Cell(
                alerting=bool(alerting),
                windows=total,
                judged=len(judged),
                anomalies=int(judged["verdict"].sum()),
            )
        )
    return cells


def _anomalies(cells: Sequence[_Cell]) -> Estimate | None:
    if not all(cell.judged for cell in cells):
        return None
    return _estimate(_point(cells), _draw(cells))


def _precision(alerting: Sequence[_Cell]) -> Estimate | None:
    if not alerting or not all(cell.judged for cell in alerting):
        return None
    alerts = sum(cell.windows for cell in alerting)
    return _estimate(_point(alerting) / alerts, _draw(alerting) / alerts)


def _recall(cells: Sequence[_Cell]) -> Estimate | None:
    caught = [cell for cell in cells if cell.alerting]
    missed = [cell for cell in cells if not cell.alerting]
    every = _point(cells) if all(cell.judged for cell in cells) else 0
    if not every:
        return None
    drawn = _draw(caught)
    total = drawn + _draw(missed)
    some = total > 0
    return _estimate(_point(caught) / every, drawn[some] / total[some])


def _point(cells: Sequence[_Cell]) -> float:
    """Anomalies among windows of judged strata, each judged one standing for others."""
    return sum(cell.windows * cell.anomalies / cell.judged for cell in cells)


def _draw(cells: Sequence[_Cell]) -> np.ndarray:
    """The same number as it might be, shape (5000,)."""
    import numpy as np

    total = np.zeros(_DRAWS)
    for number, cell in enumerate(cells):
        rng = np.random.default_rng([_SEED, cell.alerting, number])
        share = rng.beta(cell.anomalies + 0.5, cell.judged - cell.anomalies + 0.5, _DRAWS)
        total += cell.anomalies + rng.binomial(cell.windows - cell.judged, share)
    return total


def _estimate(value: float, drawn: np.ndarray) -> Estimate:
    import numpy as np

    low, high = np.quantile(drawn, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    # A share of 0 or 1 lies outside of its own draws.
    return Estimate(value=value, low=min(value, float(low)), high=max(value, float(high)))


def _account(queue: pd.DataFrame) -> dict[str, dict[str, int]]:
    return {
        str(stratum): {
            "windows": int(chosen["stratum_windows"].iloc[0]),
            "chosen": len(chosen),
            "judged": int(chosen["verdict"].notna().sum()),
            "anomalies": int(chosen["verdict"].fillna(False).sum()),
        }
        for stratum, chosen in queue.groupby("stratum", sort=True)
    }
