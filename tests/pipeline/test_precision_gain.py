"""Two versions on the same labelled windows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score

from tests.conftest import make_windows
from wifitrain.pipeline.later import Later
from wifitrain.pipeline.precision_gain import precision_gain
from wifitrain.records import WindowTable
from wifitrain.training import Judgement

N = 400


@pytest.fixture
def truth() -> np.ndarray:
    """A tenth of the windows."""
    return (np.random.default_rng(0).random(N) < 0.1).astype(int)


def later(score: np.ndarray, labels: object, *, window_s: int = 300) -> Later:
    """Windows with these labels as a version scores them."""
    windows: WindowTable = make_windows(np.zeros((N, 1)), window_s=window_s)
    index = windows.index.assign(label=pd.array(labels, dtype="boolean"))
    judged = Judgement(score=score, estimator_score=score, reasons=[""] * N)
    return Later(windows=replace(windows, index=index), judged=judged, threshold=0.5, score_s=0.0)


def test_the_better_ranking_is_told_with_its_interval(truth: np.ndarray) -> None:
    """The gain is scikit-learn's difference; lots against knowledge is no chance."""
    rng = np.random.default_rng(1)
    lots, knowing = rng.random(N), truth + rng.normal(scale=0.5, size=N)
    labels = truth.astype(bool)
    found = precision_gain(later(lots, labels), later(knowing, labels))["average_precision_gain"]
    ours = [average_precision_score(truth, one) for one in (lots, knowing)]
    assert found["difference"] == pytest.approx(ours[1] - ours[0])
    assert not found["may_be_chance"]
    same = precision_gain(later(lots, labels), later(lots, labels))["average_precision_gain"]
    assert same["may_be_chance"]
    assert same["pairs"] == N


def test_without_the_same_labelled_windows_nothing_is_said(truth: np.ndarray) -> None:
    """No labels, one class only, or windows of another length."""
    score, labels = np.arange(float(N)), truth.astype(bool)
    for unlabelled in ([pd.NA] * N, [False] * N):
        assert precision_gain(later(score, unlabelled), later(score, unlabelled)) == {}
    assert precision_gain(later(score, labels), later(score, labels, window_s=60)) == {}
