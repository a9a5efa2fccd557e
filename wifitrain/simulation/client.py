"""How wpa_supplicant words a client's day: connections, signal, roams; after hostap's sources."""

from __future__ import annotations

import numpy as np

from wifitrain.simulation.dialects import later
from wifitrain.simulation.lines import Journal, Voice

__all__ = ["NETWORK", "NOTICE", "WARNING", "WpaSupplicant", "radio_fields"]

NETWORK = "simulated-net"
NOTICE = Voice(program="wpa_supplicant", level="notice", pid=716)
WARNING = Voice(program="wpa_supplicant", level="warning", pid=716)

_FREQUENCIES_MHZ = np.array([5180, 5240, 5500, 5745])
_TX_RATES_KBPS = np.array([6000, 29200, 245000, 432300, 864800, 960700])


def radio_fields(bssid: np.ndarray) -> dict[str, np.ndarray]:
    """The parts of a line that follow from its access point: address and frequency."""
    place = (bssid >> np.uint64(4)) % np.uint64(len(_FREQUENCIES_MHZ))
    return {"bssid": bssid, "frequency": _FREQUENCIES_MHZ[place.astype(np.int64)]}


class WpaSupplicant:
    """wpa_supplicant on a client; `mac` is the access point's address.

    Parameters
    ----------
    eap : the network asks for PEAP instead of a passphrase.
    """

    name = "wpa_supplicant"
    whole_seconds = False

    def __init__(self, *, eap: bool = False) -> None:
        self.eap = eap

    def join(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """From the first try to the completed connection."""
        self.attempt(journal, at, mac)
        if self.eap:
            self.eap_exchange(journal, later(journal, at, 0.130))
            done = "wlan0: CTRL-EVENT-EAP-SUCCESS EAP authentication completed successfully"
            journal.write(later(journal, at, 0.230), NOTICE, done)
        keys = "wlan0: WPA: Key negotiation completed with {bssid} [PTK=CCMP GTK=CCMP]"
        journal.write(later(journal, at, 0.260), NOTICE, keys, bssid=mac)
        connected = "wlan0: CTRL-EVENT-CONNECTED - Connection to {bssid} completed [id=0 id_str=]"
        journal.write(later(journal, at, 0.262), NOTICE, connected, bssid=mac)

    def attempt(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """Authentication and association, before any key is agreed."""
        fields = radio_fields(mac)
        place = f"with {{bssid}} (SSID='{NETWORK}' freq={{frequency}} MHz)"
        journal.write(at, NOTICE, f"wlan0: SME: Trying to authenticate {place}", **fields)
        trying = f"wlan0: Trying to associate {place}"
        journal.write(later(journal, at, 0.090), NOTICE, trying, **fields)
        associated = "wlan0: Associated with {bssid}"
        journal.write(later(journal, at, 0.115), NOTICE, associated, bssid=mac)
        status = "wlan0: CTRL-EVENT-SUBNET-STATUS-UPDATE status=0"
        journal.write(later(journal, at, 0.116), NOTICE, status)

    def eap_exchange(self, journal: Journal, at: np.ndarray) -> None:
        """The start of an EAP conversation: method proposed and chosen."""
        head = "wlan0: CTRL-EVENT-EAP-"
        journal.write(at, NOTICE, head + "STARTED EAP authentication started")
        proposed = head + "PROPOSED-METHOD vendor=0 method=25"
        journal.write(later(journal, at, 0.010), NOTICE, proposed)
        chosen = head + "METHOD EAP vendor 0 method 25 (PEAP) selected"
        journal.write(later(journal, at, 0.011), NOTICE, chosen)

    def leave(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """The client leaves by its own decision."""
        self.drop(journal, at, mac, "reason=3 locally_generated=1")

    def expire(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """The access point was not heard any more."""
        self.drop(journal, at, mac, "reason=4 locally_generated=1")

    def kick(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """A deauthentication frame arrived."""
        self.drop(journal, at, mac, "reason=7")

    def drop(self, journal: Journal, at: np.ndarray, mac: np.ndarray, how: str) -> None:
        """Disconnected; `how` is the reason and who decided."""
        text = "wlan0: CTRL-EVENT-DISCONNECTED bssid={bssid} " + how
        journal.write(at, NOTICE, text, bssid=mac)

    def back_off(self, journal: Journal, at: np.ndarray, reason: str) -> None:
        """The client stops trying the network for ten seconds, then takes it up again."""
        failures = np.minimum(np.arange(len(at)) + 1, 30)
        disabled = (
            f'wlan0: CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="{NETWORK}"'
            f" auth_failures={{failures}} duration=10 reason={reason}"
        )
        journal.write(at, NOTICE, disabled, failures=failures)
        again = f'wlan0: CTRL-EVENT-SSID-REENABLED id=0 ssid="{NETWORK}"'
        journal.write(later(journal, at, 10.0), NOTICE, again)

    def rekey(self, journal: Journal, at: np.ndarray, mac: np.ndarray) -> None:
        """The group key is renewed."""
        text = "wlan0: WPA: Group rekeying completed with {bssid} [GTK=CCMP]"
        journal.write(at, NOTICE, text, bssid=mac)

    def signal(self, journal: Journal, at: np.ndarray, dbm: np.ndarray) -> None:
        """Signal crossed the threshold of -65 dBm; noise 9999 is the driver's "unknown"."""
        text = "wlan0: CTRL-EVENT-SIGNAL-CHANGE above={above} signal={dbm} noise=9999 txrate={rate}"
        # Rates fall with the signal, with one step of chance.
        step = np.clip((dbm + 90) // 8 + journal.rng.integers(0, 2, len(at)), 0, 5)
        above = (dbm > -65).astype(np.int64)
        journal.write(at, NOTICE, text, above=above, dbm=dbm, rate=_TX_RATES_KBPS[step])

    def roam(
        self, journal: Journal, at: np.ndarray, mac: np.ndarray, *, target: np.ndarray
    ) -> None:
        """A better access point was found and joined."""
        here, there = radio_fields(mac), radio_fields(target)
        text = (
            "wlan0: CTRL-EVENT-DO-ROAM cur_bssid={bssid} cur_freq={cur} cur_level={level}"
            " cur_est=54000 sel_bssid={target} sel_freq={sel} sel_level={better} sel_est=216000"
        )
        level = journal.rng.integers(-78, -66, len(at))
        fields = {"cur": here["frequency"], "sel": there["frequency"], "better": level + 14}
        journal.write(at, NOTICE, text, bssid=mac, target=target, level=level, **fields)
        self.join(journal, later(journal, at, 0.050), target)
