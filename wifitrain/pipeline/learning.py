"""From labelled windows to a calibrated detector and scores of every window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.cache import remembered, room_for
from wifitrain.log import get_logger
from wifitrain.pipeline.files import json_digest
from wifitrain.records import FIT, ScoredWindows
from wifitrain.training import calibration_scores, guard_windows

if TYPE_CHECKING:
    from wifitrain.calibration import AlertBudget, Calibration
    from wifitrain.pipeline.context import Stages
    from wifitrain.pipeline.parts import Splitter
    from wifitrain.records import Parts, WindowTable
    from wifitrain.training import (
        GuardedDetector,
        GuardSettings,
        Judgement,
        Trainer,
        TrainingResult,
    )

__all__ = ["Learned", "Learning"]

_log = get_logger("wifitrain")
_WINDOW_BYTES = 3 * 8  # two scores and a reason
_ROOM = 100_000_000  # bytes of the forests of one sweep


@dataclass(frozen=True, kw_only=True)
class Learned:
    """A detector with its threshold, and what it says of every window."""

    parts: Parts
    trained: TrainingResult
    guarded: GuardedDetector
    calibration: Calibration
    guard_raised: int  # calibration windows that the guard raised
    scored: ScoredWindows

    @property
    def used(self) -> list[str]:
        """Features that the estimator sees: those that varied in the fit part."""
        detector = self.trained.detector
        return [name for name in detector.feature_names if name not in detector.constant]

    @property
    def room(self) -> int:
        """How many objects may stay for the next job that keep such a forest and its scores."""
        return _room(self.trained, self.parts)


@dataclass(frozen=True, kw_only=True)
class Learning:
    """Splits, fits, guards and calibrates."""

    splitter: Splitter
    trainer: Trainer
    guard: GuardSettings
    budget: AlertBudget

    def learn(self, windows: WindowTable, stages: Stages) -> Learned:
        """Everything between X and the evidence."""
        parts = self.splitter.split(windows)
        with stages.timed("fit"):
            trained = self._trained(windows, parts)
        with stages.timed("calibrate"):
            guarded, judged = self._judged(trained, windows, parts)
            scores, raised = calibration_scores(
                judged, parts, contamination=self.budget.contamination(windows.window_s)
            )
            calibration = self.budget.calibrate(scores, window_s=windows.window_s)
        self._warn(raised, calibration)
        return Learned(
            parts=parts,
            trained=trained,
            guarded=guarded,
            calibration=calibration,
            guard_raised=raised,
            scored=ScoredWindows(
                score=judged.score,
                estimator_score=judged.estimator_score,
                guard_reasons=judged.reasons,
                threshold=calibration.threshold,
                contamination=calibration.contamination,
            ),
        )

    def _trained(self, windows: WindowTable, parts: Parts) -> TrainingResult:
        """What neither guard nor alert budget changes: one object for all jobs of a sweep."""

        def make() -> TrainingResult:
            return self.trainer.fit(windows.X[parts.rows(FIT)])

        made_by = self.trainer.identity
        if made_by is None:
            return make()
        return remembered(
            "pipeline.trained",
            json_digest(made_by),
            make,
            of=(windows.X, parts),
            most=lambda trained: _room(trained, parts),
        )

    def _judged(
        self, trained: TrainingResult, windows: WindowTable, parts: Parts
    ) -> tuple[GuardedDetector, Judgement]:
        """What the alert budget does not change: one object for all jobs of a sweep."""

        def make() -> tuple[GuardedDetector, Judgement]:
            return guard_windows(trained.detector, windows, parts, settings=self.guard)

        made_by = self.trainer.identity
        if made_by is None:
            return make()
        return remembered(
            "pipeline.judged",
            json_digest([made_by, vars(self.guard)]),
            make,
            of=(windows.X, windows.kinds, parts),
            most=_room(trained, parts),
        )

    def _warn(self, raised: int, calibration: Calibration) -> None:
        if raised > calibration.n_calibration * calibration.contamination / 2:
            _log.warning(
                "the guard alone takes more than half of the alert budget:"
                " raise guard.margin or model.contamination, or train on more data",
                raised=raised,
                calibration_windows=calibration.n_calibration,
                contamination=calibration.contamination,
            )


def _room(trained: TrainingResult, parts: Parts) -> int:
    return room_for(trained.nbytes + len(parts.name) * _WINDOW_BYTES, room=_ROOM)
