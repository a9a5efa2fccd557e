"""What real faults change: sessions of stations, refusals, restarts, silence, strange lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Feature, Feed, Formula, plain, ratio
from wifitrain.features.rows import MILLISECONDS
from wifitrain.features.vocabulary import COUNTED, ENDS, HANDSHAKES, STARTS

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


def _derived(
    name: str,
    meaning: str,
    formula: Formula,
    *,
    facts: tuple[str, ...],
    of: tuple[str, str, Feed] = ("count", "[0, inf)", "possible"),
    inputs: tuple[str, ...] = (),
) -> Feature:
    """A feature of the group `derived`; `of` is its unit, its range and what feeds it."""
    unit, span, feed = of
    return Feature(
        name=name,
        group="derived",
        meaning=meaning,
        unit=unit,
        range=span,
        feed=feed,
        inputs=inputs,
        facts=facts,
        columns={name: formula},
    )


def _seconds(fact: str) -> Formula:
    return lambda facts: facts[fact].cast("float64") / MILLISECONDS


def _greater(one: str, other: str) -> Formula:
    """Two lines may tell of one event; the greater count is the number of events."""

    def formula(facts: ir.Table) -> ir.Value:
        import ibis

        return ibis.greatest(facts[one], facts[other])

    return formula


def _handshakes(facts: ir.Table) -> ir.Value:
    import ibis

    by_access_point = ibis.greatest(facts.four_way_handshakes, facts.pairwise_handshakes)
    return by_access_point + facts.negotiated_keys


def _completion(facts: ir.Table) -> ir.Value:
    """Undefined for an access point that never logs a completed handshake."""
    import ibis

    share = facts.completed_handshakes.cast("float64") / facts.arrivals.nullif(0)
    return ibis.ifelse(facts.entity_key_lines > 0, share, ibis.null("float64"))


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

_MOVES = (
    _derived(
        "forced_deauth_count",
        "forced deauthentications, without those of idle stations",
        plain("forced_deauths"),
        facts=("forced_deauths",),
        inputs=("deauthenticated", "deauthenticated_local"),
    ),
    _derived(
        "inactivity_end_count",
        "idle stations that were dropped: house-keeping",
        plain("inactivity_ends"),
        facts=("inactivity_ends",),
        inputs=("disassociated_inactivity", "deauthenticated_inactivity"),
    ),
    _derived(
        "association_count",
        "arrivals of stations; one arrival logged as several lines counts once",
        plain("arrivals"),
        facts=("arrivals",),
        inputs=STARTS,
    ),
    _derived(
        "departure_count",
        "departures of stations; one departure logged as several lines counts once",
        plain("departures"),
        facts=("departures",),
        inputs=ENDS,
    ),
    _derived(
        "reconnect_count",
        "arrivals of stations that had already arrived in this window",
        lambda facts: facts.arrivals - facts.arriving,
        facts=("arrivals", "arriving"),
        inputs=STARTS,
    ),
    *(
        _derived(
            f"session_{quantile}_s",
            f"{share} quantile of the lengths of sessions that ended in the window",
            _seconds(f"session_{quantile}_ms"),
            facts=(f"session_{quantile}_ms",),
            of=("s", "[0, inf)", "possible"),
            inputs=ENDS,
        )
        for quantile, share in (("p10", "10 %"), ("p50", "50 %"))
    ),
    _derived(
        "short_session_share",
        "sessions under 30 s among those that ended in the window",
        ratio("short_sessions", "ended_sessions"),
        facts=("short_sessions", "ended_sessions"),
        of=("share of sessions", "[0, 1]", "possible"),
        inputs=ENDS,
    ),
    _derived(
        "handshake_count",
        "completed four-way handshakes",
        _handshakes,
        facts=("four_way_handshakes", "pairwise_handshakes", "negotiated_keys"),
        of=("count", "[0, inf)", "occurs"),
        inputs=HANDSHAKES,
    ),
    _derived(
        "handshake_completion",
        "arrivals followed within 30 s by a completed handshake of the same station",
        _completion,
        facts=("completed_handshakes", "arrivals", "entity_key_lines"),
        of=("share of arrivals", "[0, 1]", "occurs"),
        inputs=HANDSHAKES,
    ),
    _derived(
        "daemon_restart_count",
        "starts or ends of a WiFi daemon, whichever are more",
        _greater("daemon_starts", "daemon_ends"),
        facts=("daemon_starts", "daemon_ends"),
        inputs=("daemon_started", "daemon_terminating"),
    ),
)

_PEERS = (
    _derived(
        "max_mismatch_by_station",
        "wrong passphrases of the station with most of them",
        plain("most_mismatches"),
        facts=("most_mismatches",),
        inputs=("psk_mismatch",),
    ),
    _derived(
        "max_events_by_station",
        "lines that name the most-named address",
        plain("most_lines"),
        facts=("most_lines",),
        of=("lines", "[0, inf)", "column"),
        inputs=("station", "bssid"),
    ),
    _derived(
        "station_concentration",
        "chance that two of the lines name the same address (Herfindahl index)",
        _concentration,
        facts=("peer_lines", "peer_lines_squares"),
        of=("share", "(0, 1]", "column"),
        inputs=("station", "bssid"),
    ),
    _derived(
        "randomised_mac_share",
        "stations with a randomised (locally administered) address",
        ratio("randomised_peers", "peers_of_known_kind"),
        facts=("randomised_peers", "peers_of_known_kind"),
        of=("share of addresses", "[0, 1]", "column"),
        inputs=("station_is_local",),
    ),
)

_SILENCE = (
    _derived(
        "unknown_template_count",
        "distinct kinds of lines that no grammar understands",
        plain("unknown_templates"),
        facts=("unknown_templates",),
        inputs=("unknown",),
    ),
    _derived(
        "unknown_share",
        "lines that no grammar understands",
        ratio("unknown_lines", "n_events"),
        facts=("unknown_lines", "n_events"),
        of=("share of WiFi lines", "[0, 1]", "possible"),
        inputs=("unknown",),
    ),
    _derived(
        "silence_s",
        "time from the last WiFi line to the window's end, at most max_silence_s",
        _seconds("silence_ms"),
        facts=("silence_ms",),
        of=("s", "[0, max_silence_s]", "lines"),
    ),
    _derived(
        "is_empty",
        "1 where the window has no WiFi line",
        lambda facts: (facts.n_events == 0).cast("int64"),
        facts=("n_events",),
        of=("flag", "0 or 1", "lines"),
    ),
)

FAULT_FEATURES = (*_VOLUME, *_COUNTS, *_MOVES, *_PEERS, *_SILENCE)
