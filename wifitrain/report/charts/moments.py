"""Round moments of a span of time, and how they are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from wifitrain.report.charts.scales import Tick

__all__ = ["microseconds", "moments"]

_MOST = 10
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
#: Seconds between two moments: minutes, hours, days, and whole weeks from there.
_STEPS = (
    *(count * _MINUTE for count in (1, 2, 5, 10, 15, 30)),
    *(count * _HOUR for count in (1, 2, 3, 6, 12)),
    *(count * _DAY for count in (1, 2, 7, 14, 28, 56, 112, 224, 448)),
)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - times are UTC without saying so
_MONDAY_S = 4 * _DAY  # the first Monday after it: weeks begin there


def microseconds(times: np.ndarray | np.datetime64) -> np.ndarray:
    """Times as microseconds since 1970, in the shape they have."""
    found: np.ndarray = np.asarray(times, dtype="datetime64[us]").astype(np.int64).astype(float)
    return found


def moments(low: float, high: float) -> tuple[list[Tick], str]:
    """Moments between two microseconds since 1970, ten at most, and what their labels leave out.

    Hours are told as ``03:00`` and midnights as ``2 Mar``; what is left out is the year.
    """
    low_s, high_s = low / 1e6, high / 1e6
    fitting = (step for step in _STEPS if (high_s - low_s) / step <= _MOST)
    step = next(fitting, _STEPS[-1] * max(1, round((high_s - low_s) / _STEPS[-1] / _MOST)))
    origin = _MONDAY_S if step >= 7 * _DAY else 0
    first, last = np.ceil((low_s - origin) / step), (high_s - origin) // step
    seconds = [origin + number * step for number in range(int(first), int(last) + 1)]
    end = _moment(seconds[-1] if seconds else high_s)
    is_day_told = any(second % _DAY == 0 for second in seconds)
    left_out = f"{end.year}" if is_day_told else f"{end.day} {end:%b %Y}"
    return [(second * 1e6, _told(_moment(second))) for second in seconds], left_out


def _moment(seconds: float) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


def _told(moment: datetime) -> str:
    is_midnight = (moment.hour, moment.minute) == (0, 0)
    return f"{moment.day} {moment:%b}" if is_midnight else f"{moment:%H:%M}"
