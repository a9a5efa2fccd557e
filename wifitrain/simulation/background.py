"""An ordinary day of one host as log lines: stations come and go and renew their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from wifitrain.simulation import rarities
from wifitrain.simulation.client import NOTICE, WARNING, WpaSupplicant
from wifitrain.simulation.lines import SECOND, Journal
from wifitrain.simulation.site import DAY, EXPIRES, HOUR, LEAVES, Episodes, Host, Site

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["day_lines"]


def day_lines(site: Site, host: Host, episodes: Episodes, day: int) -> pa.Table:
    """All lines of `host` in the 24 hours from `day`, in order of arrival.

    `episodes` are the site's of that day; the same arguments give the same lines.
    """
    rng = np.random.default_rng([site.seed, 4, host.number, day // DAY])
    journal = Journal(host.name, rng, whole_seconds=host.dialects[0].whole_seconds)
    here = episodes.at(host)
    for dialect in host.dialects:
        dialect.join(journal, here.start[here.opens], here.mac[here.opens])
        for closing, say in ((LEAVES, dialect.leave), (EXPIRES, dialect.expire)):
            ended = here.closing == closing
            say(journal, here.end[ended], here.mac[ended])
        dialect.rekey(journal, *_rekeyed(journal, here, host))
    if host.is_client:
        _client_radio(journal, here, site)
    else:
        rarities.write(journal, host, here, day=day, quiet=site.habits.quiet)
    rarities.write_noise(journal, here, share=site.habits.noise_share, day=day)
    return journal.table()


def _rekeyed(journal: Journal, here: Episodes, host: Host) -> tuple[np.ndarray, np.ndarray]:
    """When which station renews the group key: once an hour, all of them in one burst."""
    # Each device counts its hours from its own start.
    phase = (host.number * 1117 % 3600) * SECOND
    before = (here.start - phase) // HOUR
    count = (here.end - phase) // HOUR - before
    episode = np.repeat(np.arange(len(count)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    hour = before[episode] + 1 + np.arange(len(episode)) - first
    spread = (journal.rng.random(len(episode)) ** 3 * 1.2 * SECOND).astype(np.int64)
    return phase + hour * HOUR + spread, here.mac[episode]


def _client_radio(journal: Journal, here: Episodes, site: Site) -> None:
    """What a client's radio reports while it is connected, and its scans when it is not."""
    dialect, rng = WpaSupplicant(eap=site.habits.eap), journal.rng
    moments, _ = _within(rng, here, per_hour=6.0)
    drift = 6 * np.sin(moments / (2.3 * HOUR))
    dbm = (-58 + drift + 4 * rng.standard_normal(len(moments))).astype(np.int64)
    dialect.signal(journal, moments, np.clip(dbm, -80, -35))
    moments, episode = _within(rng, here, per_hour=0.12)
    target = site.bssids[rng.integers(0, len(site.bssids), len(moments))]
    moved = target != here.mac[episode]
    dialect.roam(journal, moments[moved], here.mac[episode][moved], target=target[moved])
    clear = "wlan0: CTRL-EVENT-DSCP-POLICY clear_all"
    opened = here.start[rng.random(len(here.start)) < 0.3]
    journal.write(opened - SECOND // 2, NOTICE, clear)
    regulatory = "wlan0: CTRL-EVENT-REGDOM-CHANGE init=COUNTRY_IE type=COUNTRY alpha2=DE"
    journal.write(opened + SECOND // 5, NOTICE, regulatory)
    if not site.habits.quiet:
        moments, _ = _within(rng, here, per_hour=0.15)
        journal.write(moments, NOTICE, "wlan0: CTRL-EVENT-BEACON-LOSS")
        busy = here.end[rng.random(len(here.end)) < 0.15] + SECOND // 10
        pending = "wlan0: Reject scan trigger since one is already pending"
        journal.write(busy, NOTICE, pending)
        journal.write(busy + 10, WARNING, "wlan0: Failed to initiate AP scan")


def _within(
    rng: np.random.Generator, here: Episodes, *, per_hour: float
) -> tuple[np.ndarray, np.ndarray]:
    """Random moments inside the episodes, and the episode of each."""
    length = here.end - here.start
    episode = np.repeat(np.arange(len(length)), rng.poisson(per_hour * length / HOUR))
    return here.start[episode] + (rng.random(len(episode)) * length[episode]).astype(
        np.int64
    ), episode
