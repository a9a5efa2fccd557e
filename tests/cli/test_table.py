"""A ready table instead of logs: noise proves nothing, labels are judged, nothing else is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.adbench import main as adbench
from tests.cli.conftest import Ended

Run = Callable[..., Ended]
QUICK = (
    "source=table",
    "evaluation=quick",
    "model.n_estimators=30",
    "training.early_stopping=false",
)


def save(path: Path, X: np.ndarray, **more: np.ndarray) -> Path:
    """An npz as ADBench has them."""
    np.savez(path, X=X, **more)
    return path


def made_up(n: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Noise, and a tenth of the rows far away in two columns, labelled so."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(n, 4)), (rng.random(n) < 0.1).astype(int)
    X[y == 1, :2] += 4
    return X, y


def test_noise_is_no_evidence(wifitrain: Run, tmp_path: Path) -> None:
    """Pure Gaussian noise: the verdict says so, null panel beside it (the design: 1.000)."""
    noise = np.random.default_rng(1).normal(size=(1500, 6))
    ended = wifitrain(*QUICK, f"source.path={save(tmp_path / 'noise.npz', noise)}")
    assert ended.status == 0, ended.err
    found = ended.report["evaluation"]
    assert found["verdict"].startswith("No evidence that this model detects anything")
    assert "No evidence that this model detects anything" in ended.out
    assert [one["name"] for one in found["null_panel"]] == ["column_permuted", "random_scorer"]
    assert "basic_metrics" not in found
    assert ended.report["model"]["status"] == "candidate"
    assert ended.report["data"]["warnings"][0]["code"] == "made_up_time"


def test_labels_are_judged_and_incidents_are_not_measured(wifitrain: Run, tmp_path: Path) -> None:
    """The user's labels give the metrics; there is nothing to play incidents into."""
    X, y = made_up()
    path = save(tmp_path / "set.npz", X, y=y)
    ended = wifitrain(*QUICK, f"source.path={path}", "evaluation.incidents.enabled=true")
    assert ended.status == 0, ended.err
    found = ended.report["evaluation"]
    assert found["labels"] == "provided"
    assert found["basic_metrics"]["roc_auc"] > 0.9
    assert "no log lines" in found["incidents"]["not_measured"]["bench"]


def test_only_a_training_takes_a_table(wifitrain: Run, tmp_path: Path) -> None:
    """Validating and scoring say so in one line."""
    path = save(tmp_path / "set.npz", np.ones((3, 2)))
    ended = wifitrain("-cn", "validate", "source=table", f"source.path={path}")
    assert (ended.status, ended.err.count("\n")) == (1, 1)
    assert "source=table has no log lines" in ended.err


def test_adbench_prints_means_beside_published_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both areas for each set; a column of published numbers only where somebody brings them."""
    X, y = made_up()
    save(tmp_path / "1_set.npz", X, y=y)
    assert adbench([str(tmp_path), "--seeds", "2", "--trees", "20"]) == 0
    out = capsys.readouterr().out
    assert "1_set" in out
    assert "published" not in out
    brought = tmp_path / "paper.csv"
    brought.write_text("dataset,aucroc,aucpr\n1_set,0.1234,0.5678\n")
    assert (
        adbench([str(tmp_path), "--seeds", "1", "--trees", "20", "--published", str(brought)]) == 0
    )
    assert "0.1234" in capsys.readouterr().out
    assert adbench([str(tmp_path / "empty")]) == 1
    assert "no npz file there" in capsys.readouterr().err
