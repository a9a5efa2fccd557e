"""What jobs of a sweep share of what they learn, and what of it they leave in memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.evaluation.made_up import noise, parts_of, windows_of
from wifitrain.cache import Cache, forget, recalled, remembered
from wifitrain.calibration import AlertBudget
from wifitrain.export.ready import TableSource
from wifitrain.labels import IntervalLabels
from wifitrain.pipeline.context import Stages
from wifitrain.pipeline.learning import Learned, Learning
from wifitrain.pipeline.preparation import Preparation
from wifitrain.records import Parts, WindowTable
from wifitrain.training import GuardSettings, Trainer, isolation_forest
from wifitrain.training.recipe import Matrix

WINDOWS = replace(
    windows_of(noise(300)),
    kinds=pd.DataFrame({"window": [0], "kind": ["event:roam"], "count": [1]}),
)
PARTS = parts_of(WINDOWS)


class Given:
    """The same parts for all jobs, as the splitter gives them."""

    def split(self, windows: WindowTable) -> Parts:
        """Whatever the windows."""
        return PARTS if windows is WINDOWS else parts_of(windows)


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Before and after."""
    forget()
    yield
    forget()


def learn(cache: Path, *, seed: int = 0, trees: int = 5, margin: float = 3.0) -> Learned:
    """One job of a sweep."""
    model = isolation_forest(
        type="isolation_forest",
        n_estimators=trees,
        max_samples="auto",
        contamination=0.1,
        random_state=seed,
        bootstrap=False,
        max_features=1.0,
    )
    learning = Learning(
        splitter=Given(),
        trainer=Trainer(
            model=model, n_jobs=1, early_stopping=False, cache=Cache(directory=str(cache))
        ),
        guard=GuardSettings(margin=margin),
        budget=AlertBudget(contamination=0.1),
    )
    return learning.learn(WINDOWS, Stages())


def test_seeds_keep_one_matrix(tmp_path: Path) -> None:
    """Each seed's job takes the fit part out of X anew; what they keep is one of them."""
    gc.collect()
    before = _matrices()
    learned = [learn(tmp_path, seed=seed) for seed in range(4)]
    gc.collect()
    assert len(learned) == 4
    assert _matrices() - before == 1


def _matrices() -> int:
    return sum(isinstance(one, Matrix) for one in gc.get_objects())


def test_jobs_of_two_guards_share_their_forest(tmp_path: Path) -> None:
    """The guard has no part in the forest, but it has one in what is judged."""
    one, other = learn(tmp_path, margin=0.5), learn(tmp_path, margin=6.0)
    assert one.trained is other.trained
    assert one.guarded is not other.guarded
    assert learn(tmp_path, margin=0.5).guarded is one.guarded


def test_large_forests_leave_room_for_fewer(tmp_path: Path) -> None:
    """Of the same few windows: it is the trees that count."""
    assert learn(tmp_path, trees=300).room < learn(tmp_path, trees=5).room


def test_what_was_made_of_other_windows_goes(tmp_path: Path) -> None:
    """Nothing finds it again once a job has other windows; what knows no windows stays."""
    for name in ("first", "second"):
        np.savez(tmp_path / f"{name}.npz", X=np.random.default_rng(0).normal(size=(40, 3)))
    kept = remembered("test.of nothing", "", object)
    windows = _prepared(tmp_path / "first.npz")
    remembered("test.of windows", "", object, of=(windows.X,))
    assert recalled("test.of windows", "", of=(windows.X,)) is not None
    _prepared(tmp_path / "second.npz")
    assert recalled("test.of windows", "", of=(windows.X,)) is None
    assert recalled("test.of nothing", "") is kept


def _prepared(path: Path) -> WindowTable:
    anything: Any = SimpleNamespace()
    preparation = Preparation(
        engine=anything,
        source=TableSource(path=str(path)),
        events=anything,
        features=anything,
        labels=IntervalLabels(),
    )
    return preparation.prepare(anything, Stages()).windows
