"""Everything that can honestly be said of one model, and how it reads as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from wifitrain.errors import GateFailed
from wifitrain.evaluation.recommendations import Recommendation, recommendations
from wifitrain.evaluation.verdict import verdict

if TYPE_CHECKING:
    from wifitrain.evaluation.alerts import AlertVolume
    from wifitrain.evaluation.conformal import Confidence, Conformal
    from wifitrain.evaluation.diagnostics import Diagnostics
    from wifitrain.evaluation.folds import CrossValidation
    from wifitrain.evaluation.gates import Check, Gates
    from wifitrain.evaluation.incidents import IncidentEvidence
    from wifitrain.evaluation.labelled import Labelled
    from wifitrain.evaluation.mixture import Mixture
    from wifitrain.evaluation.nulls import NullResult
    from wifitrain.evaluation.pseudo import PseudoLabels
    from wifitrain.evaluation.ranking import RankStability
    from wifitrain.evaluation.stability import SeedStability
    from wifitrain.evaluation.thresholds import Distribution, ThresholdPoint
    from wifitrain.records import Json

__all__ = ["Evidence", "FeatureAccount", "as_json"]

_SUPERVISED = ("confusion_matrix", "classification_report", "roc_curve", "pr_curve")


@dataclass(frozen=True, kw_only=True)
class FeatureAccount:
    """What the estimator could learn from."""

    used: int
    constant: tuple[str, ...]  # did not vary in the fit part
    unavailable: tuple[str, ...]  # this export cannot feed them
    understood_ratio: float | None  # of the WiFi lines, where the windows know it


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """The evidence for one model. None: not measured; in JSON such keys are absent."""

    features: FeatureAccount
    not_finite: int
    alert_volume: AlertVolume
    score_distribution: Mapping[str, Distribution]
    threshold_analysis: Sequence[ThresholdPoint]
    stability: SeedStability
    rank_stability: RankStability | None
    conformal: Conformal
    confidence: Confidence
    null_panel: Sequence[NullResult]
    feature_importance: Mapping[str, float] | None
    cross_validation: CrossValidation | None
    labelled: Labelled | None
    pseudo_labels: PseudoLabels | None
    thresholds: Mapping[str, float]
    gates: Gates
    diagnostics: Diagnostics | None = None
    incidents: IncidentEvidence | None = None

    @property
    def labels(self) -> Literal["provided", "incidents", "none"]:
        """Where the supervised numbers come from."""
        if self.labelled is not None:
            return "provided"
        return "incidents" if self.played else "none"

    @property
    def played(self) -> IncidentEvidence | None:
        """The incident bench where it measured anything."""
        return self.incidents if self.incidents and self.incidents.recalls else None

    @property
    def supervised(self) -> Labelled | Mixture | None:
        """Numbers against a truth: the user's labels, else the mixture with incidents."""
        if self.labelled is not None:
            return self.labelled
        return self.played.mixture if self.played else None

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Every release gate with its state."""
        return self.gates.check(self)

    @property
    def storable_as(self) -> Literal["available", "candidate"]:
        """The status a package of this model may have."""
        return self.gates.release(self.checks)

    @cached_property
    def verdict(self) -> str:
        """The report's first line: what this model was shown to do, or that nothing was."""
        return verdict(self)

    @cached_property
    def recommendations(self) -> tuple[Recommendation, ...]:
        """What to do next, each with the numbers it follows from."""
        return recommendations(self)

    def with_incidents(self, incidents: IncidentEvidence) -> Evidence:
        """The same evidence with the outcome of an incident bench."""
        return replace(self, incidents=incidents)

    def enforce(self) -> None:
        """End the run where a gate failed and the configuration says so.

        Raises
        ------
        GateFailed : names each failed gate with its number.
        """
        failed = [check for check in self.checks if check.state == "failed"]
        if failed and self.gates.on_failure == "error":
            told = "; ".join(f"{c.name} is {c.value:.3g}, required: {c.required}" for c in failed)
            raise GateFailed(f"{len(failed)} release gates failed: {told}")

    def evaluation_info(self) -> dict[str, Json]:
        """The section of metadata.json: the design's names; numbers or nothing, never null."""
        full = self.to_json()
        kept = ("labels", "verdict", "advanced_metrics", "threshold_checks", "cross_validation")
        found = {name: full[name] for name in kept if name in full}
        return {"basic_metrics": full.get("basic_metrics", {}), **found}

    def to_json(self) -> dict[str, Json]:
        """The section `evaluation` of report.json; strict JSON, what is unknown is absent."""
        return {
            "verdict": self.verdict,
            "labels": self.labels,
            "storable_as": self.storable_as,
            **self._supervised(),
            "advanced_metrics": self._advanced(),
            **_present(
                alert_volume=self.alert_volume,
                stability=self.stability,
                rank_stability=self.rank_stability,
                conformal=self.conformal,
                confidence=self.confidence,
                null_panel=self.null_panel,
                features=self.features,
                feature_importance=self.feature_importance,
                cross_validation=self.cross_validation,
                incidents=self.incidents,
                diagnostics=self.diagnostics,
                pseudo_labels=self.pseudo_labels,
                recommendations=self.recommendations,
            ),
            "threshold_checks": {check.name: as_json(check) for check in self.checks},
        }

    def _supervised(self) -> dict[str, Json]:
        """Present only with labels or incidents; `labels` says which."""
        truth = self.supervised
        if truth is None:
            return {}
        metrics = {**truth.metrics, "prevalence": truth.prevalence}
        if self.labelled is None:
            return {"basic_metrics": metrics}
        found = cast("dict[str, Json]", as_json(self.labelled))
        kept = {n: v for n, v in found.items() if n not in {*_SUPERVISED, "metrics", "prevalence"}}
        return {"basic_metrics": metrics, "labelled": kept}

    def _advanced(self) -> dict[str, Json]:
        always = _present(
            score_distribution=self.score_distribution, threshold_analysis=self.threshold_analysis
        )
        if self.supervised is None:
            return always
        found = cast("dict[str, Json]", as_json(self.supervised))
        return {**always, **{name: found[name] for name in _SUPERVISED if name in found}}


def _present(**values: object) -> dict[str, Json]:
    return {name: as_json(value) for name, value in values.items() if not _unknown(value)}


def as_json(value: object) -> Json:
    """Frozen records, mappings and sequences as strict JSON; None, NaN and infinity drop out."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_json({one.name: getattr(value, one.name) for one in fields(value)})
    if isinstance(value, Mapping):
        return {str(name): as_json(item) for name, item in value.items() if not _unknown(item)}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value if not _unknown(item)]
    return cast("Json", value.item() if isinstance(value, np.generic) else value)


def _unknown(value: object) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))
