"""Which incident happens where and when: the configured list, checked against the hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.errors import ConfigError
from wifitrain.simulation import checks
from wifitrain.simulation.incidents import KINDS, IncidentLines, expressible, incident_lines
from wifitrain.simulation.lines import SECOND, mac_texts
from wifitrain.simulation.site import DAY, HOUR

if TYPE_CHECKING:
    from wifitrain.simulation.site import Host, Site

__all__ = ["PlannedIncident", "play", "read_plan"]

_KEYS = ("kind", "access_point", "start", "hour", "duration_s", "intensity")


@dataclass(frozen=True, kw_only=True)
class PlannedIncident:
    """One incident of the plan; `start` in microseconds since 1970."""

    kind: str
    host: Host
    start: int
    duration_s: float
    intensity: float


def read_plan(
    value: object, *, hosts: Sequence[Host], span: tuple[int, int]
) -> tuple[PlannedIncident, ...]:
    """The list `simulation.incidents`, every entry checked; raises ConfigError naming the entry.

    `span` is the simulated time, start and end in microseconds.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise ConfigError(f"simulation.incidents must be a list, got {value!r}")
    return tuple(_read(f"incidents[{n}]", one, hosts, span) for n, one in enumerate(value))


def play(planned: PlannedIncident, site: Site, *, number: int) -> list[IncidentLines]:
    """The incident in every dialect of its host that can express it.

    All of them start from the same chance: they tell of the same stations at the same moments.
    """
    host = planned.host
    day = planned.start - (planned.start - 5 * HOUR) % DAY
    known = site.bssids if host.is_client else site.addresses(day)[site.home == host.number - 1]
    return [
        incident_lines(
            planned.kind,
            dialect=dialect.name,
            start=str(np.datetime64(planned.start, "us")),
            duration_s=planned.duration_s,
            intensity=planned.intensity,
            stations=mac_texts(known),
            rng=np.random.default_rng([site.seed, 5, number]),
            host=host.name,
        )
        for dialect in host.dialects
        if expressible(planned.kind, dialect.name) is None
    ]


def _read(key: str, value: object, hosts: Sequence[Host], span: tuple[int, int]) -> PlannedIncident:
    entry = checks.check_keys(key, value, _KEYS)
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(f"simulation.{key}.kind must be one of {', '.join(KINDS)}, got {kind!r}")
    host = _host(key, entry.get("access_point", 1), hosts)
    reasons = [expressible(kind, dialect.name) for dialect in host.dialects]
    if None not in reasons:
        raise ConfigError(
            f"simulation.{key}.kind: {kind} is not expressible in"
            f" {host.dialects[0].name}: {reasons[0]}"
        )
    duration_s = checks.number(f"{key}.duration_s", entry.get("duration_s", 600), 1, 30 * 86400)
    start = _start(key, entry, span[0])
    if not span[0] <= start <= start + duration_s * SECOND <= span[1]:
        raise ConfigError(
            f"simulation.{key} must lie inside the simulated time,"
            f" got a start of {np.datetime64(start, 'us')} for {duration_s:g} s"
        )
    intensity = checks.number(f"{key}.intensity", entry.get("intensity", 1.0), 0.001, 1000)
    return PlannedIncident(
        kind=kind, host=host, start=start, duration_s=duration_s, intensity=intensity
    )


def _host(key: str, value: object, hosts: Sequence[Host]) -> Host:
    for host in hosts:
        if value == host.name or (value == host.number and not isinstance(value, bool)):
            return host
    raise ConfigError(
        f"simulation.{key}.access_point must be a number from 1 to {len(hosts)} or a name"
        f" such as {hosts[0].name!r}, got {value!r}"
    )


def _start(key: str, entry: Mapping[str, object], begin: int) -> int:
    if ("start" in entry) == ("hour" in entry):
        raise ConfigError(f"simulation.{key} must have one of start and hour, got {dict(entry)!r}")
    if "start" in entry:
        return checks.moment(f"{key}.start", entry["start"])
    hour = checks.number(f"{key}.hour", entry["hour"], 0, 24 * 10000)
    return begin + int(hour * HOUR)
