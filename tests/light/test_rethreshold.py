"""Another alert budget is a sibling version; the one it comes from stays as it was."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from wifitrain import models
from wifitrain.light import load_light
from wifitrain.storage import ModelStore


@pytest.fixture
def folder(show, tmp_path):
    """A models folder of its own with the trained version."""
    copied = tmp_path / "models"
    shutil.copytree(show.model.parent, copied)
    return copied


def _rethreshold(folder, version, *more):
    return models.main(["--directory", str(folder), "rethreshold", version, *more])


def test_sibling_has_the_same_scores_and_another_threshold(show, scored, folder, capsys):
    """Scores are equal, the threshold is not; both artefacts have the new one."""
    assert _rethreshold(folder, show.model.name, "--contamination", "0.05") == 0
    sibling = capsys.readouterr().out.partition(":")[0]
    before, after = load_light(folder / show.model.name).edge, load_light(folder / sibling).edge
    assert after.threshold < before.threshold
    assert after.model_digest == before.model_digest
    estimator = ModelStore(directory=str(folder)).load(sibling).estimator
    assert estimator[-1].offset_ == -after.threshold
    X = np.zeros((1, len(before.feature_names)))
    assert after.score(X) == before.score(X)
    assert scored.frame["threshold"].iat[0] == before.threshold


def test_old_version_is_untouched_and_the_history_says_why(show, folder):
    """Both verify; who, why, from which and from what budget is kept."""
    store = ModelStore(directory=str(folder))
    assert _rethreshold(folder, show.model.name, "--alerts-per-day", "1.5", "--why", "noise",
                        "--by", "ann") == 0  # fmt: skip
    assert [store.verify(one.version) for one in store.versions()] == [[], []]
    record = store.history().records[-1]
    assert (record.action, record.by) == ("written", "ann")
    assert show.model.name in record.why
    assert record.why.endswith("; noise")
    origin = store.versions()[-1].metadata["model_info"]["rethreshold"]
    assert origin["from"] == show.model.name
    assert origin["before"]["threshold"] == load_light(folder / show.model.name).edge.threshold


def test_budget_that_the_calibration_cannot_keep_is_refused(show, folder, capsys):
    """One line, status 1, and nothing is published."""
    assert _rethreshold(folder, show.model.name, "--contamination", "0.000001") == 1
    assert "cannot calibrate" in capsys.readouterr().err
    assert len(ModelStore(directory=str(folder)).versions()) == 1


def test_other_commands_are_those_of_the_models_folder(folder, capsys):
    """`list` goes where it always went."""
    assert models.main(["--directory", str(folder), "list"]) == 0
    assert "model_2" in capsys.readouterr().out
