"""Which event names a feature counts, and which of them each WiFi program is able to log.

The second part tells "this log would show it" (a count of zero is a fact) from "nothing here can
show it" (the feature is unavailable).
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ASSOCIATED",
    "AUTHORISED",
    "COUNTED",
    "ENDS",
    "HANDSHAKES",
    "INACTIVITY_REASON",
    "LOGGABLE",
    "STARTS",
]

#: IEEE 802.11 reason 4, "disassociated due to inactivity": house-keeping, not a forced end.
INACTIVITY_REASON = 4

ASSOCIATED = ("associated", "reassociated")
AUTHORISED = ("sta_connected", "connected")
STARTS = ASSOCIATED + AUTHORISED
ENDS = (
    "disassociated",
    "disassociated_inactivity",
    "sta_disconnected",
    "disconnected",
    "deauthenticated",
    "deauthenticated_local",
    "deauthenticated_inactivity",
    "session_timeout",
    "link_lost",
)
HANDSHAKES = ("handshake_completed", "pairwise_handshake_completed", "key_negotiated")

_AUTH_FAILURES = (
    "auth_refused",
    "auth_timeout",
    "psk_mismatch",
    "sae_failed",
    "eapol_invalid",
    "eapol_timeout",
    "group_handshake_failed",
    "network_disabled",
)
_REFUSALS = ("assoc_refused", "sta_refused", "assoc_before_auth", "assoc_invalid")
_LINK_FAILURES = ("link_lost", "auth_unacknowledged", "assoc_unacknowledged")
_EAP_FAILURES = (
    "eap_failure",
    "eap_timeout",
    "eap_retransmit",
    "eap_certificate_error",
    "eapol_auth_failed",
)
_RADIUS_FAILURES = ("radius_no_response", "radius_failure")
_ATTACKS = ("mic_failure", "tkip_countermeasures", "unprotected_beacon", "ocv_failure")
_CHANNEL_CHANGES = ("channel_switch", "dfs_radar", "dfs_new_channel", "acs")

#: Name of a count -> the events it counts. A count is lines, as they stand in the log.
COUNTED: Mapping[str, tuple[str, ...]] = {
    "auth_failures": _AUTH_FAILURES,
    "authentications": ("authenticated",),
    "sae_commits": ("sae_commit",),
    "mismatches": ("psk_mismatch",),
    "refusals": _REFUSALS,
    "link_failures": _LINK_FAILURES,
    "eap_failures": _EAP_FAILURES,
    "radius_failures": _RADIUS_FAILURES,
    "all_deauths": (
        "deauthenticated",
        "deauthenticated_local",
        "deauthenticated_inactivity",
    ),
    "beacon_losses": ("beacon_loss",),
    "attacks": _ATTACKS,
    "wps_failures": ("wps_failed", "wps_locked", "wps_timeout"),
    "roams": ("roam", "reassociated"),
    "bss_transitions": ("bss_transition",),
    "probes": ("probe_request",),
    "channel_changes": _CHANNEL_CHANGES,
    "interface_enables": ("interface_enabled",),
    "interface_disables": ("interface_disabled",),
    "interface_failures": ("interface_failure", "driver_error"),
    "daemon_starts": ("daemon_started",),
    "daemon_ends": ("daemon_terminating",),
    "scan_failures": ("scan_failed",),
    "group_rekeys": ("group_handshake_completed", "group_rekeyed"),
    "four_way_handshakes": ("handshake_completed",),
    "pairwise_handshakes": ("pairwise_handshake_completed",),
    "negotiated_keys": ("key_negotiated",),
    "unknown_lines": ("unknown",),
}

_EITHER_DAEMON = (
    *ASSOCIATED,
    *_ATTACKS,
    *_CHANNEL_CHANGES,
    "authenticated",
    "auth_refused",
    "psk_mismatch",
    "sae_commit",
    "sae_failed",
    "eapol_invalid",
    "eapol_timeout",
    "assoc_refused",
    "eap_failure",
    "eap_timeout",
    "wps_failed",
    "wps_locked",
    "wps_timeout",
    "bss_transition",
    "interface_enabled",
    "interface_disabled",
    "interface_failure",
    "driver_error",
    "daemon_terminating",
    "unknown",
)

#: Program -> the events it is able to log (hostap sources; firmware strings of wlceventd).
LOGGABLE: Mapping[str, frozenset[str]] = {
    "hostapd": frozenset(
        (
            *_EITHER_DAEMON,
            *_REFUSALS,
            *_LINK_FAILURES,
            *_EAP_FAILURES,
            *_RADIUS_FAILURES,
            "group_handshake_failed",
            "group_handshake_completed",
            "sta_connected",
            "sta_disconnected",
            "disassociated",
            "disassociated_inactivity",
            "deauthenticated",
            "deauthenticated_local",
            "deauthenticated_inactivity",
            "session_timeout",
            "daemon_started",
        )
    ),
    "wpa_supplicant": frozenset(
        (
            *_EITHER_DAEMON,
            "auth_timeout",
            "network_disabled",
            "connected",
            "disconnected",
            "deauthenticated",
            "disassociated",
            "eap_certificate_error",
            "beacon_loss",
            "group_rekeyed",
            "roam",
            "scan_failed",
            "daemon_started",
        )
    ),
    "wlceventd": frozenset(
        (
            *ASSOCIATED,
            "authenticated",
            "auth_refused",
            "assoc_refused",
            "disassociated",
            "disassociated_inactivity",
            "deauthenticated",
            "deauthenticated_inactivity",
            "unknown",
        )
    ),
}
