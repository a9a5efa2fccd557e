"""Fit, calibration and test parts by time, with gaps between them and excluded intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wifitrain.cache import remembered
from wifitrain.errors import ConfigError, DataError
from wifitrain.records import CALIBRATION, EXCLUDED, FIT, TEST, Parts

if TYPE_CHECKING:
    import numpy as np

    from wifitrain.records import WindowTable

__all__ = ["TimeSplit"]

_MINIMUM_FIT_WINDOWS = 20
_EXCLUDE = (
    "training.exclude takes a list of pairs of ISO times in UTC, such as"
    ' [["2026-04-02T12:15:00", "2026-04-02T13:30:00"]]'
)


class TimeSplit:
    """Splits windows by their start: fit, then calibration, then test.

    Every access point is cut at the same moments, so that nothing of a later part is known to an
    earlier one. Windows of the gaps and of `exclude` take part in nothing but scoring.

    Parameters
    ----------
    test_size, validation_size : shares of the windows in (0, 1), together below 1; the
        validation part is the calibration part.
    gap_windows : windows left out between two parts, at least 1.
    exclude : intervals ``[start, end)`` as pairs of ISO times in UTC.
    """

    def __init__(
        self,
        *,
        test_size: float = 0.2,
        validation_size: float = 0.2,
        gap_windows: int = 1,
        exclude: Sequence[Sequence[str]] = (),
    ) -> None:
        for key, value in (("test_size", test_size), ("validation_size", validation_size)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
                raise ConfigError(f"training.{key} must be in (0, 1), got {value!r}")
        if test_size + validation_size >= 1:
            raise ConfigError(
                "training.test_size and training.validation_size must leave windows to fit on:"
                f" together below 1, got {test_size} + {validation_size}"
            )
        if isinstance(gap_windows, bool) or not isinstance(gap_windows, int) or gap_windows < 1:
            raise ConfigError(f"training.gap_windows must be at least 1, got {gap_windows!r}")
        self.test_size = float(test_size)
        self.validation_size = float(validation_size)
        self.gap_windows = gap_windows
        if isinstance(exclude, str) or not isinstance(exclude, Sequence):
            raise ConfigError(f"{_EXCLUDE}, got {exclude!r}")
        self.exclude = [_interval(pair) for pair in exclude]

    def split(self, windows: WindowTable) -> Parts:
        """The part of each window: the same object for all jobs of a sweep that share windows.

        Raises
        ------
        DataError : a part would be too small to be of use; says what is needed.
        """
        settings = [self.test_size, self.validation_size, self.gap_windows, self.exclude]
        key = repr([windows.window_s, *settings])
        return remembered("splitting.parts", key, lambda: self._split(windows), of=(windows.index,))

    def _split(self, windows: WindowTable) -> Parts:
        start = windows.index["start"].to_numpy("datetime64[us]")
        end = windows.index["end"].to_numpy("datetime64[us]")
        excluded = self._excluded(start, end)
        moments = self._moments(start[~excluded])
        name = _name_parts(start, moments=moments, gap=self._gap(windows.window_s))
        name[excluded] = EXCLUDED
        account = {part: int((name == part).sum()) for part in (FIT, CALIBRATION, TEST, EXCLUDED)}
        self._check(account)
        return Parts(name=name, account={"total": len(name), **account})

    def _gap(self, window_s: int) -> np.timedelta64:
        import numpy as np

        return np.timedelta64(self.gap_windows * window_s * 1_000_000, "us")

    def _excluded(self, start: np.ndarray, end: np.ndarray) -> np.ndarray:
        import numpy as np

        mask = np.zeros(len(start), dtype=bool)
        for first, last in self.exclude:
            mask |= (start < last) & (end > first)
        return mask

    def _moments(self, start: np.ndarray) -> tuple[np.datetime64, np.datetime64]:
        """When calibration and test begin: quantiles of the usable window starts."""
        import numpy as np

        if len(start) == 0:
            raise DataError("no windows to split: all of them are excluded or there are none")
        ordered = np.sort(start)
        calibration = math.floor(len(ordered) * (1 - self.test_size - self.validation_size))
        test = math.floor(len(ordered) * (1 - self.test_size))
        return ordered[calibration], ordered[min(test, len(ordered) - 1)]

    def _check(self, account: dict[str, int]) -> None:
        if account[FIT] < _MINIMUM_FIT_WINDOWS or not account[CALIBRATION] or not account[TEST]:
            needed = math.ceil(_MINIMUM_FIT_WINDOWS / (1 - self.test_size - self.validation_size))
            raise DataError(
                f"too few windows to split by time: fit {account[FIT]}, calibration"
                f" {account[CALIBRATION]}, test {account[TEST]}, excluded {account[EXCLUDED]};"
                f" needed are {_MINIMUM_FIT_WINDOWS} to fit on and some in each other part"
                f" (about {needed + 4} in all): more data or a smaller features.window_s"
            )


def _name_parts(
    start: np.ndarray, *, moments: tuple[np.datetime64, np.datetime64], gap: np.timedelta64
) -> np.ndarray:
    """Part names; the gap is taken from the end of the earlier part."""
    import numpy as np

    calibration, test = moments
    conditions = [
        start < calibration - gap,
        (start >= calibration) & (start < test - gap),
        start >= test,
    ]
    names: np.ndarray = np.select(conditions, [FIT, CALIBRATION, TEST], default=EXCLUDED)
    return names.astype(object)


def _interval(pair: Sequence[str]) -> tuple[np.datetime64, np.datetime64]:
    import datetime as dt

    import numpy as np

    if isinstance(pair, str) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise ConfigError(f"{_EXCLUDE}, got {pair!r}")
    try:
        first, last = (dt.datetime.fromisoformat(str(text)) for text in pair)
    except ValueError as error:
        raise ConfigError(f"{_EXCLUDE}, got {pair!r}") from error
    if first.tzinfo is not None or last.tzinfo is not None:
        raise ConfigError(f"{_EXCLUDE} without a zone, got {pair!r}")
    if first >= last:
        raise ConfigError(f"training.exclude: {pair!r} ends before it begins")
    return np.datetime64(first, "us"), np.datetime64(last, "us")
