"""Incidents on the air: probing strangers, radar everywhere, a client that hears too little."""

from __future__ import annotations

import numpy as np

from wifitrain.simulation import client
from wifitrain.simulation.client import WpaSupplicant
from wifitrain.simulation.dialects import NOTICE, HostapdOpenwrt, Wlceventd, later, station_fields
from wifitrain.simulation.incidents.scene import BROADCOM, CLIENT, EVENTD, OPENWRT, Kind, Scene
from wifitrain.simulation.lines import SECOND

__all__ = ["KINDS"]

_DFS_CHANNELS = np.array([52, 60, 100, 116, 132])


def _probe_openwrt(scene: Scene) -> None:
    fields = station_fields(scene.strangers(), HostapdOpenwrt.interfaces)
    fields["dbm"] = scene.rng.integers(-85, -55, len(scene.moments))
    probe = "{interface}: RX-PROBE-REQUEST sa={mac} signal={dbm}"
    scene.journal.write(scene.moments, NOTICE, probe, **fields)


def _probe_eventd(scene: Scene) -> None:
    """Authenticates under each new address and never associates."""
    strangers, daemon = scene.strangers(), Wlceventd()
    daemon.frame(scene.journal, scene.moments, strangers, "499 Auth")
    daemon.farewell(scene.journal, later(scene.journal, scene.moments, 1.0, 1.0), strangers, 2)


def _radar(scene: Scene) -> None:
    """Radar on the channel, move, wait for the next channel to be free, radar again."""
    order = scene.rng.integers(1, len(_DFS_CHANNELS), len(scene.moments)).cumsum()
    left = _DFS_CHANNELS[(order - 1) % len(_DFS_CHANNELS)]
    found = _DFS_CHANNELS[order % len(_DFS_CHANNELS)]
    journal, moments, head = scene.journal, scene.moments, "phy1-ap0: "
    old = {"frequency": 5000 + 5 * left, "centre": 5030 + 5 * left}
    new = {"frequency": 5000 + 5 * found, "channel": found, "second": found + 6}
    radar = "DFS-RADAR-DETECTED freq={frequency} ht_enabled=1 chan_offset=1 chan_width=3"
    journal.write(moments, NOTICE, head + radar + " cf1={centre} cf2=0", **old)
    moved = "DFS-NEW-CHANNEL freq={frequency} chan={channel} sec_chan=1"
    journal.write(later(journal, moments, 0.02), NOTICE, head + moved, **new)
    start = "DFS-CAC-START freq={frequency} chan={channel} sec_chan=1, width=1, seg0={second}"
    waiting = head + start + ", seg1=0, cac_time=60s"
    journal.write(later(journal, moments, 0.1), NOTICE, waiting, **new)
    done = (
        "DFS-CAC-COMPLETED success=1 freq={frequency} ht_enabled=1 chan_offset=1 chan_width=3"
        " cf1={centre} cf2=0 radar_detected=0"
    )
    fields = {"frequency": new["frequency"], "centre": new["frequency"] + 30}
    journal.write(later(journal, moments, 60.2), NOTICE, head + done, **fields)


def _radar_client(scene: Scene) -> None:
    """The client follows its access point and loses its beacons at each move."""
    channel = _DFS_CHANNELS[scene.rng.integers(0, len(_DFS_CHANNELS), len(scene.moments))]
    fields = {"frequency": 5000 + 5 * channel, "centre": 5030 + 5 * channel}
    for name, delay in (
        ("CTRL-EVENT-STARTED-CHANNEL-SWITCH", 0.0),
        ("CTRL-EVENT-CHANNEL-SWITCH", 0.5),
    ):
        text = (
            f"wlan0: {name} freq={{frequency}} ht_enabled=1 ch_offset=1 ch_width=80 MHz"
            " cf1={centre} cf2=0"
        )
        scene.journal.write(
            later(scene.journal, scene.moments, delay), client.NOTICE, text, **fields
        )
    lost = later(scene.journal, scene.moments, 1.0, 2.0)
    scene.journal.write(lost, client.NOTICE, "wlan0: CTRL-EVENT-BEACON-LOSS")


def _weak(scene: Scene) -> None:
    """Weak signal reports, beacons lost, and now and then the connection too."""
    journal, dialect = scene.journal, WpaSupplicant()
    dialect.signal(journal, scene.moments, scene.rng.integers(-90, -77, len(scene.moments)))
    missed = scene.rng.random(len(scene.moments)) < 0.6
    lost = later(journal, scene.moments[missed], 0.2, 3.0)
    journal.write(lost, client.NOTICE, "wlan0: CTRL-EVENT-BEACON-LOSS")
    gone = scene.rng.random(len(scene.moments)) < 0.1
    at, access_point = scene.moments[gone] + 4 * SECOND, scene.cast()[gone]
    dialect.expire(journal, at, access_point)
    dialect.join(journal, later(journal, at, 2.0, 2.0), access_point)


_NEVER = "hostapd never logs signal or beacons"
KINDS = (
    Kind(
        name="mac_randomising_probe_client",
        meaning="a client that probes under a new address each time",
        per_minute=30,
        scripts={OPENWRT: _probe_openwrt, EVENTD: _probe_eventd},
        reasons={
            BROADCOM: "its hostapd logs nothing before association",
            CLIENT: "a client does not see another client's probe requests",
        },
    ),
    Kind(
        name="dfs_channel_hopping",
        meaning="radar, real or imagined, on every channel",
        per_minute=0.5,
        scripts={OPENWRT: _radar, CLIENT: _radar_client},
        reasons={
            BROADCOM: "its acsd moves the channel, hostapd logs nothing of it",
            EVENTD: "the daemon does not log channels",
        },
    ),
    Kind(
        name="beacon_loss_weak_signal",
        meaning="a client at the edge of the cell",
        per_minute=6,
        scripts={CLIENT: _weak},
        reasons={
            OPENWRT: _NEVER,
            BROADCOM: _NEVER,
            EVENTD: "the daemon never logs signal or beacons",
        },
    ),
)
