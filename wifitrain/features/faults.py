"""What real faults change: refusals, failures, restarts, bursts, silence, strange lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Feature, Feed, derived, plain, ratio, seconds
from wifitrain.features.vocabulary import COUNTED

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["FAULT_FEATURES"]


def _lines(name: str, fact: str, meaning: str, *, feed: Feed = "possible") -> Feature:
    return Feature(
        name=name,
        group="numeric",
        meaning=meaning,
        unit="lines",
        range="[0, inf)",
        feed=feed,
        inputs=COUNTED[fact],
        facts=(fact,),
        columns={name: plain(fact)},
    )


def _concentration(facts: ir.Table) -> ir.Value:
    lines = facts.peer_lines.cast("float64").nullif(0.0)
    return facts.peer_lines_squares.cast("float64") / (lines * lines)


_VOLUME = (
    Feature(
        name="n_events",
        group="numeric",
        meaning="lines of WiFi programs",
        unit="lines",
        range="[0, inf)",
        feed="lines",
        inputs=(),
        facts=("n_events",),
        columns={"n_events": plain("n_events")},
    ),
    Feature(
        name="line_count",
        group="numeric",
        meaning="lines of any program",
        unit="lines",
        range="[0, inf)",
        feed="occurs",
        inputs=("other",),
        facts=("n_lines",),
        columns={"line_count": plain("n_lines")},
    ),
)

_COUNTS = (
    _lines("authentication_count", "authentications", "successful 802.11 authentications"),
    _lines("auth_failure_count", "auth_failures", "failed authentications of any kind"),
    _lines("psk_mismatch_count", "mismatches", "wrong passphrases"),
    _lines("sae_commit_count", "sae_commits", "SAE commit messages received"),
    _lines("refusal_count", "refusals", "stations refused by the access point or its driver"),
    _lines("link_failure_count", "link_failures", "links given up for want of acknowledgements"),
    _lines("eap_failure_count", "eap_failures", "EAP failures, timeouts and retransmissions"),
    _lines("radius_failure_count", "radius_failures", "RADIUS servers that fail to answer"),
    _lines("wps_failure_count", "wps_failures", "WPS failures, timeouts and locks"),
    _lines("attack_count", "attacks", "MIC failures, countermeasures, forged beacons"),
    _lines("beacon_loss_count", "beacon_losses", "beacon losses at a client", feed="occurs"),
    _lines("roam_count", "roams", "stations that move between access points"),
    _lines("bss_transition_count", "bss_transitions", "BSS transition messages"),
    _lines("probe_count", "probes", "probe requests", feed="occurs"),
    _lines("scan_failure_count", "scan_failures", "scans that failed"),
    _lines("channel_change_count", "channel_changes", "channel switches, radar and searches"),
    _lines("interface_restart_count", "interface_enables", "interfaces that came up"),
    _lines("interface_disable_count", "interface_disables", "interfaces that went down"),
    _lines("interface_failure_count", "interface_failures", "interface and driver errors"),
    _lines("group_rekey_count", "group_rekeys", "group key exchanges", feed="occurs"),
    _lines("unknown_line_count", "unknown_lines", "lines that no grammar understands"),
)

_PEERS = (
    derived(
        "max_mismatch_by_station",
        "wrong passphrases of the station with most of them",
        plain("most_mismatches"),
        facts=("most_mismatches",),
        inputs=("psk_mismatch",),
    ),
    derived(
        "max_events_by_station",
        "lines that name the most-named address",
        plain("most_lines"),
        facts=("most_lines",),
        of=("lines", "[0, inf)", "column"),
        inputs=("station", "bssid"),
    ),
    derived(
        "station_concentration",
        "chance that two of the lines name the same address (Herfindahl index)",
        _concentration,
        facts=("peer_lines", "peer_lines_squares"),
        of=("share", "(0, 1]", "column"),
        inputs=("station", "bssid"),
    ),
    derived(
        "randomised_mac_share",
        "stations with a randomised (locally administered) address",
        ratio("randomised_peers", "peers_of_known_kind"),
        facts=("randomised_peers", "peers_of_known_kind"),
        of=("share of addresses", "[0, 1]", "column"),
        inputs=("station_is_local",),
    ),
)

_SILENCE = (
    derived(
        "unknown_template_count",
        "distinct kinds of lines that no grammar understands",
        plain("unknown_templates"),
        facts=("unknown_templates",),
        inputs=("unknown",),
    ),
    derived(
        "unknown_share",
        "lines that no grammar understands",
        ratio("unknown_lines", "n_events"),
        facts=("unknown_lines", "n_events"),
        of=("share of WiFi lines", "[0, 1]", "possible"),
        inputs=("unknown",),
    ),
    derived(
        "silence_s",
        "time from the last WiFi line to the window's end, at most max_silence_s",
        seconds("silence_ms"),
        facts=("silence_ms",),
        of=("s", "[0, max_silence_s]", "lines"),
    ),
    derived(
        "is_empty",
        "1 where the window has no WiFi line",
        lambda facts: (facts.n_events == 0).cast("int64"),
        facts=("n_events",),
        of=("flag", "0 or 1", "lines"),
    ),
)

FAULT_FEATURES = (*_VOLUME, *_COUNTS, *_PEERS, *_SILENCE)
