"""What an incident is made of: a scene to write in, and a kind with its script for each dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.simulation.client import WpaSupplicant
from wifitrain.simulation.dialects import Dialect, HostapdBroadcom, HostapdOpenwrt, Wlceventd
from wifitrain.simulation.site import local_macs

if TYPE_CHECKING:
    from wifitrain.simulation.lines import Journal

__all__ = ["BROADCOM", "CLIENT", "DIALECTS", "EVENTD", "OPENWRT", "Kind", "Scene", "Script"]

BROADCOM, OPENWRT, EVENTD, CLIENT = (
    "hostapd_broadcom",
    "hostapd_openwrt",
    "wlceventd",
    "wpa_supplicant",
)
DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    BROADCOM: HostapdBroadcom,
    OPENWRT: HostapdOpenwrt,
    CLIENT: WpaSupplicant,
    EVENTD: Wlceventd,
}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Where and when an incident plays: `moments` (microseconds, rising) are its occurrences.

    `stations` are addresses that the log already knows: of clients at an access point, of access
    points at a client.
    """

    journal: Journal
    dialect: Dialect
    moments: np.ndarray
    stations: np.ndarray

    @property
    def rng(self) -> np.random.Generator:
        """The scene's only source of chance."""
        return self.journal.rng

    def cast(self) -> np.ndarray:
        """A known station for each moment."""
        return self.stations[self.rng.integers(0, len(self.stations), len(self.moments))]

    def one(self) -> np.ndarray:
        """The same known station at every moment."""
        return np.repeat(self.stations[self.rng.integers(0, len(self.stations))], len(self.moments))

    def strangers(self, count: int | None = None) -> np.ndarray:
        """A fresh randomised address for each moment, or `count` of them taking turns."""
        fresh = local_macs(self.rng, count or len(self.moments))
        return fresh[np.arange(len(self.moments)) % len(fresh)]


Script = Callable[[Scene], None]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of incident.

    `per_minute` occurrences at intensity 1; `scripts` write them in the dialects that can express
    the incident, `reasons` say why the others cannot.
    """

    name: str
    meaning: str
    per_minute: float
    scripts: Mapping[str, Script]
    reasons: Mapping[str, str] = field(default_factory=dict)
    silences: bool = False  # removes the background instead of adding lines
    clock_days_back: int = 0  # its lines are stamped that many days early
