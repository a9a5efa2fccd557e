"""The features that the design names, each computed from what logs really carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Feature, Formula, plain, ratio
from wifitrain.features.rows import MILLISECONDS
from wifitrain.features.vocabulary import COUNTED, STARTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["DESIGN_FEATURES"]


def _share(name: str, fact: str, meaning: str, inputs: tuple[str, ...]) -> Feature:
    return Feature(
        name=name,
        group="numeric",
        meaning=meaning,
        unit="share of WiFi lines",
        range="[0, 1]",
        feed="possible",
        inputs=inputs,
        facts=(fact, "n_events"),
        columns={name: ratio(fact, "n_events")},
    )


def _level_share(name: str, fact: str, meaning: str) -> Feature:
    return Feature(
        name=name,
        group="numeric",
        meaning=f"{meaning}; the level tells which daemon speaks more than how bad it is",
        unit="share of WiFi lines",
        range="[0, 1]",
        feed="column",
        inputs=("level",),
        facts=(fact, "n_events"),
        columns={name: ratio(fact, "n_events")},
    )


def _distinct(name: str, fact: str, meaning: str, column: str) -> Feature:
    return Feature(
        name=name,
        group="numeric",
        meaning=meaning,
        unit="count",
        range="[0, inf)",
        feed="column",
        inputs=(column, "bssid") if column == "station" else (column,),
        facts=(fact,),
        columns={name: plain(fact)},
        also_count=True,
    )


def _measured(
    name: str, meaning: str, unit: str, *, column: str, facts: tuple[str, ...], formula: Formula
) -> Feature:
    return Feature(
        name=name,
        group="derived" if name == "signal_strength_trend" else "numeric",
        meaning=meaning,
        unit=unit,
        range="(-inf, inf)" if unit != "kbit/s" else "[0, inf)",
        feed="column",
        inputs=(column,),
        facts=facts,
        columns={name: formula},
    )


def _deviation(facts: ir.Table) -> ir.Value:
    """Sample standard deviation from n, sum and sum of squares (integers, hence exact)."""
    n, total = facts.signal_n.cast("float64"), facts.signal_sum.cast("float64")
    spread = facts.signal_squares.cast("float64") - total * total / n.nullif(0.0)
    return (_not_below_zero(spread) / (n - 1).nullif(0.0)).sqrt()


def _not_below_zero(value: ir.Value) -> ir.Value:
    import ibis

    return ibis.ifelse(value < 0, 0.0, value)


def _slope(facts: ir.Table) -> ir.Value:
    """Least-squares slope of the signal over time, undefined where all samples share one time."""
    import ibis

    n = facts.signal_n.cast("float64")
    ms, signal = facts.signal_ms.cast("float64"), facts.signal_sum.cast("float64")
    above = n * facts.signal_by_ms.cast("float64") - ms * signal
    below = n * facts.signal_ms_squares.cast("float64") - ms * ms
    spread_in_time = facts.signal_last_ms > facts.signal_first_ms
    return ibis.ifelse(spread_in_time, above / below.nullif(0.0) * 1000, ibis.null("float64"))


def _on_circle(name: str, prefix: str, meaning: str) -> Feature:
    """A circular mean as the two coordinates of its direction: 23:59 and 00:01 are neighbours."""

    def coordinate(axis: str) -> Formula:
        def formula(facts: ir.Table) -> ir.Value:
            sine = facts[f"{prefix}_sine"].cast("float64")
            cosine = facts[f"{prefix}_cosine"].cast("float64")
            return facts[f"{prefix}_{axis}"].cast("float64") / (
                (sine * sine + cosine * cosine).sqrt().nullif(0.0)
            )

        return formula

    return Feature(
        name=name,
        group="temporal",
        meaning=meaning,
        unit="coordinate on the unit circle",
        range="[-1, 1]",
        feed="lines",
        inputs=(),
        facts=(f"{prefix}_sine", f"{prefix}_cosine"),
        columns={f"{name}_sin": coordinate("sine"), f"{name}_cos": coordinate("cosine")},
    )


def _mean_gap(facts: ir.Table) -> ir.Value:
    """The mean of n - 1 gaps is their sum, last - first, by their number."""
    gaps = (facts.n_events - 1).cast("float64").nullif(0.0)
    return (facts.last_event_ms - facts.first_event_ms).cast("float64") / gaps / MILLISECONDS


_NUMERIC = (
    _share(
        "auth_failure_ratio",
        "auth_failures",
        "authentications that failed: refused, timed out, wrong passphrase, invalid key messages",
        COUNTED["auth_failures"],
    ),
    _share(
        "deauth_ratio",
        "forced_deauths",
        "forced deauthentications; those of idle stations are house-keeping and not counted",
        ("deauthenticated", "deauthenticated_local"),
    ),
    Feature(
        name="beacon_ratio",
        group="numeric",
        meaning="beacons that a client missed; beacons themselves are never logged",
        unit="share of WiFi lines",
        range="[0, 1]",
        feed="occurs",
        inputs=("beacon_loss",),
        facts=("beacon_losses", "n_events"),
        columns={"beacon_ratio": ratio("beacon_losses", "n_events")},
    ),
    _distinct(
        "unique_mac_count", "peers", "distinct stations and BSSIDs that are named", "station"
    ),
    _distinct("unique_ssid_count", "ssids", "distinct networks that are named", "ssid"),
    _measured(
        "mean_signal_strength",
        "mean signal strength where a client logs it",
        "dBm",
        column="signal_dbm",
        facts=("signal_sum", "signal_n"),
        formula=ratio("signal_sum", "signal_n"),
    ),
    _measured(
        "std_signal_strength",
        "sample standard deviation of the signal strength; undefined below two samples",
        "dB",
        column="signal_dbm",
        facts=("signal_n", "signal_sum", "signal_squares"),
        formula=_deviation,
    ),
    _measured(
        "mean_data_rate",
        "mean transmit rate where a client logs it",
        "kbit/s",
        column="tx_rate_kbps",
        facts=("rate_sum", "rate_n"),
        formula=ratio("rate_sum", "rate_n"),
    ),
    Feature(
        name="mean_packet_loss",
        group="numeric",
        meaning="lost packets; no line of hostapd, wpa_supplicant or wlceventd carries them",
        unit="share of packets",
        range="[0, 1]",
        feed="never",
        inputs=(),
        facts=(),
        columns={},
    ),
    _level_share("error_ratio", "errors", "lines of level error or worse"),
    _level_share("warning_ratio", "warnings", "lines of level warning"),
)

_CATEGORICAL = (
    Feature(
        name="device_type",
        group="categorical",
        meaning="kind of devices, as far as addresses tell: share with a randomised address"
        " (locally administered); the rest carry their vendor's",
        unit="share of addresses",
        range="[0, 1]",
        feed="column",
        inputs=("station_is_local",),
        facts=("randomised_peers", "peers_of_known_kind"),
        columns={"device_type_randomised": ratio("randomised_peers", "peers_of_known_kind")},
    ),
    Feature(
        name="connection_type",
        group="categorical",
        meaning="kind of connections: share of each authentication algorithm that is logged",
        unit="share of lines with an algorithm",
        range="[0, 1]",
        feed="column",
        inputs=("auth_algorithm",),
        facts=("algorithm_open", "algorithm_sae", "algorithm_ft", "algorithm_n"),
        columns={
            f"connection_type_{name}": ratio(f"algorithm_{name}", "algorithm_n")
            for name in ("open", "sae", "ft")
        },
    ),
)

_TEMPORAL = (
    _on_circle("mean_hour_of_day", "day", "circular mean of the time of day (UTC) of WiFi lines"),
    _on_circle("mean_day_of_week", "weekday", "circular mean of the weekday (UTC) of WiFi lines"),
    Feature(
        name="mean_time_between_events",
        group="temporal",
        meaning="mean time between successive WiFi lines; undefined below two lines",
        unit="s",
        range="[0, window_s)",
        feed="lines",
        inputs=(),
        facts=("first_event_ms", "last_event_ms", "n_events"),
        columns={"mean_time_between_events": _mean_gap},
    ),
)

_DERIVED = (
    _measured(
        "signal_strength_trend",
        "slope of the signal strength over the window (least squares)",
        "dB/s",
        column="signal_dbm",
        facts=(
            *("signal_n", "signal_sum", "signal_ms", "signal_ms_squares", "signal_by_ms"),
            *("signal_first_ms", "signal_last_ms"),
        ),
        formula=_slope,
    ),
    Feature(
        name="connection_stability",
        group="derived",
        meaning="stations that arrive by their arrivals: 1 where none had to come back",
        unit="share of arrivals",
        range="(0, 1]",
        feed="possible",
        inputs=STARTS,
        facts=("arriving", "arrivals"),
        columns={"connection_stability": ratio("arriving", "arrivals")},
    ),
    Feature(
        name="network_load",
        group="derived",
        meaning="addresses present at the window's end: heard within the last two hours",
        unit="count",
        range="[0, inf)",
        feed="column",
        inputs=("station", "bssid"),
        facts=("present",),
        columns={"network_load": plain("present")},
    ),
)

DESIGN_FEATURES = (*_NUMERIC, *_CATEGORICAL, *_TEMPORAL, *_DERIVED)
