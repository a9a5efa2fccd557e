import numpy as np
import pytest

from wifitrain.errors import TrainingError
from wifitrain.evaluation.folds import cross_validate

from .made_up import TrainedForest, case_of, noise


def test_every_fold_is_fitted_on_its_past_only() -> None:
    """Folds grow, lie in order of time, and no fold sees a window of itself or later."""
    case = case_of(noise(1200), entities=2)
    found = cross_validate(case, folds=3)
    assert [fold.fit for fold in found.folds] == sorted(fold.fit for fold in found.folds)
    assert found.skipped == 0
    # 149 past windows of each access point, less one before the fold and one before calibration.
    first = found.folds[0]
    assert (first.fit, first.calibration, first.test) == (2 * 110, 2 * 37, 2 * 150)
    borders = np.unique(case.starts)[[149, 299, 449]]
    for index, border in zip(case.trained.refits, borders, strict=True):
        assert case.starts[index].max() < border


def test_steady_data_alerts_at_the_budget() -> None:
    """On noise every fold alerts near the budget; without labels there are no metrics."""
    found = cross_validate(case_of(noise(4000)), folds=4)
    assert found.mean_alert_rate == pytest.approx(0.05, abs=0.02)
    assert found.metrics is None
    assert all(fold.metrics is None for fold in found.folds)


def test_drift_shows_in_the_folds() -> None:
    """A shift in the last stretch of time raises the alert rate there and the spread."""
    X = noise(2000)
    X.iloc[1500:] += 3
    found = cross_validate(case_of(X), folds=3)
    assert found.folds[-1].alert_rate > 0.5 > found.folds[0].alert_rate
    assert found.std_alert_rate > 0.1


def test_labels_add_metrics() -> None:
    """With labels each fold has its metrics, and the summary their mean and spread."""
    labels = np.arange(2000) % 25 == 0
    X = noise(2000)
    X.loc[labels] += 3
    found = cross_validate(case_of(X, labels=labels), folds=3)
    each = [fold.metrics["roc_auc"] for fold in found.folds]
    assert found.metrics["roc_auc"]["mean"] == pytest.approx(np.mean(each))
    assert np.mean(each) > 0.9


def test_too_little_past_is_skipped_and_counted() -> None:
    """Early origins that cannot calibrate the budget are left out, not guessed."""
    found = cross_validate(case_of(noise(220)), folds=9)
    assert found.skipped > 0
    assert len(found.folds) + found.skipped == 9


def test_a_past_that_cannot_be_fitted_is_skipped() -> None:
    """An estimator that refuses the past of a fold costs that fold, not the run."""

    class Refusing(TrainedForest):
        def refit(self, X, **_):
            raise TrainingError(f"nothing varies over {len(X)} windows")

    found = cross_validate(case_of(noise(600), make=Refusing.on), folds=3)
    assert (found.folds, found.skipped, found.mean_alert_rate) == ((), 3, None)
