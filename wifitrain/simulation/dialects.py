"""How access points word what happens to a station: three dialects of one small set of phrases.

Wording after hostapd's sources (hostap) and Broadcom's wlceventd; columns are whole arrays.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from wifitrain.simulation.lines import SECOND, Journal, Voice

__all__ = [
    "INFO",
    "LOCAL_DEAUTH",
    "NOTICE",
    "Dialect",
    "HostapdBroadcom",
    "HostapdOpenwrt",
    "Wlceventd",
    "later",
    "station_fields",
]

INFO = Voice(program="hostapd", level="info")
NOTICE = Voice(program="hostapd", level="notice")
EVENT_DAEMON = Voice(program="wlceventd", level="info")

#: What an access point says when it throws a station out for failed keys.
LOCAL_DEAUTH = "{interface}: STA {mac} IEEE 802.11: deauthenticated due to local deauth request"

REASONS = {
    1: "Unspecified reason",
    2: "Previous authentication no longer valid",
    3: "Deauthenticated because sending station is leaving (or has left) IBSS or ESS",
    4: "Disassociated due to inactivity",
    7: "Class 3 frame received from nonassociated station",
    8: "Disassociated because sending station is leaving (or has left) BSS",
    15: "4-way handshake timeout",
    23: "IEEE 802.1X authentication failed",
}


class Dialect(Protocol):
    """The phrases every dialect has; `at` and `mac` have shape (n,).

    `mac` is the station at an access point, and the access point at a client.
    """

    name: str
    whole_seconds: bool

    def join(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """A station is let in, keys and all."""
        ...

    def leave(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """A station says that it leaves."""
        ...

    def expire(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """An idle station is tidied away."""
        ...

    def kick(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """A station is thrown out by a deauthentication frame that it did not send."""
        ...

    def rekey(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """The group key is renewed with a station."""
        ...


def later(journal: Journal, at: np.ndarray, seconds: float, spread: float = 0.0) -> np.ndarray:
    """Each time plus `seconds` and up to `spread` seconds more, in microseconds."""
    extra = seconds + spread * journal.rng.random(len(at))
    return at + (extra * SECOND).astype(np.int64)


def station_fields(mac: np.ndarray, interfaces: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The parts of a line that follow from its station: address, interface, association id."""
    # A station keeps its band and its association id: both follow from the address.
    band = (mac >> np.uint64(3)) % np.uint64(len(interfaces))
    return {
        "mac": mac,
        "MAC": mac,
        "interface": np.array(interfaces)[band.astype(np.int64)],
        "aid": (mac % np.uint64(13)).astype(np.int64) + 1,
    }


def sessions(journal: Journal, count: int) -> np.ndarray:
    """Accounting session identifiers, uint64."""
    return journal.rng.integers(0, 2**64, count, dtype=np.uint64)


class HostapdBroadcom:
    """hostapd on Broadcom firmware: association, accounting and keys; says why for nothing."""

    name = "hostapd_broadcom"
    whole_seconds = True
    interfaces = ("eth5", "eth6")

    def join(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Associated (the driver gives the aid or not), accounting started, keys agreed."""
        # The event daemon is a little quicker: its Auth and Assoc stand before these lines.
        at = later(journal, at, 0.03)
        numbered = journal.rng.random(len(at)) < 0.7
        associated = "{interface}: STA {mac} IEEE 802.11: associated"
        self._say(journal, at[numbered], mac[numbered], associated + " (aid {aid})")
        self._say(journal, at[~numbered], mac[~numbered], associated)
        accounting = "{interface}: STA {mac} RADIUS: starting accounting session {session}"
        fields = station_fields(mac, self.interfaces) | {"session": sessions(journal, len(at))}
        journal.write(later(journal, at, 0.01), INFO, accounting, **fields)
        keys = "{interface}: STA {mac} WPA: pairwise key handshake completed (RSN)"
        self._say(journal, later(journal, at, 0.02), mac, keys)

    def leave(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Disassociated, now and then twice in the same second."""
        twice = np.repeat(np.arange(len(at)), 1 + (journal.rng.random(len(at)) < 0.15))
        text = "{interface}: STA {mac} IEEE 802.11: disassociated"
        self._say(journal, at[twice], mac[twice], text)

    expire = leave
    kick = leave

    def rekey(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Group key handshake completed."""
        text = "{interface}: STA {mac} WPA: group key handshake completed (RSN)"
        self._say(journal, at, mac, text)

    def _say(self, journal: Journal, at: np.ndarray, mac: np.ndarray, text: str) -> None:
        journal.write(at, INFO, text, **station_fields(mac, self.interfaces))


class HostapdOpenwrt:
    """hostapd on OpenWrt: the logger's lines at info and the control interface's at notice."""

    name = "hostapd_openwrt"
    whole_seconds = False
    interfaces = ("phy0-ap0", "phy1-ap0")

    def join(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Authenticated, associated, connected, keys agreed."""
        self.let_in(journal, at, mac)
        fields = station_fields(mac, self.interfaces)
        algorithm = np.where((mac >> np.uint64(5)) % np.uint64(4) == 0, "sae", "open")
        fields["algorithm"] = algorithm
        connected = "{interface}: AP-STA-CONNECTED {mac} auth_alg={algorithm}"
        journal.write(later(journal, at, 0.060), NOTICE, connected, **fields)
        keys = "{interface}: STA {mac} WPA: pairwise key handshake completed (RSN)"
        journal.write(later(journal, at, 0.068), INFO, keys, **fields)
        complete = "{interface}: EAPOL-4WAY-HS-COMPLETED {mac}"
        journal.write(later(journal, at, 0.075), NOTICE, complete, **fields)

    def let_in(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Authenticated and associated, before any key is agreed."""
        fields = station_fields(mac, self.interfaces)
        journal.write(at, INFO, "{interface}: STA {mac} IEEE 802.11: authenticated", **fields)
        associated = "{interface}: STA {mac} IEEE 802.11: associated (aid {aid})"
        journal.write(later(journal, at, 0.010), INFO, associated, **fields)

    def leave(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Disassociated, and a second later the house-keeping that follows."""
        self._end(journal, at, mac, "disassociated")

    def expire(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Disassociated due to inactivity, and a second later removed."""
        self._end(journal, at, mac, "disassociated due to inactivity")

    def kick(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """A received deauthentication is a debug line: at info only the disconnection shows."""
        fields = station_fields(mac, self.interfaces)
        journal.write(at, NOTICE, "{interface}: AP-STA-DISCONNECTED {mac}", **fields)

    def rekey(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Group key handshake completed."""
        text = "{interface}: STA {mac} WPA: group key handshake completed (RSN)"
        journal.write(at, INFO, text, **station_fields(mac, self.interfaces))

    def _end(self, journal: Journal, at: np.ndarray, mac: np.ndarray, how: str) -> None:
        self.kick(journal, at, mac)
        fields = station_fields(mac, self.interfaces)
        text = "{interface}: STA {mac} IEEE 802.11: "
        journal.write(later(journal, at, 0.002), INFO, text + how, **fields)
        removed = text + "deauthenticated due to inactivity (timer DEAUTH/REMOVE)"
        journal.write(later(journal, at, 1.0, 0.05), INFO, removed, **fields)


class Wlceventd:
    """Broadcom's event daemon: frames with status and reason, addresses in capitals."""

    name = "wlceventd"
    whole_seconds = True
    interfaces = ("eth5", "eth6")

    def join(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Auth (not at every reconnect) and Assoc, both successful."""
        fresh = journal.rng.random(len(at)) < 0.75
        self.frame(journal, at[fresh], mac[fresh], "499 Auth")
        self.frame(journal, later(journal, at, 0.01), mac, "527 Assoc")

    def leave(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Disassoc, reason 8."""
        self.farewell(journal, at, mac, 8)

    def expire(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Deauth_ind for inactivity, now and then with frames of the half-removed station."""
        self.farewell(journal, at, mac, 4)
        stale = np.flatnonzero(journal.rng.random(len(at)) < 0.2)
        repeats = np.repeat(stale, journal.rng.integers(2, 5, len(stale)))
        self.farewell(journal, later(journal, at[repeats], 0.5, 0.4), mac[repeats], 7)

    def kick(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Deauth_ind with reason 7, two to four times in a second."""
        repeats = np.repeat(np.arange(len(at)), journal.rng.integers(2, 5, len(at)))
        self.farewell(journal, later(journal, at[repeats], 0.0, 0.6), mac[repeats], 7)

    def rekey(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Nothing: the daemon sees no keys."""

    def frame(self, journal: Journal, at: np.ndarray, mac: np.ndarray, which: str) -> None:
        """One successful frame; `which` is the source line and the name: ``527 Assoc``."""
        line, name = which.split()
        text = (
            f"wlceventd_proc_event({line}): {{interface}}: {name} {{MAC}}, status: Successful (0)"
        )
        journal.write(at, EVENT_DAEMON, text, **station_fields(mac, self.interfaces))

    def farewell(self, journal: Journal, at: np.ndarray, mac: np.ndarray, reason: int) -> None:
        """Disassoc (reason 8) or Deauth_ind (others) with the reason in words and as code."""
        head = "(481): {interface}: Disassoc" if reason == 8 else "(464): {interface}: Deauth_ind"
        tail = f" {{MAC}}, status: 0, reason: {REASONS[reason]} ({reason})"
        fields = station_fields(mac, self.interfaces)
        journal.write(at, EVENT_DAEMON, "wlceventd_proc_event" + head + tail, **fields)
