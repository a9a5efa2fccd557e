"""A model's numbers for Prometheus, over HTTP while following and as a file after a batch."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from wifitrain.errors import ConfigError, WifitrainError

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.core import Metric

    from wifitrain.monitoring.batch import BatchReport

__all__ = ["ModelMetrics"]

_LATENCY_S = (0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0)


@dataclass(eq=False)
class ModelMetrics:
    """Counters and gauges of one version, under the names that dashboards know.

    ``metrics.continue_from(path)`` goes on counting where the file of an earlier run ended, so
    that counters of batch runs never fall and what was compared stays until the next comparison.
    """

    version: str
    trained_at: float = 0.0  # seconds since the epoch
    load_time_s: float = 0.0
    predictions: int = 0
    anomalies: int = 0
    latency_buckets: list[int] = field(default_factory=lambda: [0] * (len(_LATENCY_S) + 1))
    latency_sum_s: float = 0.0
    feature_drift: dict[str, float] = field(default_factory=dict)
    prediction_drift: float | None = None
    quality: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def scored(self, *, windows: int, anomalies: int, seconds: float) -> None:
        """Count a batch of `windows` that took `seconds` together."""
        if windows:
            with self._lock:
                self.predictions += windows
                self.anomalies += anomalies
                place = bisect.bisect_left(_LATENCY_S, seconds / windows)
                self.latency_buckets[place] += windows
                self.latency_sum_s += seconds

    def compared(self, report: BatchReport, *, score_name: str = "score") -> None:
        """Take over the distances and the shares of a comparison with the baseline."""
        with self._lock:
            distances = {drift.name: drift.distance for drift in report.distributions}
            self.prediction_drift = distances.pop(score_name, None)
            self.feature_drift = distances
            shares = report.quality or {}
            self.quality = {k: float(v) for k, v in shares.items() if isinstance(v, int | float)}

    def continue_from(self, path: Path) -> None:
        """Add what is in the file that an earlier run of this version left, if any."""
        parser = _client("parser")
        try:
            families = list(parser.text_string_to_metric_families(path.read_text("utf-8")))
        except (FileNotFoundError, ValueError):
            return
        samples = [
            sample
            for family in families
            for sample in family.samples
            if sample.labels.get("version") == self.version
        ]
        below = 0
        for sample in samples:
            if sample.name == "model_prediction_latency_seconds_bucket":
                place = bisect.bisect_left(_LATENCY_S, float(sample.labels["le"]))
                self.latency_buckets[place] += int(sample.value) - below
                below = int(sample.value)
            else:
                self._take(sample.name, sample.labels, sample.value)

    def _take(self, name: str, labels: Mapping[str, str], value: float) -> None:
        """Go on from one number of an earlier run."""
        if name == "model_predictions_total":
            self.predictions += int(value)
        elif name == "model_anomalies_detected_total":
            self.anomalies += int(value)
        elif name == "model_prediction_latency_seconds_sum":
            self.latency_sum_s += value
        elif name == "model_feature_drift":
            self.feature_drift.setdefault(labels["feature"], value)
        elif name == "model_prediction_drift":
            self.prediction_drift = value
        elif name == "model_data_quality":
            self.quality.setdefault(labels["metric"], value)

    def collect(self) -> Iterator[Metric]:
        """What Prometheus reads; called by its registry."""
        core = _client("core")
        with self._lock:
            yield from _counts(self, core)
            yield from _gauges(self, core)

    def write(self, path: Path) -> None:
        """Write the textfile of node_exporter, whole or not at all.

        Raises
        ------
        WifitrainError : the file cannot be written.
        """
        client = _client()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            client.write_to_textfile(str(path), self.registry())
        except OSError as error:
            raise WifitrainError(f"cannot write {path}: {error.strerror or error}") from error

    def serve(self, port: int, *, address: str = "127.0.0.1") -> tuple[Any, threading.Thread]:
        """Serve over HTTP until the returned server's `shutdown` is called."""
        client = _client()
        try:
            server: tuple[Any, threading.Thread] = client.start_http_server(
                port, addr=address, registry=self.registry()
            )
        except OSError as error:
            raise WifitrainError(
                f"cannot serve metrics on {address}:{port}: {error.strerror or error}"
            ) from error
        return server

    def registry(self) -> CollectorRegistry:
        """A registry that holds these metrics alone."""
        registry: CollectorRegistry = _client().CollectorRegistry()
        registry.register(self)
        return registry


def _counts(metrics: ModelMetrics, core: Any) -> Iterator[Metric]:  # noqa: ANN401 - a module
    label, version = ["version"], [metrics.version]
    for name, text, value in (
        ("model_predictions", "Windows that were scored", metrics.predictions),
        ("model_anomalies_detected", "Windows above the threshold", metrics.anomalies),
    ):
        family = core.CounterMetricFamily(name, text, labels=label)
        family.add_metric(version, value)
        yield family
    latency = core.HistogramMetricFamily(
        "model_prediction_latency_seconds", "Seconds of scoring one window", labels=label
    )
    below, buckets = 0, []
    for bound, count in zip((*map(str, _LATENCY_S), "+Inf"), metrics.latency_buckets, strict=True):
        below += count
        buckets.append((bound, below))
    latency.add_metric(version, buckets, metrics.latency_sum_s)
    yield latency


def _gauges(metrics: ModelMetrics, core: Any) -> Iterator[Metric]:  # noqa: ANN401 - a module
    def gauge(name: str, text: str, values: dict[str, float], label: str = "") -> Metric:
        family = core.GaugeMetricFamily(
            name, text, labels=[label, "version"] if label else ["version"]
        )
        for key, value in values.items():
            family.add_metric([key, metrics.version] if label else [metrics.version], value)
        return family  # type: ignore[no-any-return]

    rss = float(psutil.Process().memory_info().rss)
    yield gauge("model_load_time_seconds", "Seconds to load it", {"": metrics.load_time_s})
    yield gauge("model_memory_usage_bytes", "Resident memory of the process", {"": rss})
    yield gauge("model_version_info", "1 for the version that scores", {"": 1.0})
    yield gauge("model_last_training_timestamp", "When it was trained", {"": metrics.trained_at})
    text = "Kolmogorov-Smirnov distance to the training"
    yield gauge("model_feature_drift", text, metrics.feature_drift, "feature")
    if metrics.prediction_drift is not None:
        yield gauge("model_prediction_drift", text, {"": metrics.prediction_drift})
    yield gauge("model_data_quality", "Share of rows or windows", metrics.quality, "metric")


def _client(module: str = "") -> Any:  # noqa: ANN401 - a module
    """prometheus_client, or a part of it."""
    from importlib import import_module

    try:
        return import_module(f"prometheus_client.{module}" if module else "prometheus_client")
    except ImportError as error:
        raise ConfigError(
            "metrics need prometheus_client, which is not installed:"
            " pip install 'wifitrain[metrics]'"
        ) from error
