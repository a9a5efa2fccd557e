"""A bet against "these scores look like the held-out ones", with a known chance to win."""

from __future__ import annotations

import bisect
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Martingale", "Wealth", "bet_against"]

_JUMPING = 0.01  # share of each fortune that is spread over all bets, as in the source
_SEED = 20_260_101  # ties are broken at random, the same way in every run


@dataclass(frozen=True, kw_only=True)
class Wealth:
    """Where a bet stands after some batches, so that it goes on with the next.

    `fortune` is a natural logarithm, `shares` are those of the three bets in it. `hours` and
    `scores` are the windows that were bet on, in that order: they have joined the bags. `until` is
    where the latest of them ends: no window is bet on twice.
    """

    fortune: float = 0.0
    shares: tuple[float, float, float] = (1 / 3, 1 / 3, 1 / 3)
    batches: int = 0
    until: dt.datetime | None = None
    hours: Sequence[int] = ()
    scores: Sequence[float] = ()


@dataclass(frozen=True, kw_only=True)
class Martingale:
    """The bet's largest fortune in this batch, as a power of ten, and whether it passed the limit.

    `crossed_at` is the first window (in order of time, after thinning) at which it had; `windows`
    and `batches` are all that it was built on, this batch with its `new_windows` included.
    """

    largest_log10: float
    limit_log10: float
    crossed_at: int | None
    windows: int
    new_windows: int
    batches: int
    wealth: Wealth = field(repr=False)

    @property
    def alarmed(self) -> bool:
        """Whether the scores are no longer exchangeable with those held out in training."""
        return self.crossed_at is not None


def bet_against(
    held_out: Sequence[Sequence[float]],
    scores: np.ndarray,
    bags: np.ndarray,
    *,
    false_alarm_rate: float,
    before: Wealth | None = None,
) -> Martingale:
    """Bet on the conformal p-values of `scores`, shape (n,) in order of time.

    Each score is ranked in a bag, `held_out[bags[i]]` (one for each hour of the day: nights are
    quieter than days without any change), and joins it, so that the p-values are independent and
    uniform as long as scores of a bag are exchangeable; then the fortune ever reaches
    1 / `false_alarm_rate` with probability at most `false_alarm_rate` (Ville's inequality), over
    all batches together where the bet goes on from `before`. The bet is the Simple Jumper of Vovk
    et al., "Retrain or not retrain" (2021).
    """
    import numpy as np

    before = before or Wealth()
    limit = -math.log(false_alarm_rate)
    sorted_bags = _bags(held_out, before)
    seed = (_SEED, len(before.scores))
    ties = np.random.default_rng(seed).random(len(scores)).tolist()
    low, even, high = before.shares
    fortune = largest = before.fortune
    crossed_at = 0 if fortune >= limit else None
    # A martingale is a sum over its past: the one loop over windows that cannot be an expression.
    numbered = enumerate(zip(scores.tolist(), bags.tolist(), ties, strict=True))
    for window, (score, number, tie) in numbered:
        bag = sorted_bags[number]
        first, last = bisect.bisect_left(bag, score), bisect.bisect_right(bag, score)
        edge = (len(bag) - last + tie * (last - first + 1)) / (len(bag) + 1) - 0.5
        bag.insert(last, score)
        low = ((1 - _JUMPING) * low + _JUMPING / 3) * (1 - edge)
        even = (1 - _JUMPING) * even + _JUMPING / 3
        high = ((1 - _JUMPING) * high + _JUMPING / 3) * (1 + edge)
        growth = low + even + high
        low, even, high = low / growth, even / growth, high / growth
        fortune += math.log(growth)
        largest = max(largest, fortune)
        if crossed_at is None and fortune >= limit:
            crossed_at = window
    return Martingale(
        largest_log10=largest / math.log(10),
        limit_log10=limit / math.log(10),
        crossed_at=crossed_at,
        windows=len(before.scores) + len(scores),
        new_windows=len(scores),
        batches=before.batches + 1,
        wealth=Wealth(
            fortune=fortune,
            shares=(low, even, high),
            batches=before.batches + 1,
            until=before.until,
            hours=[*before.hours, *bags.tolist()],
            scores=[*before.scores, *scores.tolist()],
        ),
    )


def _bags(held_out: Sequence[Sequence[float]], before: Wealth) -> list[list[float]]:
    """Each hour's scores in order: held out in training, and bet on since."""
    bags = [list(bag) for bag in held_out]
    for hour, score in zip(before.hours, before.scores, strict=True):
        bags[hour].append(score)
    return [sorted(bag) for bag in bags]
