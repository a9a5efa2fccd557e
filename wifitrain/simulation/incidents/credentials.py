"""Incidents about keys: wrong passphrases, guessed PINs and floods of SAE commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.simulation import client
from wifitrain.simulation.client import WpaSupplicant
from wifitrain.simulation.dialects import (
    INFO,
    LOCAL_DEAUTH,
    NOTICE,
    HostapdBroadcom,
    HostapdOpenwrt,
    Wlceventd,
    later,
    station_fields,
)
from wifitrain.simulation.incidents.scene import BROADCOM, CLIENT, EVENTD, OPENWRT, Kind, Scene
from wifitrain.simulation.lines import SECOND, Voice

if TYPE_CHECKING:
    import numpy as np

__all__ = ["KINDS"]

_DEBUG = Voice(program="hostapd", level="debug")
_LOGGER = "{interface}: STA {mac} "


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
    scene.journal.write(gone, INFO, LOCAL_DEAUTH, **_openwrt_fields(guesser))


def _wrong_psk_broadcom(scene: Scene) -> None:
    """No line names the passphrase: associated, no keys, thrown out by the access point."""
    fields = station_fields(scene.strangers(1), HostapdBroadcom.interfaces)
    associated = _LOGGER + "IEEE 802.11: associated (aid {aid})"
    scene.journal.write(scene.moments, INFO, associated, **fields)
    gone = later(scene.journal, scene.moments, 4.2, 0.4)
    scene.journal.write(gone, INFO, LOCAL_DEAUTH, **fields)


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
    dialect.back_off(scene.journal, failed + 400, "WRONG_KEY")


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
)
