"""What an access point logs now and then without anything being wrong, and who else logs there."""

from __future__ import annotations

import numpy as np

from wifitrain.simulation.dialects import (
    INFO,
    LOCAL_DEAUTH,
    NOTICE,
    HostapdBroadcom,
    HostapdOpenwrt,
    later,
    station_fields,
)
from wifitrain.simulation.lines import SECOND, Journal, Voice
from wifitrain.simulation.site import DAY, Episodes, Host

__all__ = ["change_channel", "restart_interface", "write", "write_noise"]

_FREQUENCIES_MHZ = np.array([5180, 5220, 5260, 5500, 5745])
_OTHERS = (
    (Voice(program="dnsmasq-dhcp", pid=1502), "DHCPACK(br0) 192.0.2.{host} {mac}"),
    (
        Voice(program="kernel", level="warning", facility=0),
        "br0: topology change detected ({host})",
    ),
    (Voice(program="acsd", level="info"), "channel scan finished, score {host}, staying"),
    (Voice(program="watchdog", level="emergency"), "firmware check: no newer image ({host})"),
)


def write(journal: Journal, host: Host, here: Episodes, *, day: int, quiet: bool) -> None:
    """Rare lines of an access point on a day; with `quiet` only those no one would ask about."""
    if host.dialects[0].name == "hostapd_openwrt":
        _openwrt(journal, here, day=day, quiet=quiet)
    elif host.dialects[0].name == "hostapd_broadcom" and not quiet:
        at, mac = _some(journal.rng, here, per_day=0.3)
        fields = station_fields(mac, HostapdBroadcom.interfaces)
        head = "{interface}: STA {mac} "
        failed = head + "WPA: group key handshake failed (RSN) after 4 tries"
        journal.write(at, INFO, failed, **fields)
        journal.write(later(journal, at, 0.2), INFO, LOCAL_DEAUTH, **fields)


def write_noise(journal: Journal, here: Episodes, *, share: float, day: int) -> None:
    """Lines of other programs, about `share` of the host's lines."""
    rng = journal.rng
    # Each episode makes about six lines.
    count = rng.poisson(share * (6 * len(here.start) + 40))
    chosen = rng.choice(len(_OTHERS), count, p=[0.7, 0.1, 0.15, 0.05])
    at = day + (rng.random(count) * (DAY - 60 * SECOND)).astype(np.int64)
    macs = here.mac if len(here.mac) else np.zeros(1, dtype=np.uint64)
    mac = macs[rng.integers(0, len(macs), count)]
    number = rng.integers(2, 250, count)
    for index, (voice, text) in enumerate(_OTHERS):
        mine = chosen == index
        journal.write(at[mine], voice, text, mac=mac[mine], host=number[mine])


def restart_interface(journal: Journal, at: np.ndarray, interface: str) -> None:
    """The interface of an OpenWrt access point goes down and, three seconds later, up."""
    head = f"{interface}: "
    journal.write(at, NOTICE, head + "interface state ENABLED->DISABLED")
    journal.write(later(journal, at, 0.002), NOTICE, head + "AP-DISABLED")
    up = later(journal, at, 3.0, 0.5)
    journal.write(up, NOTICE, head + "interface state UNINITIALIZED->COUNTRY_UPDATE")
    journal.write(up + SECOND // 10, NOTICE, head + "interface state COUNTRY_UPDATE->HT_SCAN")
    journal.write(up + SECOND, NOTICE, head + "interface state HT_SCAN->ENABLED")
    journal.write(up + SECOND + 2000, NOTICE, head + "AP-ENABLED")


def change_channel(journal: Journal, at: np.ndarray) -> None:
    """An OpenWrt access point moves its 5 GHz radio to another channel."""
    frequency = _FREQUENCIES_MHZ[journal.rng.integers(0, len(_FREQUENCIES_MHZ), len(at))]
    fields = {"frequency": frequency, "centre": frequency + 30}
    switched = (
        "phy1-ap0: CTRL-EVENT-CHANNEL-SWITCH freq={frequency} ht_enabled=1 ch_offset=1"
        " ch_width=80 MHz cf1={centre} cf2=0"
    )
    journal.write(at, NOTICE, switched, **fields)
    finished = "phy1-ap0: AP-CSA-FINISHED freq={frequency} dfs=0"
    journal.write(later(journal, at, 0.01), NOTICE, finished, **fields)


def _openwrt(journal: Journal, here: Episodes, *, day: int, quiet: bool) -> None:
    fields_of = HostapdOpenwrt.interfaces
    at, mac = _some(journal.rng, here, per_day=4.0)
    mode = np.where(journal.rng.random(len(at)) < 0.5, "dynamic", "off")
    changed = "{interface}: STA-OPMODE-SMPS-MODE-CHANGED {mac} {mode}"
    journal.write(at, NOTICE, changed, mode=mode, **station_fields(mac, fields_of))
    at, mac = _some(journal.rng, here, per_day=3.0)
    alive = "{interface}: AP-STA-POLL-OK {mac}"
    journal.write(at, NOTICE, alive, **station_fields(mac, fields_of))
    if quiet:
        return
    at, mac = _some(journal.rng, here, per_day=0.3)
    mismatch = "{interface}: AP-STA-POSSIBLE-PSK-MISMATCH {mac}"
    for second in range(3):
        fields = station_fields(mac, fields_of)
        journal.write(later(journal, at, second + 0.05), NOTICE, mismatch, **fields)
    for per_day, voice, text in (
        (1.0, NOTICE, "did not acknowledge authentication response"),
        (0.6, INFO, "disconnected due to excessive missing ACKs"),
    ):
        at, mac = _some(journal.rng, here, per_day=per_day)
        line = "{interface}: STA {mac} IEEE 802.11: " + text
        journal.write(at, voice, line, **station_fields(mac, fields_of))
    restart_interface(journal, _moments(journal.rng, day, per_day=0.1), "phy0-ap0")
    change_channel(journal, _moments(journal.rng, day, per_day=0.3))


def _some(
    rng: np.random.Generator, here: Episodes, *, per_day: float
) -> tuple[np.ndarray, np.ndarray]:
    """Moments in random episodes, and the stations of them."""
    count = rng.poisson(per_day) if len(here.start) else 0
    episode = rng.integers(0, max(len(here.start), 1), count)
    length = here.end[episode] - here.start[episode]
    return here.start[episode] + (rng.random(count) * length).astype(np.int64), here.mac[episode]


def _moments(rng: np.random.Generator, day: int, *, per_day: float) -> np.ndarray:
    return day + (rng.random(rng.poisson(per_day)) * (DAY - 60 * SECOND)).astype(np.int64)
