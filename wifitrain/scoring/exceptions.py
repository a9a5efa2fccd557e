"""Alerts that nobody wants to hear of: maintenance times and allowed alerts that expire.

A JSON file::

    {"maintenance": [{"start": "2026-04-02T12:00", "end": "2026-04-02T14:00",
                      "entity": "ap-0*", "why": "firmware"}],
     "allow": [{"entity": "ap-01", "station": "sta-3f9c*", "feature": "probe_*",
                "expires": "2026-12-31", "why": "the coffee machine"}]}

Times are UTC. A pattern that is left out matches everything, but an allowance needs at least one,
and always a day on which it ends: nothing is silenced for good.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError

if TYPE_CHECKING:
    from wifitrain.scoring.incidents import Window

__all__ = ["Allowance", "Exceptions", "Maintenance", "read_exceptions"]

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """Entities that match are left alone from `start` to before `end`."""

    start: datetime
    end: datetime
    entity: str = "*"
    why: str = ""

    def covers(self, window: Window) -> bool:
        """Whether any of the window lies in it."""
        overlaps = window.start < self.end and window.end > self.start
        return overlaps and fnmatchcase(window.entity, self.entity)


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Alerts with this entity, this main station and this leading feature, until `expires`."""

    expires: datetime
    entity: str = "*"
    station: str = "*"
    feature: str = "*"
    why: str = ""

    def covers(self, window: Window) -> bool:
        """Whether the window's alert is one of those; its own time counts, not today's."""
        leading = window.features[0] if window.features else ""
        return (
            window.start < self.expires
            and fnmatchcase(window.entity, self.entity)
            and fnmatchcase(window.station or "", self.station)
            and fnmatchcase(leading, self.feature)
        )


@dataclass(frozen=True, kw_only=True)
class Exceptions:
    """Everything of one file."""

    maintenance: Sequence[Maintenance] = ()
    allow: Sequence[Allowance] = ()

    def why(self, window: Window) -> str | None:
        """What keeps an alert of this window from being told, or None."""
        if any(one.covers(window) for one in self.maintenance):
            return "maintenance"
        return "allowed" if any(one.covers(window) for one in self.allow) else None

    def expired(self, now: datetime) -> Sequence[str]:
        """Allowances that are over at `now`, as they may be shown."""
        return [
            f"{one.entity} {one.station} {one.feature} ({one.why or 'no reason given'})"
            for one in self.allow
            if one.expires <= now
        ]


def read_exceptions(path: str | None) -> Exceptions:
    """The exceptions of a file; none where there is none.

    Raises
    ------
    ConfigError : not such a file; names the first entry that is wrong.
    """
    if path is None:
        return Exceptions()
    try:
        content = Path(path).read_bytes()[: _MOST_BYTES + 1]
        found = json.loads(content) if len(content) <= _MOST_BYTES else None
    except OSError as error:
        raise ConfigError(f"alerts.exceptions: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"alerts.exceptions: {path}: not JSON: {error}") from error
    if not isinstance(found, dict) or not set(found) <= {"maintenance", "allow"}:
        raise ConfigError(f"alerts.exceptions: {path}: must be an object of maintenance and allow")
    return Exceptions(
        maintenance=[
            _maintenance(entry, f"{path}: maintenance[{number}]")
            for number, entry in enumerate(_list(found, "maintenance", path))
        ],
        allow=[
            _allowance(entry, f"{path}: allow[{number}]")
            for number, entry in enumerate(_list(found, "allow", path))
        ],
    )


def _list(found: Mapping[str, Any], key: str, path: str) -> list[Any]:
    value = found.get(key, [])
    if not isinstance(value, list):
        raise ConfigError(f"alerts.exceptions: {path}: {key} must be a list")
    return value


def _maintenance(entry: object, place: str) -> Maintenance:
    texts = _texts(entry, place, needed=("start", "end"), known=("entity", "why"))
    start, end = (_time(texts.pop(key), f"{place}.{key}") for key in ("start", "end"))
    if start >= end:
        raise ConfigError(f"alerts.exceptions: {place}: ends before it starts")
    return Maintenance(start=start, end=end, **texts)


def _allowance(entry: object, place: str) -> Allowance:
    texts = _texts(entry, place, needed=("expires",), known=("entity", "station", "feature", "why"))
    if not {"entity", "station", "feature"} & set(texts):
        raise ConfigError(f"alerts.exceptions: {place}: needs entity, station or feature")
    return Allowance(expires=_time(texts.pop("expires"), f"{place}.expires"), **texts)


def _texts(
    entry: object, place: str, *, needed: Sequence[str], known: Sequence[str]
) -> dict[str, str]:
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise ConfigError(f"alerts.exceptions: {place}: must be an object of texts")
    if missing := [key for key in needed if key not in entry]:
        raise ConfigError(f"alerts.exceptions: {place}: {missing[0]} is missing")
    if unknown := sorted(set(entry) - {*needed, *known}):
        raise ConfigError(f"alerts.exceptions: {place}: {unknown[0]!r} is unknown")
    return dict(entry)


def _time(text: str, place: str) -> datetime:
    """Naive UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"alerts.exceptions: {place}: must be ISO text such as 2026-04-02T12:00, got {text!r}"
        ) from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
