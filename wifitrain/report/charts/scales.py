"""Scales: where a value lies between two ends, and round numbers between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Scale", "Tick", "around", "numbered", "round_numbers"]

Tick = tuple[float, str]

_MANTISSAS = (1.0, 2.0, 2.5, 5.0, 10.0)
_FEW = 4  # decades below which 2 and 5 are told, too


@dataclass(frozen=True)
class Scale:
    """From `low` to `high`, linear or logarithmic; on a logarithmic one both are above 0."""

    low: float
    high: float
    log: bool = False

    def share(self, values: np.ndarray | Sequence[float] | float) -> np.ndarray:
        """0 at `low`, 1 at `high`, NaN where there is no value; of the shape of `values`."""
        bent = np.asarray(values, dtype=float)
        low, high = self.low, self.high
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                bent = np.log10(bent)
            low, high = math.log10(low), math.log10(high)
        shares: np.ndarray = (bent - low) / ((high - low) or 1.0)
        return shares

    def ticks(self, most: int) -> list[Tick]:
        """Round numbers inside, with their labels; about `most` of them or fewer."""
        return _decades(self) if self.log else round_numbers(self.low, self.high, most=most)


def around(
    values: Sequence[float] | np.ndarray, *, margin: float = 0.05, log: bool = False
) -> Scale:
    """A scale that holds every finite value, with a margin at both ends (share of the range)."""
    found = np.asarray(values, dtype=float)
    found = found[np.isfinite(found) & ((found > 0) | (not log))]
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.1, 1.0)
    if log:
        room = (high / low) ** margin if high > low else 2.0
        return Scale(low / room, high * room, log=True)
    room = margin * (high - low) or abs(high) * margin or 1.0
    return Scale(low - room, high + room)


def round_numbers(low: float, high: float, *, most: int) -> list[Tick]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten between `low` and `high`."""
    if not high > low:
        return [(low, f"{low:g}")]
    wanted = (high - low) / most
    power = 10.0 ** math.floor(math.log10(wanted))
    step = next(m for m in _MANTISSAS if m * power >= wanted * (1 - 1e-9)) * power
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    decimals += round(step, decimals) != round(step, decimals + 1)  # 2.5, 0.25
    return numbered([number * step for number in range(first, last + 1)], decimals=decimals)


def numbered(values: Sequence[float], *, decimals: int) -> list[Tick]:
    """Values with labels of so many decimals and a true minus sign."""
    return [
        (value, f"{round(value, decimals) + 0.0:,.{decimals}f}".replace("-", "\N{MINUS SIGN}"))
        for value in values
    ]


def _decades(scale: Scale) -> list[Tick]:
    low, high = math.log10(scale.low), math.log10(scale.high)
    told = (1.0, 2.0, 5.0) if high - low < _FEW / 2 else (1.0,)
    found = (m * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for m in told)
    return [(value, f"{value:g}") for value in found if scale.low <= value <= scale.high]
