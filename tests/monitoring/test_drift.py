"""Drift is an effect size that noise alone does not pass."""

from __future__ import annotations

import signal
import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from wifitrain.errors import ConfigError, LimitExceeded
from wifitrain.monitoring import (
    Alerting,
    Drift,
    Monitoring,
    ResourceLimits,
    ResourceMonitor,
    drift_between,
)  # fmt: skip


def drift_of(one: np.ndarray, other: np.ndarray) -> Drift:
    """Drift of a single column."""
    (found,) = drift_between(
        pd.DataFrame({"a": one}),
        pd.DataFrame({"a": other}),
        series=np.zeros(len(one)),
        threshold=0.1,
        false_alarm_rate=0.05,
    )
    return found


def test_distance_is_the_kolmogorov_smirnov_statistic() -> None:
    """The same number as SciPy's where the sketch holds every value, ties included."""
    rng = np.random.default_rng(0)
    one, other = rng.poisson(3, size=200).astype(float), rng.poisson(4, size=150).astype(float)
    outside = np.clip(other, one.min(), one.max())  # beyond the sketch's points both are 1
    assert drift_of(one, outside).distance == pytest.approx(ks_2samp(one, outside).statistic)


def test_a_sketch_of_many_values_comes_close() -> None:
    """Within its step of half a percent, for a million values in a few hundred numbers."""
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=100_000), rng.normal(0.3, size=100_000)
    exact = ks_2samp(one, other).statistic
    assert exact - 0.006 <= drift_of(one, other).distance <= exact


def test_the_bound_holds_the_true_distance() -> None:
    """In about 95 of 100 cases."""
    from scipy.stats import norm

    true = 2 * norm.cdf(0.25) - 1
    below = [
        drift_of(rng.normal(size=2_000), rng.normal(0.5, size=200)).at_least <= true
        for rng in map(np.random.default_rng, range(300))
    ]
    assert np.mean(below) >= 0.92


def test_the_p_value_is_one() -> None:
    """Under no change it is below 5 % no more than 5 % of the time, for ties and without."""
    for draw in (_bell, _rare):
        small = [
            drift_of(draw(rng, 2_000), draw(rng, 150)).p_value <= 0.05
            for rng in map(np.random.default_rng, range(300))
        ]
        assert np.mean(small) <= 0.09  # 99.9 % point of Binomial(300, 0.05) / 300


def _bell(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(size=n)


def _rare(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.poisson(0.3, size=n).astype(float)


def test_a_shift_is_found_and_comes_first() -> None:
    """Features are in the order of their distance."""
    rng = np.random.default_rng(2)
    before = pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(size=500)})
    after = pd.DataFrame({"a": rng.normal(size=500), "b": rng.normal(0.7, size=500)})
    first, second = drift_between(
        before, after, series=np.zeros(500), threshold=0.1, false_alarm_rate=0.05
    )
    assert (first.name, first.drifted) == ("b", True)
    assert (second.name, second.drifted) == ("a", False)


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


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (ResourceLimits(max_s=0.1), "stopped after 0 s: monitoring.max_time is 0.1 s"),
        (ResourceLimits(max_bytes=1e6), "MB of memory: monitoring.max_memory is 1 MB"),
    ],
)
def test_a_run_beyond_its_limit_is_stopped(limits: ResourceLimits, message: str) -> None:
    """In the middle of its work, with the reason."""
    start = time.monotonic()
    with (
        pytest.raises(LimitExceeded, match=message),
        ResourceMonitor(enabled=False, limits=limits, interval_s=0.01),
    ):
        while time.monotonic() < start + 30:
            sum(range(1_000))
    assert time.monotonic() < start + 10


def test_limits_end_a_run_that_ignores_interrupts() -> None:
    """As a script's command in the background does; afterwards it ignores them again."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        test_a_run_beyond_its_limit_is_stopped(ResourceLimits(max_s=0.1), "monitoring.max_time")
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_within_its_limits_is_left_alone() -> None:
    """And Ctrl-C stays Ctrl-C."""
    limits = ResourceLimits(max_bytes=1e12, max_s=3600)
    with ResourceMonitor(limits=limits, interval_s=0.001):
        time.sleep(0.01)
    with pytest.raises(KeyboardInterrupt), ResourceMonitor(limits=limits):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("max_memory", "4 apples", "2MB, 2GB, got '4 apples'"),
        ("max_memory", "0GB", "got '0GB'"),
        ("max_time", 90, "2s, 2min, 2h, got 90"),
        ("ignore", "x", "monitoring.ignore must be a list of patterns, got 'x'"),
        ("history", "", "monitoring.history must be a folder"),
        ("textfile", "metrics.txt", "ending in .prom, got 'metrics.txt'"),
        ("false_alarm_rate", 0.6, r"monitoring.false_alarm_rate must be in \(0, 0.5\], got 0.6"),
    ],
)
def test_other_unusable_values_are_named(key: str, value: object, shown: str) -> None:
    """With the unit that is missing."""
    with pytest.raises(ConfigError, match=shown):
        Monitoring(alerting=Alerting(), **{key: value})


def test_noise_in_many_features_of_a_small_batch_is_no_drift() -> None:
    """A hundred features, thirty windows: a bound exceeds the threshold by chance, none drifts."""
    exceeded, drifted = 0, 0
    for rng in map(np.random.default_rng, range(30)):
        before = pd.DataFrame(rng.normal(size=(1_000, 100))).rename(columns=str)
        after = pd.DataFrame(rng.normal(size=(30, 100))).rename(columns=str)
        found = drift_between(
            before, after, series=np.zeros(1_000), threshold=0.1, false_alarm_rate=0.05
        )
        exceeded += any(drift.at_least > 0.1 for drift in found)
        drifted += any(drift.drifted for drift in found)
    assert exceeded >= 15
    assert drifted <= 6  # 99.9 % point of Binomial(30, 0.05)
