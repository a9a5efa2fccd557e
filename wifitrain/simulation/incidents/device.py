"""Incidents of the device itself: silence, restarts and a clock that starts again."""

from __future__ import annotations

import numpy as np

from wifitrain.simulation import client, rarities
from wifitrain.simulation.dialects import HostapdOpenwrt, later
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


def _nothing(scene: Scene) -> None:
    """Silence is written by removing lines."""


def _rejoin(scene: Scene) -> None:
    """After each restart every known station comes back within seconds."""
    restart = np.repeat(scene.moments, len(scene.stations))
    stations = np.tile(scene.stations, len(scene.moments))
    back = later(scene.journal, restart, 5.0, 8.0)
    scene.dialect.join(scene.journal, back, stations)


def _restart_openwrt(scene: Scene) -> None:
    for interface in HostapdOpenwrt.interfaces:
        rarities.restart_interface(scene.journal, scene.moments, interface)
    _rejoin(scene)


def _restart_client(scene: Scene) -> None:
    journal, moments = scene.journal, scene.moments
    journal.write(moments, client.NOTICE, "wlan0: CTRL-EVENT-TERMINATING")
    up = later(journal, moments, 2.0, 0.5)
    journal.write(up, client.NOTICE, "Successfully initialized wpa_supplicant")
    missing = "Could not read interface wlan0 flags: No such device"
    journal.write(up + 300, client.WARNING, missing)
    failed = "wlan0: Failed to initialize driver interface"
    journal.write(up + 600, client.WARNING, failed)


def _reboot_client(scene: Scene) -> None:
    journal = scene.journal
    journal.write(scene.moments, client.NOTICE, "Successfully initialized wpa_supplicant")
    world = "wlan0: CTRL-EVENT-REGDOM-CHANGE init=CORE type=WORLD"
    journal.write(scene.moments + SECOND // 2, client.NOTICE, world)
    scene.dialect.join(journal, later(journal, scene.moments, 2.0, 3.0), scene.cast())


KINDS = (
    Kind(
        name="access_point_silent",
        meaning="nothing arrives; intensity is the share of lines that is lost, 1 = all",
        per_minute=0,
        scripts=dict.fromkeys(DIALECTS, _nothing),
        silences=True,
    ),
    Kind(
        name="restart_loop",
        meaning="the device or its interfaces start again and again",
        per_minute=0.5,
        scripts={
            OPENWRT: _restart_openwrt,
            BROADCOM: _rejoin,
            EVENTD: _rejoin,
            CLIENT: _restart_client,
        },
    ),
    Kind(
        name="clock_reset",
        meaning="a reboot whose first lines bear the firmware's date, seven weeks early",
        per_minute=0.1,
        scripts={
            OPENWRT: _restart_openwrt,
            BROADCOM: _rejoin,
            EVENTD: _rejoin,
            CLIENT: _reboot_client,
        },
        clock_days_back=49,
    ),
)
