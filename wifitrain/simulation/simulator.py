"""The simulator: a site, its days one after the other, and the incidents laid over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.errors import ConfigError
from wifitrain.simulation import checks
from wifitrain.simulation.background import day_lines
from wifitrain.simulation.client import WpaSupplicant
from wifitrain.simulation.dialects import Wlceventd
from wifitrain.simulation.incidents.scene import BROADCOM, CLIENT, DIALECTS, EVENTD
from wifitrain.simulation.lines import merge
from wifitrain.simulation.plan import play, read_plan
from wifitrain.simulation.site import DAY, HOUR, Habits, Host, Site

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from wifitrain.simulation.dialects import Dialect
    from wifitrain.simulation.incidents import IncidentLines

__all__ = ["Simulator"]

_SHARES = ("roaming_share", "randomised_share", "noise_share")


class Simulator:
    """Scripted hosts, stations and incidents, as log lines with labels.

    Parameters
    ----------
    days : length of the simulated time, > 0; parts of days are fine.
    access_points : hosts that log; they speak the dialects in turn.
    stations_per_access_point : stations at home at each access point.
    dialects : hostapd_broadcom, hostapd_openwrt, wpa_supplicant (a client), wlceventd. Broadcom
        hosts speak wlceventd too where it is listed.
    start : ISO text in UTC.
    seed : the same seed and options give the same lines, byte for byte.
    incidents : mappings with kind, access_point (number or name), start (ISO text) or hour (since
        the start), duration_s and intensity.
    quiet : leaves out everything rare and bad: no mismatch, refusal, lost link or restart.
    background : mapping with sessions_per_day, roaming_share, randomised_share, noise_share, eap.

    Raises
    ------
    ConfigError
        A value of the wrong type or out of range; names `simulation.<key>` and the value.
    """

    def __init__(
        self,
        *,
        days: float = 4,
        access_points: int = 3,
        stations_per_access_point: int = 20,
        dialects: Sequence[str] = tuple(DIALECTS),
        start: str = "2026-03-02T00:00:00",
        seed: int = 42,
        incidents: Sequence[Mapping[str, object]] = (),
        quiet: bool = False,
        background: Mapping[str, object] | None = None,
    ) -> None:
        length_days = checks.number("days", days, 0.01, 10000)
        count = checks.whole("access_points", access_points, 1, 10000)
        stations = checks.whole("stations_per_access_point", stations_per_access_point, 1, 2000)
        habits = _read_habits(background or {}, quiet=checks.flag("quiet", quiet))
        self.start = checks.moment("start", start)
        self.end = self.start + int(length_days * DAY)
        self.seed = checks.whole("seed", seed, 0, 2**31 - 1)
        self.hosts = _make_hosts(_read_dialects(dialects), count, eap=habits.eap)
        self._site = Site(self.hosts, habits, stations_each=stations, seed=self.seed)
        self._plan = read_plan(incidents, hosts=self.hosts, span=(self.start, self.end))
        self._played: list[list[IncidentLines]] | None = None

    def lines(self, *, batch_rows: int | None = None) -> Iterator[pa.Table]:
        """Log lines in order of arrival, in tables of `wifitrain.simulation.line_schema()`.

        One table for each simulated day, or pieces of at most `batch_rows`; the lines do not
        depend on it. Memory holds one day.
        """
        first = self.start - (self.start - 5 * HOUR) % DAY
        for day in range(first, self.end, DAY):
            table = self._day(day)
            size = batch_rows or max(table.num_rows, 1)
            for offset in range(0, table.num_rows, size):
                yield table.slice(offset, size)

    def labels(self) -> pd.DataFrame:
        """The incidents as intervals: start, end (UTC), access_point, kind, in order of start."""
        import pandas as pd

        rows = []
        for planned, played in zip(self._plan, self._grouped(), strict=True):
            end = min(max(one.end for one in played), np.datetime64(self.end, "us"))
            start = np.datetime64(planned.start, "us")
            rows.append((start, end, planned.host.name, planned.kind))
        labels = pd.DataFrame(rows, columns=["start", "end", "access_point", "kind"])
        times = {"start": "datetime64[us]", "end": "datetime64[us]"}
        order = ["start", "access_point", "kind"]
        return labels.astype(times).sort_values(order, ignore_index=True)

    def _day(self, day: int) -> pa.Table:
        episodes = self._site.episodes(day)
        tables = [day_lines(self._site, host, episodes, day) for host in self.hosts]
        table = _between(merge(tables), max(day, self.start), min(day + DAY, self.end))
        played = [one for group in self._grouped() for one in group]
        kept = np.ones(table.num_rows, dtype=bool)
        for number, one in enumerate(played):
            if one.removed_share:
                rng = np.random.default_rng([self.seed, 6, number, day // DAY])
                kept &= ~_swallowed(table, one, rng)
        parts = [_between(one.lines, day, min(day + DAY, self.end)) for one in played]
        return merge([table.filter(kept), *parts])

    def _grouped(self) -> list[list[IncidentLines]]:
        if self._played is None:
            self._played = [
                play(planned, self._site, number=number)
                for number, planned in enumerate(self._plan)
            ]
        return self._played


def _read_dialects(value: object) -> tuple[str, ...]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        names = tuple(value)
        if names and all(isinstance(name, str) and name in DIALECTS for name in names):
            return names
    raise ConfigError(f"simulation.dialects must be a list of {', '.join(DIALECTS)}, got {value!r}")


def _read_habits(value: object, *, quiet: bool) -> Habits:
    entry = checks.check_keys("background", value, ("sessions_per_day", "eap", *_SHARES))
    read: dict[str, float] = {
        name: checks.number(f"background.{name}", entry[name], 0, 1)
        for name in _SHARES
        if name in entry
    }
    if "sessions_per_day" in entry:
        key = "background.sessions_per_day"
        read["sessions_per_day"] = checks.number(key, entry["sessions_per_day"], 0, 60)
    return Habits(**read, eap=checks.flag("background.eap", entry.get("eap", False)), quiet=quiet)


def _make_hosts(dialects: tuple[str, ...], count: int, *, eap: bool) -> tuple[Host, ...]:
    families = [name for name in dialects if name != EVENTD] or [EVENTD]
    return tuple(
        Host(
            number=number,
            name=_name(families[(number - 1) % len(families)], number),
            dialects=_voices(families[(number - 1) % len(families)], dialects, eap=eap),
        )
        for number in range(1, count + 1)
    )


def _name(family: str, number: int) -> str:
    return f"{'client' if family == CLIENT else 'ap'}-{number:02d}"


def _voices(family: str, dialects: tuple[str, ...], *, eap: bool) -> tuple[Dialect, ...]:
    if family == CLIENT:
        return (WpaSupplicant(eap=eap),)
    spoken = (DIALECTS[family](),)
    return (*spoken, Wlceventd()) if family == BROADCOM and EVENTD in dialects else spoken


def _between(table: pa.Table, start: int, end: int) -> pa.Table:
    import pyarrow as pa

    arrived = table["arrived"].cast(pa.int64()).to_numpy()
    return table.filter((arrived >= start) & (arrived < end))


def _swallowed(table: pa.Table, one: IncidentLines, rng: np.random.Generator) -> np.ndarray:
    """Which lines an incident removes: those of its host inside it, each by its own chance."""
    arrived = table["arrived"].to_numpy()
    inside = (arrived >= one.start) & (arrived < one.end)
    chosen: np.ndarray = inside & (rng.random(table.num_rows) < one.removed_share)
    picked: np.ndarray = chosen & (table["host"].to_numpy() == one.host)
    return picked
