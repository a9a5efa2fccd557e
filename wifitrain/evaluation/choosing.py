"""Which configuration of a sweep to take. A sweep never reports a winner by noise.

1 Drop configurations that fail a gate; 2 group those whose difference in incident recall to the
best can be chance; 3 of that group take the cheapest that is stable enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from wifitrain.evaluation.paired import PairedDifference, recall_difference

__all__ = ["Choice", "Configuration", "Standing", "choose"]

Standing = Literal["chosen", "indistinguishable", "behind", "dropped"]
_SEED = 42


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One job of a sweep as the choice sees it.

    `noticed`: trial -> noticed; a trial is (place, intensity) as text, a place (incident, repeat).
    None: no incidents were played.
    """

    job: int
    contamination: float
    n_estimators: int | None
    stability: float | None
    failed: Sequence[str]  # gates
    trials_of: str = ""  # digest of the data and what was played: pairs exist within one only
    noticed: Mapping[tuple[str, float], bool] | None = None

    @property
    def recall(self) -> float | None:
        """Share of trials that were noticed."""
        return None if not self.noticed else sum(self.noticed.values()) / len(self.noticed)

    @property
    def cost(self) -> tuple[float, int, int]:
        """Alerts that somebody reads cost more than trees."""
        return self.contamination, self.n_estimators or 0, self.job


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The configuration to take (None where there is none), its group, and why not the others."""

    verdict: str
    job: int | None
    indistinguishable: tuple[int, ...]
    stability_target: float
    best: int | None = None  # highest incident recall
    behind_the_best: Mapping[int, PairedDifference] = field(default_factory=dict)
    dropped: Mapping[int, str] = field(default_factory=dict)  # job -> why
    notes: tuple[str, ...] = ()

    def standing(self, job: int) -> Standing:
        """What became of one job."""
        if job == self.job:
            return "chosen"
        if job in self.dropped:
            return "dropped"
        return "indistinguishable" if job in self.indistinguishable else "behind"


def choose(
    configurations: Sequence[Configuration], *, stability_target: float, rounds: int = 1000
) -> Choice:
    """Apply the rule; the same configurations give the same choice."""
    dropped = {one.job: f"failed {', '.join(one.failed)}" for one in configurations if one.failed}
    passed = [one for one in configurations if not one.failed]
    if not passed:
        return Choice(
            verdict="No configuration is chosen: none passes every gate.",
            job=None,
            indistinguishable=(),
            stability_target=stability_target,
            dropped=dropped,
        )
    compared = [one for one in passed if one.noticed]
    if not compared:
        taken = _Taken(passed, stability_target)
        return taken.choice(
            dropped, notes=("No incidents were played: nothing tells these apart.",)
        )
    best = max(compared, key=lambda one: (one.recall or 0.0, [-x for x in one.cost]))
    for one in passed:
        if not one.noticed or one.trials_of != best.trials_of:
            dropped[one.job] = f"not judged on the trials of job {best.job}"
    rivals = [one for one in compared if one.job not in dropped]
    behind = {one.job: _behind(best, one, rounds=rounds) for one in rivals if one is not best}
    group = [one for one in rivals if one is best or behind[one.job].holds_zero]
    taken = _Taken(group, stability_target)
    return taken.choice(dropped, best=best, behind=behind, notes=_notes(rivals))


class _Taken:
    """The cheapest of a group that is stable enough, else the steadiest."""

    def __init__(self, group: Sequence[Configuration], target: float) -> None:
        self._group = sorted(group, key=lambda one: one.job)
        self._target = target
        # A mean of floating-point numbers may end just below what it stands for.
        stable = [one for one in group if round(one.stability or 0.0, 6) >= target]
        self._is_stable = bool(stable)
        cheapest = min(stable, key=lambda one: one.cost) if stable else None
        self._one = cheapest or min(group, key=lambda one: (-(one.stability or 0.0), one.cost))

    def choice(
        self,
        dropped: Mapping[int, str],
        *,
        best: Configuration | None = None,
        behind: Mapping[int, PairedDifference] | None = None,
        notes: tuple[str, ...] = (),
    ) -> Choice:
        """With what is known of the others."""
        return Choice(
            verdict=self._verdict(),
            job=self._one.job,
            indistinguishable=tuple(one.job for one in self._group),
            stability_target=self._target,
            best=None if best is None else best.job,
            behind_the_best=behind or {},
            dropped=dropped,
            notes=notes,
        )

    def _verdict(self) -> str:
        one = self._one
        trees = "" if one.n_estimators is None else f", {one.n_estimators} trees"
        told = f"Job {one.job} (contamination {one.contamination:g}{trees})"
        n = len(self._group)
        among = "the only one left" if n == 1 else f"of {n} indistinguishable configurations"
        if not self._is_stable:
            reached = "unknown" if one.stability is None else f"{one.stability:.2f}"
            return (
                f"{told}: {among}, the steadiest; none reaches the stability target of"
                f" {self._target:g} (it has {reached})."
            )
        what = "" if n == 1 else ", the cheapest"
        return f"{told}: {among}{what} that reaches a stability of {self._target:g}."


def _behind(best: Configuration, other: Configuration, *, rounds: int) -> PairedDifference:
    """Recall of the best minus the other's, by places drawn together."""
    mine, theirs = best.noticed or {}, other.noticed or {}
    trials = sorted(mine)
    return recall_difference(
        np.array([mine[trial] for trial in trials]),
        np.array([theirs[trial] for trial in trials]),
        clusters=np.array([place for place, _ in trials]),
        rounds=rounds,
        seed=_SEED,
    )


def _notes(rivals: Sequence[Configuration]) -> tuple[str, ...]:
    if len({one.contamination for one in rivals}) < 2:
        return ()
    return (
        "Budgets differ: a larger one notices more by alerting more. Cheapest means the smallest"
        " budget, then the fewest trees.",
    )
