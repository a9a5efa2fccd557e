"""How stations come and go: arrivals, departures, sessions, handshakes; restarts of daemons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Formula, derived, plain, ratio, seconds
from wifitrain.features.vocabulary import ENDS, HANDSHAKES, STARTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["MOVE_FEATURES"]


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
    """Undefined for an access point that has logged no completed handshake yet."""
    import ibis

    share = facts.completed_handshakes.cast("float64") / facts.arrivals.nullif(0)
    return ibis.ifelse(facts.entity_key_lines > 0, share, ibis.null("float64"))


MOVE_FEATURES = (
    derived(
        "forced_deauth_count",
        "forced deauthentications, without those of idle stations",
        plain("forced_deauths"),
        facts=("forced_deauths",),
        inputs=("deauthenticated", "deauthenticated_local"),
    ),
    derived(
        "inactivity_end_count",
        "idle stations that were dropped: house-keeping",
        plain("inactivity_ends"),
        facts=("inactivity_ends",),
        inputs=("disassociated_inactivity", "deauthenticated_inactivity"),
    ),
    derived(
        "association_count",
        "arrivals of stations; one arrival logged as several lines counts once",
        plain("arrivals"),
        facts=("arrivals",),
        inputs=STARTS,
    ),
    derived(
        "departure_count",
        "departures of stations; one departure logged as several lines counts once",
        plain("departures"),
        facts=("departures",),
        inputs=ENDS,
    ),
    derived(
        "reconnect_count",
        "arrivals of stations that had already arrived in this window",
        lambda facts: facts.arrivals - facts.arriving,
        facts=("arrivals", "arriving"),
        inputs=STARTS,
    ),
    *(
        derived(
            f"session_{quantile}_s",
            f"{share} quantile of the lengths of sessions that ended in the window",
            seconds(f"session_{quantile}_ms"),
            facts=(f"session_{quantile}_ms",),
            of=("s", "[0, inf)", "possible"),
            inputs=ENDS,
        )
        for quantile, share in (("p10", "10 %"), ("p50", "50 %"))
    ),
    derived(
        "short_session_share",
        "sessions under 30 s among those that ended in the window",
        ratio("short_sessions", "ended_sessions"),
        facts=("short_sessions", "ended_sessions"),
        of=("share of sessions", "[0, 1]", "possible"),
        inputs=ENDS,
    ),
    derived(
        "handshake_count",
        "completed four-way handshakes",
        _handshakes,
        facts=("four_way_handshakes", "pairwise_handshakes", "negotiated_keys"),
        of=("count", "[0, inf)", "occurs"),
        inputs=HANDSHAKES,
    ),
    derived(
        "handshake_completion",
        "arrivals followed within 30 s by a completed handshake of the same station",
        _completion,
        facts=("completed_handshakes", "arrivals", "entity_key_lines"),
        of=("share of arrivals", "[0, 1]", "occurs"),
        inputs=HANDSHAKES,
    ),
    derived(
        "daemon_restart_count",
        "starts or ends of a WiFi daemon, whichever are more",
        _greater("daemon_starts", "daemon_ends"),
        facts=("daemon_starts", "daemon_ends"),
        inputs=("daemon_started", "daemon_terminating"),
    ),
)
