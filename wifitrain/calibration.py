"""The threshold: an alert budget turned into an order statistic of calibration scores."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError, DataError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["AlertBudget", "Calibration"]

_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A threshold and the budget it stands for. A score above the threshold is an alert."""

    threshold: float
    contamination: float  # share of windows
    alerts_per_day: float  # for each entity
    n_calibration: int


class AlertBudget:
    """How many alerts the operator is ready to read.

    Parameters
    ----------
    contamination : share of windows that may alert, in (0, 0.5].
    alerts_per_day : alerts for each access point and day instead, above 0; goes before
        contamination where it is not None.
    """

    def __init__(self, *, contamination: float = 0.02, alerts_per_day: float | None = None) -> None:
        if not _is_number(contamination) or not 0 < contamination <= 0.5:
            raise ConfigError(f"model.contamination must be in (0, 0.5], got {contamination!r}")
        if alerts_per_day is not None and (
            not _is_number(alerts_per_day)
            or not math.isfinite(alerts_per_day)
            or alerts_per_day <= 0
        ):
            raise ConfigError(
                f"training.alerts_per_day must be null or above 0, got {alerts_per_day!r}"
            )
        self._contamination = float(contamination)
        self._alerts_per_day = alerts_per_day

    def contamination(self, window_s: int) -> float:
        """Share of windows that may alert."""
        if self._alerts_per_day is None:
            return self._contamination
        share = self._alerts_per_day * window_s / _DAY_S
        if share > 0.5:
            raise ConfigError(
                f"training.alerts_per_day: {self._alerts_per_day} alerts a day are more than every"
                f" second window of {window_s} s"
            )
        return share

    def calibrate(self, scores: np.ndarray, *, window_s: int) -> Calibration:
        """The ceil((n + 1)(1 - contamination))-th smallest of `scores`, shape (n,).

        With exchangeable windows a later score exceeds it with probability at most contamination
        (split conformal prediction: Bates et al., Annals of Statistics 2023).

        Raises
        ------
        DataError : too few calibration windows for so small a budget.
        """
        import numpy as np

        contamination = self.contamination(window_s)
        n = len(scores)
        # The tolerance keeps (n + 1)(1 - c) from being pushed over an integer by rounding.
        rank = math.ceil((n + 1) * (1 - contamination) - 1e-9)
        if rank > n:
            needed = math.ceil(1 / contamination - 1 - 1e-9)
            raise DataError(
                f"{n} calibration windows cannot calibrate a budget of {contamination:g}:"
                f" {needed} are needed; take more data, a larger model.contamination, a larger"
                " training.validation_size or a smaller features.window_s"
            )
        return Calibration(
            threshold=float(np.sort(scores)[rank - 1]),
            contamination=contamination,
            alerts_per_day=contamination * _DAY_S / window_s,
            n_calibration=n,
        )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
