"""Windows, parts, scores and a small `Trained` around a real IsolationForest, all made up."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from sklearn.ensemble import IsolationForest

from wifitrain.evaluation import Evaluator
from wifitrain.evaluation.case import Case
from wifitrain.records import CALIBRATION, EXCLUDED, FIT, TEST, Parts, ScoredWindows, WindowTable

if TYPE_CHECKING:
    from wifitrain.evaluation.evidence import Evidence


@dataclass
class ForestDetector:
    """A fitted forest with one sign of score."""

    forest: IsolationForest
    feature_names: list[str]

    @property
    def n_estimators(self) -> int:
        """Trees of the forest."""
        return len(self.forest.estimators_)

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Higher = more anomalous."""
        return -self.forest.score_samples(X[self.feature_names].to_numpy())


@dataclass
class TrainedForest:
    """Fits forests of one configuration and remembers what it was asked for."""

    detector: ForestDetector
    n_estimators: int
    refits: list[pd.Index]
    sizes: list[int | None] = field(default_factory=list)

    @classmethod
    def on(cls, X: pd.DataFrame, *, n_estimators: int = 50) -> TrainedForest:
        """Trained on `X`."""
        return cls(fit_forest(X, seed=0, n_estimators=n_estimators), n_estimators, [])

    def refit(self, X, *, seed=None, n_estimators=None) -> ForestDetector:
        """Another forest on `X`."""
        self.refits.append(X.index)
        self.sizes.append(n_estimators)
        return fit_forest(X, seed=seed or 0, n_estimators=n_estimators or self.n_estimators)


def fit_forest(X: pd.DataFrame, *, seed: int, n_estimators: int) -> ForestDetector:
    """A real isolation forest on `X`."""
    forest = IsolationForest(
        n_estimators=n_estimators, random_state=seed, max_samples=min(64, len(X))
    )
    return ForestDetector(forest.fit(X.to_numpy()), list(X.columns))


@dataclass
class DistanceDetector:
    """Distance from the mean of the first column: no forest, no seed."""

    centre: float
    feature_names: list[str]

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Higher = more anomalous."""
        return np.abs(X[self.feature_names[0]].to_numpy() - self.centre)


class TrainedDistance:
    """Fits DistanceDetector."""

    def __init__(self, X: pd.DataFrame) -> None:
        self.detector = self.refit(X)

    def refit(self, X, *, seed=None, n_estimators=None) -> DistanceDetector:  # noqa: ARG002
        """The mean of `X`; a seed changes nothing."""
        assert n_estimators is None, "there is no forest to size"
        return DistanceDetector(float(X.iloc[:, 0].mean()), list(X.columns))


def windows_of(
    X: pd.DataFrame, *, entities: int = 1, window_s: int = 300, labels: object = pd.NA
) -> WindowTable:
    """`X` as windows of `entities` access points side by side, in the order of (entity, start)."""
    n = len(X) // entities
    starts = pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(n) * window_s, unit="s")
    index = pd.DataFrame(
        {
            "entity": np.repeat([f"ap{i}" for i in range(entities)], n),
            "start": np.tile(starts, entities),
            "end": np.tile(starts + pd.Timedelta(seconds=window_s), entities),
            "n_events": 1,
            "label": pd.array(np.broadcast_to(labels, len(X)).tolist(), dtype="boolean"),
        }
    )
    kinds = pd.DataFrame({"window": [], "kind": [], "count": []})
    return WindowTable(X=X, index=index, kinds=kinds, unavailable={}, window_s=window_s)


def parts_of(
    windows: WindowTable, *, calibrate_from: float = 0.5, test_from: float = 0.75
) -> Parts:
    """Fit, calibration and test by time, one excluded window between two parts."""
    start = windows.index["start"].rank(method="dense").to_numpy() - 1
    n = start.max() + 1
    name = np.full(len(start), FIT, dtype=object)
    name[start >= int(n * calibrate_from)] = CALIBRATION
    name[start >= int(n * test_from)] = TEST
    for border in (int(n * calibrate_from), int(n * test_from)):
        name[start == border] = EXCLUDED
    return Parts(name=name)


def scored_by(
    windows: WindowTable, parts: Parts, trained, *, contamination: float = 0.05
) -> ScoredWindows:
    """Scores of the detector and the threshold of the budget on the calibration part."""
    score = trained.detector.score(windows.X)
    calibration = np.sort(score[parts.rows(CALIBRATION)])
    rank = int(np.ceil((len(calibration) + 1) * (1 - contamination) - 1e-9))
    return ScoredWindows(
        score=score,
        estimator_score=score,
        guard_reasons=[""] * len(score),
        threshold=float(calibration[min(rank, len(calibration)) - 1]),
        contamination=contamination,
    )


def noise(n: int, *, seed: int = 1, columns: int = 4) -> pd.DataFrame:
    """Gaussian noise that means nothing."""
    values = np.random.default_rng(seed).normal(size=(n, columns))
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(columns)])


def quick(**options) -> Evaluator:
    """An evaluator that is cheap enough for a test."""
    cheap = {
        "stability_seeds": 3,
        "stability_sizes": [10],
        "bootstrap_rounds": 100,
        "importance_rows": 100,
        "subsample_rounds": 2,
        "cross_validation_folds": 2,
    }
    return Evaluator(**{**cheap, **options})


def evidence_of(
    X: pd.DataFrame,
    *,
    labels: object = pd.NA,
    contamination: float = 0.05,
    entities: int = 1,
    **options,
) -> Evidence:
    """The whole way from X to evidence."""
    windows = windows_of(X, labels=labels, entities=entities)
    parts = parts_of(windows)
    trained = TrainedForest.on(X[parts.rows(FIT)])
    scored = scored_by(windows, parts, trained, contamination=contamination)
    return quick(**options).evaluate(windows, parts, trained, scored)


def case_of(X: pd.DataFrame, *, make=TrainedForest.on, **options) -> Case:
    """`X` judged by the model that `make` fits to its fit part; `options` are of windows_of."""
    windows = windows_of(X, **options)
    parts = parts_of(windows)
    trained = make(X[parts.rows(FIT)])
    scored = scored_by(windows, parts, trained)
    return Case(windows=windows, parts=parts, trained=trained, scored=scored)


#: 30 runs of four anomalous windows among 1200, at irregular times.
LABELS = np.zeros(1200, dtype=bool)
for _i, _offset in enumerate(np.random.default_rng(0).integers(0, 36, 30)):
    LABELS[40 * _i + _offset :][:4] = True


def with_incidents(strength: float = 4.0) -> pd.DataFrame:
    """Noise with a shift of two columns where LABELS says so."""
    X = noise(1200)
    X.loc[LABELS, ["f0", "f1"]] += strength
    return X


@cache
def labelled_evidence() -> Evidence:
    """Evidence with labels that the model finds."""
    return evidence_of(with_incidents(), labels=LABELS, contamination=0.1)


@cache
def noise_evidence() -> Evidence:
    """Evidence on noise without labels."""
    return evidence_of(noise(800), thresholds={"recall": 0.7})
