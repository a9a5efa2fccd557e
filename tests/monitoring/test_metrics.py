"""Prometheus reads the numbers under the names that dashboards use, by file and by HTTP."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.monitoring.loopback import free_port
from tests.monitoring.made_up import features, later, training, windows
from wifitrain.errors import WifitrainError
from wifitrain.monitoring import Limits, ModelMetrics, compare

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NAMES = {
    "model_predictions_total", "model_anomalies_detected_total",
    "model_prediction_latency_seconds_count", "model_load_time_seconds",
    "model_feature_drift", "model_prediction_drift", "model_data_quality",
    "model_memory_usage_bytes", "model_version_info", "model_last_training_timestamp",
}  # fmt: skip


def some_metrics() -> ModelMetrics:
    """Metrics of a version after one batch that was compared."""
    rng = np.random.default_rng(0)
    baseline = training(rng)
    metrics = ModelMetrics(version="model_a", trained_at=1.7e9, load_time_s=0.25)
    metrics.scored(windows=100, anomalies=3, seconds=0.2)
    metrics.compared(compare(baseline, later(rng, baseline, 100), limits=Limits()))
    return metrics


def samples_of(text: str) -> dict[str, float]:
    """Name and labels -> value."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_every_name_of_the_service_is_there(tmp_path: Path) -> None:
    """With the feature, the kind of quality and the version as labels."""
    path = tmp_path / "textfile" / "wifitrain.prom"
    some_metrics().write(path)
    samples = samples_of(path.read_text())
    assert {name.split("{")[0] for name in samples} >= NAMES
    assert samples['model_predictions_total{version="model_a"}'] == 100
    assert samples['model_anomalies_detected_total{version="model_a"}'] == 3
    assert samples['model_prediction_latency_seconds_bucket{le="0.005",version="model_a"}'] == 100
    assert samples['model_prediction_latency_seconds_bucket{le="0.001",version="model_a"}'] == 0
    assert samples['model_last_training_timestamp{version="model_a"}'] == 1.7e9
    assert 'model_feature_drift{feature="level_0",version="model_a"}' in samples
    assert samples['model_data_quality{metric="understood",version="model_a"}'] == 1


def test_counters_go_on_from_run_to_run(tmp_path: Path) -> None:
    """A batch adds to what the file of the last run says; another version begins at nought."""
    path = tmp_path / "wifitrain.prom"
    some_metrics().write(path)
    again = ModelMetrics(version="model_a")
    again.continue_from(path)
    assert again.feature_drift.keys() == some_metrics().feature_drift.keys()
    assert again.quality["understood"] == 1
    again.scored(windows=50, anomalies=1, seconds=2.0)
    again.write(path)
    samples = samples_of(path.read_text())
    assert samples['model_predictions_total{version="model_a"}'] == 150
    assert samples['model_prediction_latency_seconds_count{version="model_a"}'] == 150
    assert samples['model_prediction_latency_seconds_bucket{le="0.05",version="model_a"}'] == 150
    assert samples['model_prediction_latency_seconds_bucket{le="0.01",version="model_a"}'] == 100
    assert samples['model_prediction_latency_seconds_sum{version="model_a"}'] == pytest.approx(2.2)
    other = ModelMetrics(version="model_b")
    other.continue_from(path)
    assert other.predictions == 0


def test_metrics_are_served_over_http() -> None:
    """Each request sees the newest counts; a port that is taken is one line."""
    metrics, port = some_metrics(), free_port()
    server, thread = metrics.serve(port)
    try:
        metrics.scored(windows=11, anomalies=0, seconds=0.1)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            samples = samples_of(answer.read().decode())
        assert samples['model_predictions_total{version="model_a"}'] == 111
        with pytest.raises(WifitrainError, match=f"cannot serve metrics on 127.0.0.1:{port}: "):
            metrics.serve(port)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_feature_that_moved_shows_its_distance(tmp_path: Path) -> None:
    """So that a rule can fire on it."""
    rng = np.random.default_rng(1)
    baseline = training(rng)
    X = features(rng, 1_000)
    X["level_0"] += 2
    batch = replace(later(rng, baseline, 1_000), windows=windows(X))
    metrics = ModelMetrics(version="m")
    metrics.compared(compare(baseline, batch, limits=Limits()))
    metrics.write(tmp_path / "m.prom")
    samples = samples_of((tmp_path / "m.prom").read_text())
    assert samples['model_feature_drift{feature="level_0",version="m"}'] > 0.5


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """The name of the file is in it."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(WifitrainError, match="cannot write .*taken"):
        some_metrics().write(tmp_path / "taken" / "m.prom")


def test_prometheus_accepts_the_file_and_the_rules(tmp_path: Path) -> None:
    """Promtool finds nothing to complain about."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    path = tmp_path / "m.prom"
    some_metrics().write(path)
    for arguments, given in (
        (["check", "metrics"], path.read_text()),
        (["check", "rules", str(DEPLOY / "alert_rules.yml")], ""),
        (["test", "rules", str(DEPLOY / "alert_rules_test.yml")], ""),
    ):
        ended = subprocess.run(
            [promtool, *arguments], input=given, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, (arguments, ended.stdout, ended.stderr)


def test_dashboard_and_rules_ask_for_metrics_that_exist() -> None:
    """No panel stays empty for a misspelt name."""
    known = {*NAMES, "model_prediction_latency_seconds_bucket"}
    dashboard = json.loads((DEPLOY / "grafana_dashboard.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    asked.append((DEPLOY / "alert_rules.yml").read_text())
    used = {name for text in asked for name in re.findall(r"\bmodel_\w+", text)}
    assert used <= known, used - known
    assert len(asked) > 8
