"""The bet of a version, carried from batch to batch in its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.errors import WifitrainError
from wifitrain.monitoring.martingale import Wealth

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["wealth_after", "wealth_entry"]

#: A bet on so many windows begins anew, so that its bags stay small; its rate begins anew with it.
_MOST_WINDOWS = 200_000
_HOURS = 24


def wealth_entry(wealth: Wealth, *, windows: int) -> dict[str, Json]:
    """What the history keeps of a batch: where the bet stands, and the `windows` that it was on."""
    first = len(wealth.scores) - windows
    return {
        "fortune": wealth.fortune,
        "shares": list(wealth.shares),
        "batches": wealth.batches,
        "until": None if wealth.until is None else wealth.until.isoformat(),
        "first": first,
        "hours": list(wealth.hours[first:]),
        "scores": list(wealth.scores[first:]),
    }


def wealth_after(entries: Sequence[Mapping[str, Any]]) -> Wealth:
    """Where the bet stands after the batches of a history, oldest first; as new without any.

    Raises
    ------
    WifitrainError : an entry whose bet cannot be gone on with.
    """
    bets = [entry["bet"] for entry in entries if entry.get("bet") is not None]
    if not bets:
        return Wealth()
    try:
        return _after(bets)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WifitrainError(
            f"the monitoring history holds a bet that was changed by hand ({error}): move the file"
            " away to begin anew"
        ) from error


def _after(bets: Sequence[Mapping[str, Any]]) -> Wealth:
    hours: list[int] = []
    scores: list[float] = []
    for bet in bets:
        first = int(bet["first"])
        if first == 0:  # begun anew
            hours, scores = [], []
        if first != len(scores):
            raise ValueError(f"{len(scores)} windows before one that says {first}")
        hours += [int(hour) for hour in bet["hours"]]
        scores += [float(score) for score in bet["scores"]]
    if len(hours) != len(scores) or not all(0 <= hour < _HOURS for hour in hours):
        raise ValueError("hours and scores do not fit")
    last = bets[-1]
    until = None if last["until"] is None else dt.datetime.fromisoformat(last["until"])
    if len(scores) >= _MOST_WINDOWS:
        return Wealth(until=until)
    low, even, high = map(float, last["shares"])
    return Wealth(
        fortune=float(last["fortune"]),
        shares=(low, even, high),
        batches=int(last["batches"]),
        until=until,
        hours=hours,
        scores=scores,
    )
