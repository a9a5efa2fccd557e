"""What is worked through in pieces, so that memory stays small, is what one piece would give."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest

from wifitrain.cache import Cache
from wifitrain.training import GuardSettings, Trainer, guard, recipe
from wifitrain.training.estimators import isolation_forest
from wifitrain.training.guard import NoveltyGuard
from wifitrain.training.recipe import matrix_digest

N = 1000


@pytest.fixture
def values() -> np.ndarray:
    """Numbers with gaps, and a zero below zero."""
    values = np.random.default_rng(5).normal(size=(N, 4))
    values[::7, 1] = np.nan
    values[3, 2] = -0.0
    return values


def test_the_digest_of_a_matrix_does_not_depend_on_its_pieces_or_its_order_in_memory(
    values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One hash over shape and rows; columns that lie side by side in memory give the same."""
    plain = values + 0.0
    plain[np.isnan(plain)] = np.nan
    expected = hashlib.sha256(repr((N, 4)).encode() + plain.tobytes()).hexdigest()
    monkeypatch.setattr(recipe, "_ROWS_AT_ONCE", 64)
    assert matrix_digest(values) == matrix_digest(np.asfortranarray(values)) == expected


def test_scores_in_pieces_are_those_of_scikit_learn(
    values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last bit, and none for no rows."""
    monkeypatch.setattr(recipe, "_ROWS_AT_ONCE", 64)
    spec = isolation_forest(
        type="isolation_forest", n_estimators=20, max_samples="auto", contamination=0.02,
        random_state=1, bootstrap=False, max_features=1.0,
    )  # fmt: skip
    X = pd.DataFrame(values, columns=list("abcd"))
    trainer = Trainer(model=spec, early_stopping=False, cache=Cache(enabled=False))
    detector = trainer.fit(X).detector
    np.testing.assert_array_equal(detector.score(X), -detector.pipeline.score_samples(values))
    assert detector.score(X.iloc[:0]).shape == (0,)


def test_the_guard_finds_the_same_in_pieces(
    values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Excess and reasons of windows far outside do not depend on where a piece ends."""
    X = pd.DataFrame(values, columns=list("abcd"))
    kinds = pd.DataFrame({"window": [1, 2], "kind": ["event:a", "event:b"]})
    watcher = NoveltyGuard.fit(X.iloc[:500], kinds.iloc[:1], settings=GuardSettings())
    X.iloc[[64, 700, 999], 0] = [99.0, 1e6, -50.0]
    whole = watcher.excess(X, kinds)
    monkeypatch.setattr(guard, "_ROWS_AT_ONCE", 64)
    excess, reasons = watcher.excess(X, kinds)
    np.testing.assert_array_equal(excess, whole[0])
    assert reasons == whole[1]
    assert {row for row, reason in enumerate(reasons) if reason} == {2, 64, 700, 999}
