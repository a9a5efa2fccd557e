"""What an incident bench found, as evidence: recall, what was played, and what could not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.evaluation.bench import ScorerRecall
    from wifitrain.evaluation.mixture import Mixture

__all__ = ["ContextCheck", "IncidentAccount", "IncidentEvidence"]


@dataclass(frozen=True, kw_only=True)
class IncidentAccount:
    """One kind of incident as it was played in this log."""

    incident: str
    meaning: str
    dialects: tuple[str, ...]  # that told of it
    trials: int
    windows: float  # touched by one trial, on average
    chance_recall: float  # what the budget alone gives, by the number of windows touched
    one_rule: tuple[str, ...]  # features that the rule made for it watches
    named_by_guard: Mapping[str, int]  # what the guard named -> windows, most first


@dataclass(frozen=True, kw_only=True)
class ContextCheck:
    """Whether copies of background without an incident gave the windows of the full run."""

    hours: float  # of background before each incident
    compared: int
    equal: int
    differing: tuple[str, ...]  # features


@dataclass(frozen=True, kw_only=True)
class IncidentEvidence:
    """The outcome of an incident bench; without `recalls` nothing was measured."""

    recalls: tuple[ScorerRecall, ...] = ()  # of each incident and scorer
    overall: tuple[ScorerRecall, ...] = ()  # of each scorer over all incidents that it judged
    incidents: tuple[IncidentAccount, ...] = ()
    inexpressible: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    no_place: Mapping[str, str] = field(default_factory=dict)  # incident -> why it was not played
    #: access point -> ordinary events that its log never shows, and its incidents neither
    unsaid: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: scorer -> share of the test windows without an incident that it alerts on: all of them are
    #: calibrated to one budget, but not all of them keep it
    background_alert_rate: Mapping[str, float] = field(default_factory=dict)
    not_measured: Mapping[str, str] = field(default_factory=dict)  # scorer -> why
    mixture: Mixture | None = None
    context: ContextCheck | None = None
    gate: bool = False  # metric thresholds hold for the mixture where there are no other labels

    def keeping_budget(self, most_alerts: float) -> frozenset[str]:
        """Scorers that alert on no more than this share of ordinary test windows."""
        rates = self.background_alert_rate
        scorers = {one.scorer for one in self.recalls}
        return frozenset(name for name in scorers if rates.get(name, 0.0) <= most_alerts)

    @property
    def found(self) -> tuple[str, ...]:
        """Incidents that the model finds.

        Better than the budget alone would, and at an intensity that was tried in half of the
        trials or more.
        """
        chance = {one.incident: one.chance_recall for one in self.incidents}
        return tuple(
            one.incident
            for one in self.recalls
            if one.scorer == "model"
            and one.intensity_at_50 is not None
            and one.recall_interval[0] > chance.get(one.incident, 0.0)
        )

    @property
    def chance_recall(self) -> float | None:
        """Recall over all trials that the budget alone gives; None where it is not known."""
        trials = sum(one.trials for one in self.incidents)
        if not trials:
            return None
        return sum(one.chance_recall * one.trials for one in self.incidents) / trials
