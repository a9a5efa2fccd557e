import numpy as np
import pytest

from wifitrain.evaluation.nulls import measure_nulls

from .made_up import case_of, noise


def test_meaningless_scores_keep_the_budget_too() -> None:
    """An alert rate at the budget is no quality: shuffled data and lots reach it as well."""
    for null in measure_nulls(case_of(noise(4000)), seeds=2):
        assert null.ratio_to_budget == pytest.approx(1, abs=0.4)
        assert null.metrics is None


def test_shuffled_data_agrees_between_seeds_and_lots_do_not() -> None:
    """Seed stability stays high on data without meaning, so it is no evidence of detection."""
    permuted, lots = measure_nulls(case_of(noise(2000)), seeds=3)
    assert (permuted.name, lots.name) == ("column_permuted", "random_scorer")
    assert permuted.spearman > 0.8
    assert abs(lots.spearman) < 0.1
    assert permuted.jaccard > 3 * lots.jaccard


def test_with_labels_both_fall_to_chance() -> None:
    """Labels that a model finds are lost on shuffled columns and on lots: ROC AUC near .5."""
    labels = np.arange(2000) % 20 < 2
    X = noise(2000)
    X.loc[labels] += 3
    for null in measure_nulls(case_of(X, labels=labels), seeds=2):
        assert null.metrics["roc_auc"] == pytest.approx(0.5, abs=0.12)
