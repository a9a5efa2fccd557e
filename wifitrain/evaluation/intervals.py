"""How sure a share is: Wilson's interval, and the moving-block bootstrap for dependent windows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Blocks", "Interval", "percentile_interval", "wilson_interval"]

Interval = tuple[float, float]

_Z95 = 1.959963984540054
_DAYS_FOR_DAILY_BLOCKS = 3


def wilson_interval(hits: int, trials: int, *, z: float = _Z95) -> Interval:
    """Score interval of a binomial share (Wilson 1927), 95 % unless told; (0, 1) of no trials."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = hits / trials, z * z
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    half /= 1 + z2 / trials
    # At the ends the formula is exact in theory and off by rounding in floating point.
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == trials else min(1.0, centre + half)
    return low, high


def percentile_interval(values: np.ndarray) -> Interval:
    """The middle 95 % of bootstrap values."""
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


@dataclass(frozen=True)
class Blocks:
    """Moving blocks of consecutive window times (Künsch 1989): neighbours stay together.

    A block is a day where there are three days or more; otherwise the cube root of the number of
    times, the usual order. `times`: start of each row in seconds, any order, shape (n,).
    """

    times: np.ndarray

    @property
    def span_s(self) -> int:
        """Seconds between the first and the last time."""
        return int(self.times.max() - self.times.min())

    @property
    def length(self) -> int:
        """Consecutive times in one block."""
        n = len(np.unique(self.times))
        days = self.span_s / 86_400
        if days >= _DAYS_FOR_DAILY_BLOCKS:
            return max(1, min(n, math.ceil(n / days)))
        return max(1, min(n, math.ceil(math.cbrt(n))))

    @property
    def length_s(self) -> int:
        """About how many seconds a block spans."""
        steps = max(len(np.unique(self.times)) - 1, 1)
        return int(self.length * self.span_s / steps)

    def resampled_shares(
        self, hits: np.ndarray, *, rounds: int, generator: np.random.Generator
    ) -> np.ndarray:
        """Share of `hits` (boolean, (n,)) in each of `rounds` resampled series, (rounds,)."""
        _, at = np.unique(self.times, return_inverse=True)
        ends = np.cumsum([np.bincount(at, weights=hits), np.bincount(at)], axis=1)
        sums = np.concatenate([np.zeros((2, 1)), ends], axis=1)
        n, length = ends.shape[1], self.length
        in_block = sums[:, length:] - sums[:, : n - length + 1]
        drawn = generator.integers(0, n - length + 1, size=(rounds, math.ceil(n / length)))
        totals = in_block[:, drawn].sum(axis=2)
        shares: np.ndarray = totals[0] / totals[1]
        return shares

    def resampled_rows(
        self, *, rounds: int, generator: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """Positions into `times` of each of `rounds` resampled series."""
        distinct, at = np.unique(self.times, return_inverse=True)
        by_time = np.argsort(at, kind="stable")
        first = np.searchsorted(at[by_time], np.arange(len(distinct) + 1))
        n, length = len(distinct), self.length
        for _ in range(rounds):
            drawn = generator.integers(0, n - length + 1, size=math.ceil(n / length))
            yield np.concatenate([by_time[first[i] : first[i + length]] for i in drawn])
