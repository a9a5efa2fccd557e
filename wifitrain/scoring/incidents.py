"""Alerts of windows put together into incidents, window after window.

What is told follows from the windows of an entity in their order alone, never from how many came
at once: a log that is followed tells what the same log read as a whole does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from wifitrain.records import Json
    from wifitrain.scoring.exceptions import Exceptions
    from wifitrain.scoring.settings import AlertSettings

__all__ = ["Aggregator", "Incident", "Notice", "Window"]

_ID_CHARACTERS = 16
_SEEN = tuple[datetime, datetime, bool, float]  # start, end, alerts, score


@dataclass(frozen=True, kw_only=True)
class Window:
    """A scored window. Times are UTC; `features` led to an alert, the strongest first.

    `station` is the address that most of its lines name, or None.
    """

    entity: str
    start: datetime
    end: datetime
    score: float
    alerts: bool
    features: tuple[str, ...] = ()
    station: str | None = None


@dataclass(frozen=True, kw_only=True)
class Incident:
    """Alerts that belong together; `start` and `end` are those of the first and last of them."""

    entity: str
    start: datetime
    end: datetime
    alerts: int
    peak_score: float
    peak_start: datetime

    @property
    def id(self) -> str:
        """The same for the same incident, whoever computes it and when."""
        text = f"{self.entity}\0{self.start.isoformat()}"
        return hashlib.sha256(text.encode()).hexdigest()[:_ID_CHARACTERS]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """That an incident was opened or is over; `window` is the one that said so."""

    kind: Literal["opened", "closed"]
    incident: Incident
    window: Window | None  # None: the log ended


@dataclass(frozen=True)
class _Entity:
    """What an entity is in the middle of."""

    recent: tuple[_SEEN, ...] = ()
    incident: Incident | None = None
    quiet_until: datetime | None = None  # end of the cooldown


class Aggregator:
    """Takes the windows of each entity in the order of time and tells of incidents."""

    def __init__(self, settings: AlertSettings, exceptions: Exceptions) -> None:
        self._settings = settings
        self._exceptions = exceptions
        self._entities: dict[str, _Entity] = {}
        self.suppressed: dict[str, int] = {}  # why -> alerts that were not told

    def take(self, window: Window) -> Iterator[Notice]:
        """What this window opens or closes."""
        known = self._entities.get(window.entity, _Entity())
        alerts = window.alerts and not self._is_excepted(window)
        incident = known.incident
        if incident is not None:
            if alerts and self._is_near(incident, window):
                grown = _with(incident, window)
                self._entities[window.entity] = replace(known, incident=grown)
                return
            if not self._is_over(incident, window):
                return
            known = _Entity(quiet_until=incident.end + timedelta(seconds=self._settings.cooldown_s))
            yield Notice(kind="closed", incident=incident, window=window)
        if alerts and known.quiet_until is not None and window.start < known.quiet_until:
            alerts = False
            self._count("cooldown")
        known = self._remembering(known, window, alerts=alerts)
        opened = self._opened(known, window) if alerts else None
        if opened is not None:
            known = _Entity(incident=opened)
            yield Notice(kind="opened", incident=opened, window=window)
        self._entities[window.entity] = known

    def since(self, window: Window) -> datetime:
        """Start of the earliest alert that can be in one incident with an alert in `window`."""
        incident = self._entities.get(window.entity, _Entity()).incident
        if incident is None:
            return window.end - self._settings.persistence_of * _length(window)
        return incident.start if self._is_near(incident, window) else window.start

    def holds(self, window: Window) -> bool:
        """Whether the alert of `window`, the last one taken, counts: told of, or towards it."""
        known = self._entities.get(window.entity, _Entity())
        if known.incident is not None:
            return known.incident.end == window.end
        return any(alerts and start == window.start for start, _, alerts, _ in known.recent)

    def finish(self) -> Iterator[Notice]:
        """The log ends: incidents that are open end with it."""
        for name, known in sorted(self._entities.items()):
            if known.incident is not None:
                yield Notice(kind="closed", incident=known.incident, window=None)
            self._entities[name] = _Entity()

    def to_json(self) -> Mapping[str, Json]:
        """All that `restore` needs to go on from here."""
        return {
            "entities": {name: _plain(asdict(known)) for name, known in self._entities.items()},
            "suppressed": dict(self.suppressed),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `to_json` was called."""
        self._entities = {name: _entity(known) for name, known in state["entities"].items()}
        self.suppressed = dict(state["suppressed"])

    def _is_excepted(self, window: Window) -> bool:
        why = self._exceptions.why(window)
        if why is not None:
            self._count(why)
        return why is not None

    def _count(self, why: str) -> None:
        self.suppressed[why] = self.suppressed.get(why, 0) + 1

    def _is_near(self, incident: Incident, window: Window) -> bool:
        return window.start - incident.end <= self._settings.gap_windows * _length(window)

    def _is_over(self, incident: Incident, window: Window) -> bool:
        """Whether an alert in the next window could no longer belong to it."""
        return not window.end - incident.end <= self._settings.gap_windows * _length(window)

    def _remembering(self, known: _Entity, window: Window, *, alerts: bool) -> _Entity:
        seen = (window.start, window.end, alerts, window.score)
        oldest = window.end - self._settings.persistence_of * _length(window)
        recent = tuple(one for one in (*known.recent, seen) if one[0] >= oldest)
        return replace(known, recent=recent)

    def _opened(self, known: _Entity, window: Window) -> Incident | None:
        alerting = [seen for seen in known.recent if seen[2]]
        if len(alerting) < self._settings.persistence:
            return None
        peak = max(alerting, key=lambda seen: seen[3])
        return Incident(
            entity=window.entity,
            start=alerting[0][0],
            end=window.end,
            alerts=len(alerting),
            peak_score=peak[3],
            peak_start=peak[0],
        )


def _with(incident: Incident, window: Window) -> Incident:
    is_peak = window.score > incident.peak_score
    return replace(
        incident,
        end=window.end,
        alerts=incident.alerts + 1,
        peak_score=window.score if is_peak else incident.peak_score,
        peak_start=window.start if is_peak else incident.peak_start,
    )


def _length(window: Window) -> timedelta:
    return window.end - window.start


def _plain(value: object) -> Json:
    """`value` with its times as ISO text."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value  # type: ignore[return-value]  # numbers, text, None


def _entity(known: Mapping[str, Any]) -> _Entity:
    incident, until = known["incident"], known["quiet_until"]
    return _Entity(
        recent=tuple(
            (datetime.fromisoformat(start), datetime.fromisoformat(end), alerts, score)
            for start, end, alerts, score in known["recent"]
        ),
        incident=None
        if incident is None
        else Incident(
            **{
                **incident,
                **{key: datetime.fromisoformat(incident[key]) for key in _TIMES},
            }
        ),
        quiet_until=None if until is None else datetime.fromisoformat(until),
    )


_TIMES = ("start", "end", "peak_start")
