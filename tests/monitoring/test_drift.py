"""Drift is an effect size that noise alone does not pass."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from wifitrain.errors import ConfigError
from wifitrain.monitoring import Alerting, Monitoring, ResourceMonitor, drift_between


def test_distance_is_the_kolmogorov_smirnov_statistic() -> None:
    """The same number as SciPy's, ties included."""
    rng = np.random.default_rng(0)
    one, other = rng.poisson(3, size=200).astype(float), rng.poisson(4, size=150).astype(float)
    (drift,) = drift_between(pd.DataFrame({"a": one}), pd.DataFrame({"a": other}), threshold=0.1)
    assert drift.distance == pytest.approx(ks_2samp(one, other).statistic)


def test_small_samples_of_one_distribution_do_not_drift() -> None:
    """At 100 against 100 windows noise passes a distance of 0.1 and is not drift."""
    rng = np.random.default_rng(1)
    verdicts = [
        drift_between(
            pd.DataFrame({"a": rng.normal(size=100)}),
            pd.DataFrame({"a": rng.normal(size=100)}),
            threshold=0.1,
        )[0]
        for _ in range(200)
    ]
    assert np.mean([verdict.distance > 0.1 for verdict in verdicts]) > 0.4
    assert np.mean([verdict.drifted for verdict in verdicts]) < 0.08


def test_a_shift_is_found_and_comes_first() -> None:
    """Features are in the order of their distance."""
    rng = np.random.default_rng(2)
    before = pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)})
    after = pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(0.7, size=500)})
    first, second = drift_between(before, after, threshold=0.1)
    assert (first.feature, first.drifted) == ("b", True)
    assert (second.feature, second.drifted) == ("a", False)


def test_resources_are_measured_while_the_block_runs() -> None:
    """A block that takes 80 MB shows it."""
    with ResourceMonitor(interval_s=0.001) as monitor:
        before = monitor.to_json()["peak_rss_bytes"]
        held = np.ones(10_000_000)
        after = monitor.to_json()["peak_rss_bytes"]
    assert held.sum() == 10_000_000
    assert after - before > 70_000_000
    assert monitor.to_json()["wall_s"] > 0


def test_resources_can_be_left_alone() -> None:
    """Switched off there is no number."""
    with ResourceMonitor(enabled=False) as monitor:
        pass
    assert monitor.to_json() == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"drift_threshold": 0}, r"monitoring.drift_threshold must be in \(0, 1\], got 0"),
        ({"resource_monitoring": 1}, "monitoring.resource_monitoring must be true or false"),
    ],
)
def test_unusable_values_are_named(arguments: dict[str, object], message: str) -> None:
    """The message names the key and the value."""
    with pytest.raises(ConfigError, match=message):
        Monitoring(alerting=Alerting(), **arguments)


def test_what_is_not_there_yet_is_refused_by_name() -> None:
    """Nothing is ignored in silence."""
    with pytest.raises(ConfigError, match="alerting.email_notifications=true is not there yet"):
        Alerting(email_notifications=True)
