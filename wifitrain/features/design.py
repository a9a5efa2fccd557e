"""The features that the design names, each computed from what logs really carry."""

from __future__ import annotations

from wifitrain.features.feature import Feature, plain, ratio
from wifitrain.features.measures import SIGNAL_FEATURES, SIGNAL_TREND
from wifitrain.features.times import TIME_FEATURES
from wifitrain.features.vocabulary import COUNTED, STARTS

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
    *SIGNAL_FEATURES,
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

_DERIVED = (
    SIGNAL_TREND,
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

DESIGN_FEATURES = (*_NUMERIC, *_CATEGORICAL, *TIME_FEATURES, *_DERIVED)
