"""Incidents about keys: wrong passphrases, guessed PINs, SAE floods, EAP and RADIUS failures."""

from __future__ import annotations

import numpy as np

from wifitrain.simulation import client
from wifitrain.simulation.client import NETWORK, WpaSupplicant
from wifitrain.simulation.dialects import (
    INFO,
    NOTICE,
    HostapdBroadcom,
    HostapdOpenwrt,
    Wlceventd,
    later,
    station_fields,
)
from wifitrain.simulation.incidents.scene import BROADCOM, CLIENT, EVENTD, OPENWRT, Kind, Scene
from wifitrain.simulation.lines import SECOND, Voice

__all__ = ["KINDS"]

_DEBUG = Voice(program="hostapd", level="debug")
_LOGGER = "{interface}: STA {mac} "
_REMOVED = _LOGGER + "IEEE 802.11: deauthenticated due to local deauth request"


def _openwrt_fields(macs: np.ndarray) -> dict[str, np.ndarray]:
    return station_fields(macs, HostapdOpenwrt.interfaces)


def _wrong_psk_openwrt(scene: Scene) -> None:
    guesser = scene.strangers(1)
    HostapdOpenwrt().let_in(scene.journal, scene.moments, guesser)
    mismatch = "{interface}: AP-STA-POSSIBLE-PSK-MISMATCH {mac}"
    for second in range(4):
        # hostapd sends message 1/4 four times, a second apart; the last answer is often missing.
        answered = scene.rng.random(len(guesser)) < (0.6 if second == 3 else 1.0)
        at = later(scene.journal, scene.moments[answered], second + 0.05, 0.02)
        scene.journal.write(at, NOTICE, mismatch, **_openwrt_fields(guesser[answered]))
    gone = later(scene.journal, scene.moments, 4.2, 0.1)
    scene.journal.write(gone, INFO, _REMOVED, **_openwrt_fields(guesser))


def _wrong_psk_broadcom(scene: Scene) -> None:
    """No line names the passphrase: associated, no keys, thrown out by the access point."""
    fields = station_fields(scene.strangers(1), HostapdBroadcom.interfaces)
    associated = _LOGGER + "IEEE 802.11: associated (aid {aid})"
    scene.journal.write(scene.moments, INFO, associated, **fields)
    gone = later(scene.journal, scene.moments, 4.2, 0.4)
    scene.journal.write(gone, INFO, _REMOVED, **fields)


def _wrong_psk_eventd(scene: Scene) -> None:
    guesser, daemon = scene.strangers(1), Wlceventd()
    daemon.frame(scene.journal, scene.moments, guesser, "499 Auth")
    daemon.frame(scene.journal, later(scene.journal, scene.moments, 0.01), guesser, "527 Assoc")
    daemon.farewell(scene.journal, later(scene.journal, scene.moments, 4.2, 0.4), guesser, 15)


def _wrong_psk_client(scene: Scene) -> None:
    access_point, dialect = scene.cast(), WpaSupplicant()
    dialect.attempt(scene.journal, scene.moments, access_point)
    failed = later(scene.journal, scene.moments, 4.0, 0.2)
    wrong = "wlan0: WPA: 4-Way Handshake failed - pre-shared key may be incorrect"
    scene.journal.write(failed, client.NOTICE, wrong)
    dialect.drop(scene.journal, failed + 200, access_point, "reason=15")
    _back_off(scene, failed + 400, "WRONG_KEY")


def _back_off(scene: Scene, at: np.ndarray, reason: str) -> None:
    """The client stops trying the network for a while, then takes it up again."""
    failures = np.minimum(np.arange(len(at)) + 1, 30)
    disabled = (
        f'wlan0: CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="{NETWORK}"'
        f" auth_failures={{failures}} duration=10 reason={reason}"
    )
    scene.journal.write(at, client.NOTICE, disabled, failures=failures)
    again = f'wlan0: CTRL-EVENT-SSID-REENABLED id=0 ssid="{NETWORK}"'
    scene.journal.write(at + 10 * SECOND, client.NOTICE, again)


def _wps_openwrt(scene: Scene) -> None:
    """Each guess ends in a failed exchange; every tenth failure locks the set-up for a minute."""
    guesser, journal = scene.strangers(1), scene.journal
    fields = _openwrt_fields(guesser)
    HostapdOpenwrt().let_in(journal, scene.moments, guesser)
    started = "{interface}: CTRL-EVENT-EAP-STARTED {mac}"
    journal.write(later(journal, scene.moments, 0.02), NOTICE, started, **fields)
    proposed = "{interface}: CTRL-EVENT-EAP-PROPOSED-METHOD vendor=14122 method=1"
    journal.write(later(journal, scene.moments, 0.03), NOTICE, proposed, **fields)
    failed = later(journal, scene.moments, 0.8, 0.4)
    text = "{interface}: WPS-FAIL msg=8 config_error=18 reason=0 (No Error)"
    journal.write(failed, NOTICE, text, **fields)
    journal.write(failed + 300, NOTICE, "{interface}: CTRL-EVENT-EAP-FAILURE {mac}", **fields)
    locks = failed[9::10] + 600
    interface = fields["interface"][9::10]
    journal.write(locks, NOTICE, "{interface}: WPS-AP-SETUP-LOCKED", interface=interface)
    opened = locks + 60 * SECOND
    journal.write(opened, NOTICE, "{interface}: WPS-AP-SETUP-UNLOCKED", interface=interface)


def _sae_openwrt(scene: Scene) -> None:
    """Commits from invented addresses: nobody is there to acknowledge the answer."""
    spoofed = scene.strangers()
    commit = _LOGGER + "IEEE 802.11: start SAE authentication (RX commit, status=0 (SUCCESS))"
    scene.journal.write(scene.moments, _DEBUG, commit, **_openwrt_fields(spoofed))
    unanswered = scene.rng.random(len(spoofed)) < 0.3
    at = later(scene.journal, scene.moments[unanswered], 0.02, 0.02)
    text = _LOGGER + "IEEE 802.11: did not acknowledge authentication response"
    scene.journal.write(at, NOTICE, text, **_openwrt_fields(spoofed[unanswered]))


def _eap_access_point(scene: Scene, interfaces: tuple[str, ...]) -> None:
    fields = station_fields(scene.cast(), interfaces)
    failed = _LOGGER + "IEEE 802.1X: authentication failed - EAP type: 25 (PEAP)"
    scene.journal.write(later(scene.journal, scene.moments, 0.4, 0.1), INFO, failed, **fields)
    scene.journal.write(later(scene.journal, scene.moments, 0.6), INFO, _REMOVED, **fields)


def _eap_broadcom(scene: Scene) -> None:
    _eap_access_point(scene, HostapdBroadcom.interfaces)


def _eap_openwrt(scene: Scene) -> None:
    stations, journal = scene.stations, scene.journal
    fields = _openwrt_fields(stations[np.arange(len(scene.moments)) % len(stations)])
    head = "{interface}: CTRL-EVENT-EAP-"
    journal.write(scene.moments, NOTICE, head + "STARTED {mac}", **fields)
    proposed = head + "PROPOSED-METHOD vendor=0 method=25"
    journal.write(later(journal, scene.moments, 0.02), NOTICE, proposed, **fields)
    journal.write(later(journal, scene.moments, 0.35), NOTICE, head + "FAILURE2 {mac}", **fields)
    _eap_access_point(scene, HostapdOpenwrt.interfaces)


def _eap_eventd(scene: Scene) -> None:
    Wlceventd().farewell(scene.journal, scene.moments, scene.cast(), 23)


def _eap_client(scene: Scene) -> None:
    access_point, dialect = scene.cast(), WpaSupplicant(eap=True)
    dialect.attempt(scene.journal, scene.moments, access_point)
    dialect.eap_exchange(scene.journal, later(scene.journal, scene.moments, 0.13))
    failed = later(scene.journal, scene.moments, 0.5, 0.3)
    text = "wlan0: CTRL-EVENT-EAP-FAILURE EAP authentication failed"
    scene.journal.write(failed, client.NOTICE, text)
    dialect.drop(scene.journal, failed + 300, access_point, "reason=23")
    _back_off(scene, failed + 500, "AUTH_FAILED")


def _radius(scene: Scene, interfaces: tuple[str, ...]) -> None:
    fields = station_fields(scene.cast(), interfaces)
    silent = "{interface}: RADIUS No response from Authentication server 192.0.2.10:1812 - failover"
    scene.journal.write(scene.moments, NOTICE, silent, **fields)
    failed = _LOGGER + "IEEE 802.1X: authentication failed - EAP type: 0 (unknown)"
    scene.journal.write(later(scene.journal, scene.moments, 0.2, 2.0), INFO, failed, **fields)


def _radius_broadcom(scene: Scene) -> None:
    _radius(scene, HostapdBroadcom.interfaces)


def _radius_openwrt(scene: Scene) -> None:
    _radius(scene, HostapdOpenwrt.interfaces)
    fields = _openwrt_fields(scene.cast())
    timed_out = "{interface}: CTRL-EVENT-EAP-TIMEOUT-FAILURE2 {mac}"
    scene.journal.write(later(scene.journal, scene.moments, 2.5, 1.0), NOTICE, timed_out, **fields)


def _radius_client(scene: Scene) -> None:
    access_point, dialect = scene.cast(), WpaSupplicant(eap=True)
    dialect.attempt(scene.journal, scene.moments, access_point)
    started = "wlan0: CTRL-EVENT-EAP-STARTED EAP authentication started"
    scene.journal.write(later(scene.journal, scene.moments, 0.13), client.NOTICE, started)
    timed_out = later(scene.journal, scene.moments, 10.0, 0.5)
    text = "wlan0: Authentication with {bssid} timed out."
    scene.journal.write(timed_out, client.NOTICE, text, bssid=access_point)
    dialect.leave(scene.journal, timed_out + 300, access_point)


KINDS = (
    Kind(
        name="wrong_psk",
        meaning="one station guesses the passphrase",
        per_minute=3,
        scripts={
            OPENWRT: _wrong_psk_openwrt,
            BROADCOM: _wrong_psk_broadcom,
            EVENTD: _wrong_psk_eventd,
            CLIENT: _wrong_psk_client,
        },
    ),
    Kind(
        name="wps_pin_brute_force",
        meaning="one station guesses the WPS PIN",
        per_minute=4,
        scripts={OPENWRT: _wps_openwrt},
        reasons={
            BROADCOM: "its firmware runs WPS in another program",
            EVENTD: "the daemon logs frames, no WPS exchanges",
            CLIENT: "a client does not see another station's WPS exchange",
        },
    ),
    Kind(
        name="sae_commit_flood",
        meaning="SAE commits from invented addresses exhaust the access point",
        per_minute=120,
        scripts={OPENWRT: _sae_openwrt},
        reasons={
            BROADCOM: "its driver answers SAE commits itself, hostapd logs none",
            EVENTD: "the daemon logs completed authentications only",
            CLIENT: "a client does not see commits sent to its access point",
        },
    ),
    Kind(
        name="eap_failure_burst",
        meaning="802.1X authentications fail in a row",
        per_minute=6,
        scripts={
            OPENWRT: _eap_openwrt,
            BROADCOM: _eap_broadcom,
            EVENTD: _eap_eventd,
            CLIENT: _eap_client,
        },
    ),
    Kind(
        name="radius_outage",
        meaning="the RADIUS server does not answer",
        per_minute=4,
        scripts={OPENWRT: _radius_openwrt, BROADCOM: _radius_broadcom, CLIENT: _radius_client},
        reasons={EVENTD: "the daemon does not speak to RADIUS servers"},
    ),
)
