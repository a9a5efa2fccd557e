"""Incidents of networks with 802.1X: failures in a row, and a RADIUS server that is silent."""

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

if TYPE_CHECKING:
    import numpy as np

__all__ = ["KINDS"]


def _eap_refused(scene: Scene, fields: dict[str, np.ndarray]) -> None:
    failed = "{interface}: STA {mac} IEEE 802.1X: authentication failed - EAP type: 25 (PEAP)"
    scene.journal.write(later(scene.journal, scene.moments, 0.4, 0.1), INFO, failed, **fields)
    scene.journal.write(later(scene.journal, scene.moments, 0.6), INFO, LOCAL_DEAUTH, **fields)


def _eap_broadcom(scene: Scene) -> None:
    _eap_refused(scene, station_fields(scene.cast(), HostapdBroadcom.interfaces))


def _eap_openwrt(scene: Scene) -> None:
    fields, journal = station_fields(scene.cast(), HostapdOpenwrt.interfaces), scene.journal
    head = "{interface}: CTRL-EVENT-EAP-"
    journal.write(scene.moments, NOTICE, head + "STARTED {mac}", **fields)
    proposed = head + "PROPOSED-METHOD vendor=0 method=25"
    journal.write(later(journal, scene.moments, 0.02), NOTICE, proposed, **fields)
    journal.write(later(journal, scene.moments, 0.35), NOTICE, head + "FAILURE2 {mac}", **fields)
    _eap_refused(scene, fields)


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
    dialect.back_off(scene.journal, failed + 500, "AUTH_FAILED")


def _radius_silent(scene: Scene, fields: dict[str, np.ndarray]) -> None:
    silent = "{interface}: RADIUS No response from Authentication server 192.0.2.10:1812 - failover"
    scene.journal.write(scene.moments, NOTICE, silent, **fields)
    failed = "{interface}: STA {mac} IEEE 802.1X: authentication failed - EAP type: 0 (unknown)"
    scene.journal.write(later(scene.journal, scene.moments, 0.2, 2.0), INFO, failed, **fields)


def _radius_broadcom(scene: Scene) -> None:
    _radius_silent(scene, station_fields(scene.cast(), HostapdBroadcom.interfaces))


def _radius_openwrt(scene: Scene) -> None:
    fields = station_fields(scene.cast(), HostapdOpenwrt.interfaces)
    _radius_silent(scene, fields)
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
