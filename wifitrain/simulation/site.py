"""Who lives at the simulated site and when: stations, habits and episodes of presence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.simulation.lines import SECOND

if TYPE_CHECKING:
    from wifitrain.simulation.dialects import Dialect

__all__ = [
    "DAY",
    "EXPIRES",
    "HOUR",
    "LEAVES",
    "STAYS",
    "Episodes",
    "Habits",
    "Host",
    "Site",
    "local_macs",
]

HOUR = 3600 * SECOND
DAY = 24 * HOUR

#: How an episode ends: it goes on past the day, the station leaves, or it is tidied away.
STAYS, LEAVES, EXPIRES = 0, 1, 2
_RESIDENT, _PHONE, _LAPTOP = 0, 1, 2

#: Weights of the 24 hours from 5 in the morning, for each role on a workday.
_HOURS = np.array(
    [
        [1] * 24,
        [2, 5, 8, 6, 3, 2, 2, 3, 3, 2, 3, 4, 6, 8, 9, 9, 8, 7, 5, 2, 1, 0.4, 0.2, 0.4],
        [0.2, 0.5, 2, 6, 9, 9, 8, 5, 8, 9, 8, 6, 3, 2, 2, 3, 3, 2, 1, 0.3, 0, 0, 0, 0],
    ]
)
_WEEKEND_SESSIONS = np.array([1.0, 1.3, 0.35])
_MEDIAN_S = np.array([0.0, 900.0, 2700.0])
_SPREAD = np.array([0.0, 1.4, 1.1])


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How lively the background is.

    `sessions_per_day` of a phone or laptop, the shares of phones' episodes that roam and of
    phones with a new address each day, the share of lines by other programs, and whether clients
    use EAP; `quiet` leaves out everything rare and bad.
    """

    sessions_per_day: float = 7.0
    roaming_share: float = 0.12
    randomised_share: float = 0.5
    noise_share: float = 0.02
    eap: bool = False
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class Host:
    """A device that logs: an access point, or a client where it speaks wpa_supplicant."""

    number: int  # from 1
    name: str
    dialects: tuple[Dialect, ...]

    @property
    def is_client(self) -> bool:
        """Speaks wpa_supplicant: it has access points around it, not stations."""
        return self.dialects[0].name == "wpa_supplicant"


@dataclass(frozen=True, kw_only=True)
class Episodes:
    """Presence of stations at hosts; arrays of shape (n_episodes,)."""

    host: np.ndarray  # number of the host - 1
    mac: np.ndarray
    start: np.ndarray
    end: np.ndarray
    opens: np.ndarray  # False where the station was there before the day began
    closing: np.ndarray  # STAYS, LEAVES or EXPIRES

    def at(self, host: Host) -> Episodes:
        """The episodes at one host."""
        return self.where(self.host == host.number - 1)

    def where(self, mask: np.ndarray) -> Episodes:
        """The episodes that `mask` picks."""
        return Episodes(**{name: column[mask] for name, column in vars(self).items()})


class Site:
    """All stations of a simulation, each with a home, a role and an address.

    A day of a site runs from 5 in the morning: then few are awake, and a day stands for itself.
    """

    def __init__(
        self, hosts: tuple[Host, ...], habits: Habits, *, stations_each: int, seed: int
    ) -> None:
        rng = np.random.default_rng([seed, 1])
        self.hosts, self.habits, self.seed = hosts, habits, seed
        counts = [1 if host.is_client else stations_each for host in hosts]
        self.home = np.repeat(np.arange(len(hosts)), counts)
        self._client = np.repeat([host.is_client for host in hosts], counts)
        drawn = rng.choice(3, len(self.home), p=[0.3, 0.45, 0.25])
        self._role = np.where(self._client, _LAPTOP, drawn)
        self._liveliness = np.exp(0.6 * rng.standard_normal(len(self.home)))
        self._mac = vendor_macs(rng, len(self.home))
        self._randomises = (self._role == _PHONE) & (
            rng.random(len(self.home)) < habits.randomised_share
        )
        self.bssids = vendor_macs(rng, 3)
        self._neighbour = _neighbours(hosts)

    def addresses(self, day: int) -> np.ndarray:
        """Address of each station on a day (microseconds at its start), shape (n_stations,)."""
        rng = np.random.default_rng([self.seed, 2, day // DAY])
        return np.where(self._randomises, local_macs(rng, len(self._mac)), self._mac)

    def episodes(self, day: int) -> Episodes:
        """Every episode of the 24 hours from `day` (microseconds, 5 in the morning)."""
        rng = np.random.default_rng([self.seed, 3, day // DAY])
        station, start = self._starts(rng, day)
        role = self._role[station]
        opens = start > day
        last = np.append(station[1:] != station[:-1], True)
        until = np.where(last, day + DAY - 60 * SECOND, np.append(start[1:], 0))
        until = until - ((2 + 20 * rng.random(len(start)) ** 3) * SECOND).astype(np.int64)
        length_s = _MEDIAN_S[role] * np.exp(_SPREAD[role] * rng.standard_normal(len(start)))
        length = np.clip(length_s, 8, None) * SECOND
        end = np.where(role == _RESIDENT, until, np.minimum(until, start + length.astype(np.int64)))
        closing = np.where(rng.random(len(start)) < 0.4, EXPIRES, LEAVES)
        closing = np.where((role == _RESIDENT) & last, STAYS, closing)
        mac = self.addresses(day)[station]
        roaming_bssid = self.bssids[rng.integers(0, len(self.bssids), len(start))]
        episodes = Episodes(
            host=self.home[station],
            mac=np.where(self._client[station], roaming_bssid, mac),
            start=start,
            end=end,
            opens=opens,
            closing=closing,
        )
        roams = (role == _PHONE) & (rng.random(len(start)) < self.habits.roaming_share)
        kept = end - start >= 3 * SECOND
        return self._roamed(episodes.where(kept), roams[kept], rng)

    def _starts(self, rng: np.random.Generator, day: int) -> tuple[np.ndarray, np.ndarray]:
        rate = np.where(self._role == _RESIDENT, 0.8, self.habits.sessions_per_day)
        # Days are counted from a Thursday, 1970-01-01.
        if (day // DAY + 4) % 7 in (0, 6):
            rate = rate * _WEEKEND_SESSIONS[self._role]
        counts = rng.poisson(np.minimum(rate * self._liveliness, 60))
        station = np.repeat(np.arange(len(counts)), counts)
        weights = np.cumsum(_HOURS, axis=1) / _HOURS.sum(axis=1, keepdims=True)
        chance = rng.random(len(station))
        hour = (chance[:, None] > weights[self._role[station]]).sum(axis=1)
        start = day + hour * HOUR + rng.integers(1, HOUR, len(station))
        residents = np.flatnonzero(self._role == _RESIDENT)
        station = np.concatenate([station, residents])
        start = np.concatenate([start, np.full(len(residents), day)])
        order = np.lexsort((start, station))
        return station[order], start[order]

    def _roamed(self, episodes: Episodes, roams: np.ndarray, rng: np.random.Generator) -> Episodes:
        """Cut the roaming episodes in two: the second half is at the neighbour."""
        elsewhere = self._neighbour[episodes.host]
        roams = (
            roams & (elsewhere != episodes.host) & (episodes.end - episodes.start > 240 * SECOND)
        )
        share = 0.2 + 0.6 * rng.random(len(roams))
        middle = episodes.start + ((episodes.end - episodes.start) * share).astype(np.int64)
        first = vars(episodes) | {
            "end": np.where(roams, middle, episodes.end),
            "closing": np.where(roams, LEAVES, episodes.closing),
        }
        second = vars(episodes) | {
            "host": elsewhere,
            "start": middle + SECOND // 2,
            "opens": np.ones(len(roams), dtype=bool),
        }
        moved = Episodes(**second).where(roams)
        return Episodes(
            **{name: np.concatenate([first[name], getattr(moved, name)]) for name in first}
        )


def vendor_macs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Addresses as manufacturers give them: unicast, universally administered."""
    drawn = rng.integers(0, 2**48, count, dtype=np.uint64)
    return drawn & ~np.uint64(0x03 << 40)


def local_macs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Addresses as phones draw them: unicast, locally administered."""
    return vendor_macs(rng, count) | np.uint64(0x02 << 40)


def _neighbours(hosts: tuple[Host, ...]) -> np.ndarray:
    """For each host the access point that a station moves on to; itself where there is none."""
    ring = [index for index, host in enumerate(hosts) if not host.is_client]
    following = dict(zip(ring, ring[1:] + ring[:1], strict=True))
    return np.array([following.get(index, index) for index in range(len(hosts))])
