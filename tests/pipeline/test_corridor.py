"""The corridor imports the run that is asked for alone, and keeps no engine open for nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

import wifitrain.pipeline
from wifitrain.assembly import build, config_dir, plain
from wifitrain.pipeline.context import RunContext
from wifitrain.simulation import Simulator, write_export


def test_every_run_is_found_by_its_name() -> None:
    """All names of the corridor lead to what is called so, others to nothing."""
    for name in wifitrain.pipeline.__all__:
        assert getattr(wifitrain.pipeline, name).__name__ == name
    assert not hasattr(wifitrain.pipeline, "NoRun")
    assert wifitrain.pipeline._MODULES.keys() == set(wifitrain.pipeline.__all__)


def test_a_training_imports_nothing_of_other_runs() -> None:
    """Review, comparison and scoring of exports stay unread until somebody asks for them."""
    others = "review_run", "compare_run", "score_run", "monitor_run"
    told = f"{[f'wifitrain.pipeline.{one}' for one in others]}"
    code = (
        "import sys; from wifitrain.pipeline import TrainingRun, Learning, Preparation;"
        f"sys.exit(str([one for one in {told} if one in sys.modules] or ''))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stderr.strip() == ""


@pytest.mark.parametrize("with_incidents", [False, True])
def test_the_engine_is_closed_before_learning_unless_lines_are_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_incidents: bool
) -> None:
    """What the engine holds must not lie beside what learning takes; the bench reads it again."""
    monkeypatch.setenv("WIFITRAIN_PSEUDONYM_KEY", "a key that only the tests know")
    simulator = Simulator(
        days=2, access_points=1, stations_per_access_point=5, dialects=["hostapd_openwrt"], seed=1
    )
    write_export(simulator, tmp_path / "export.json", "E1")
    values = _values(
        f"source.path={tmp_path}/export.json",
        f"storage.directory={tmp_path}/models",
        "evaluation=quick",
        "model.n_estimators=20",
        "training.early_stopping=false",
        "cache.enabled=false",
        f"evaluation.incidents.enabled={with_incidents}",
        "evaluation.incidents.kinds=[deauth_flood]",
        "evaluation.incidents.intensities=[1.0]",
        "evaluation.incidents.repeats=2",
    )
    run = build(values["run"], name="run")
    engine, learn, was_open = run.preparation.engine, type(run.learning).learn, []

    def watched(*given: Any) -> Any:
        was_open.append(engine._scratch is not None)
        return learn(*given)

    monkeypatch.setattr(type(run.learning), "learn", watched)
    run.run(RunContext(run_dir=tmp_path, config=values))
    assert was_open == [with_incidents]


def _values(*overrides: str) -> dict[str, Any]:
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        values: dict[str, Any] = plain(compose("train", overrides=list(overrides)))
    return values
