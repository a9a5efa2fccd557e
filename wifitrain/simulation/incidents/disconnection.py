"""Incidents that break connections: deauthentication floods, flapping and roaming storms."""

from __future__ import annotations

import numpy as np

from wifitrain.simulation.client import WpaSupplicant
from wifitrain.simulation.dialects import (
    INFO,
    NOTICE,
    HostapdOpenwrt,
    Wlceventd,
    later,
    station_fields,
)
from wifitrain.simulation.incidents.scene import (
    BROADCOM,
    CLIENT,
    DIALECTS,
    EVENTD,
    OPENWRT,
    Kind,
    Scene,
)
from wifitrain.simulation.lines import SECOND

__all__ = ["KINDS"]


def _deauthentication(scene: Scene, victims: np.ndarray) -> None:
    """Victims are thrown out; most of them come back a few seconds later."""
    scene.dialect.kick(scene.journal, scene.moments, victims)
    back = scene.rng.random(len(victims)) < 0.75
    returned = later(scene.journal, scene.moments[back], 1.0, 3.0)
    scene.dialect.join(scene.journal, returned, victims[back])


def _flood(scene: Scene) -> None:
    _deauthentication(scene, scene.cast())


def _slow(scene: Scene) -> None:
    _deauthentication(scene, scene.one())


def _flapping(scene: Scene) -> None:
    """One station joins and leaves again within seconds, over and over."""
    station = scene.one()
    scene.dialect.join(scene.journal, scene.moments, station)
    left = later(scene.journal, scene.moments, 1.0, 5.0)
    scene.dialect.leave(scene.journal, left, station)


def _storm(scene: Scene) -> None:
    """Stations hand over between radios and neighbours without coming to rest."""
    stations = scene.cast()
    scene.dialect.leave(scene.journal, scene.moments, stations)
    scene.dialect.join(scene.journal, later(scene.journal, scene.moments, 0.2, 1.0), stations)


def _storm_eventd(scene: Scene) -> None:
    stations, daemon = scene.cast(), Wlceventd()
    daemon.farewell(scene.journal, scene.moments, stations, 8)
    back = later(scene.journal, scene.moments, 0.2, 1.0)
    daemon.frame(scene.journal, back, stations, "556 ReAssoc")


def _storm_openwrt(scene: Scene) -> None:
    stations = scene.cast()
    fields = station_fields(stations, HostapdOpenwrt.interfaces)
    fields["target"] = stations ^ np.uint64(0x10)
    answer = (
        "{interface}: BSS-TM-RESP {mac} status_code=0 bss_termination_delay=0 target_bssid={target}"
    )
    scene.journal.write(scene.moments, NOTICE, answer, **fields)
    gone = later(scene.journal, scene.moments, 0.3, 0.3)
    scene.journal.write(gone, NOTICE, "{interface}: AP-STA-DISCONNECTED {mac}", **fields)
    back = later(scene.journal, gone, 0.5, 1.0)
    head = "{interface}: STA {mac} IEEE 802.11: "
    scene.journal.write(back, INFO, head + "authenticated", **fields)
    scene.journal.write(back + SECOND // 100, INFO, head + "associated (aid {aid})", **fields)
    connected = "{interface}: AP-STA-CONNECTED {mac} auth_alg=ft"
    scene.journal.write(back + SECOND // 50, NOTICE, connected, **fields)


def _storm_client(scene: Scene) -> None:
    target = scene.cast() ^ np.uint64(0x10)
    WpaSupplicant().roam(scene.journal, scene.moments, scene.cast(), target=target)


KINDS = (
    Kind(
        name="deauth_flood",
        meaning="spoofed deauthentication frames against all stations",
        per_minute=20,
        scripts=dict.fromkeys(DIALECTS, _flood),
    ),
    Kind(
        name="slow_deauth",
        meaning="one station is thrown out every few minutes",
        per_minute=0.25,
        scripts=dict.fromkeys(DIALECTS, _slow),
    ),
    Kind(
        name="assoc_flapping",
        meaning="one station associates and disassociates without end",
        per_minute=4,
        scripts=dict.fromkeys(DIALECTS, _flapping),
    ),
    Kind(
        name="roaming_storm",
        meaning="stations roam back and forth",
        per_minute=10,
        scripts={
            BROADCOM: _storm,
            EVENTD: _storm_eventd,
            OPENWRT: _storm_openwrt,
            CLIENT: _storm_client,
        },
    ),
)
