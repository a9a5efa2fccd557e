"""Checks of the `source` and `database` configuration, each message naming key and value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from wifitrain.errors import ConfigError

__all__ = [
    "WIFI_PROGRAMS",
    "DatabaseSettings",
    "check_choice",
    "check_count",
    "check_limit",
    "check_names",
    "check_paths",
    "check_ratio",
    "check_table",
    "check_year",
    "check_zone",
    "labels_field",
]

WIFI_PROGRAMS = ("hostapd", "wpa_supplicant", "wlceventd")
_TABLE = re.compile(r"^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$", re.ASCII)


class DatabaseSettings:
    """The `database` group: files obey `wifi_programs` and `max_records`, a database all of it.

    Parameters
    ----------
    table_name, batch_size : table (perhaps schema.table) and rows a fetch of source=postgres.
    wifi_programs : programs whose lines are WiFi lines.
    max_records : most rows to train on, the latest ones; None takes all.
    """

    def __init__(
        self,
        *,
        table_name: str = "log_entries",
        wifi_programs: Sequence[str] = WIFI_PROGRAMS,
        batch_size: int = 1000,
        max_records: int | None = None,
    ) -> None:
        self.table_name = check_table("database.table_name", table_name)
        self.batch_size = check_count("database.batch_size", batch_size)
        self.wifi_programs = check_names("database.wifi_programs", wifi_programs)
        self.max_records = check_limit("database.max_records", max_records)


def check_table(key: str, value: object) -> str:
    """The name of a table, perhaps behind that of its schema."""
    if not isinstance(value, str) or not _TABLE.match(value):
        raise ConfigError(f"{key} must be a table such as log_entries, got {value!r}")
    return value


def check_names(key: str, value: object) -> tuple[str, ...]:
    """At least one non-empty name, in lower case."""
    names = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else []
    if not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise ConfigError(f"{key} must be a list of names, got {value!r}")
    return tuple(name.strip().lower() for name in names)


def check_limit(key: str, value: object) -> int | None:
    """None, or a whole number of at least 1."""
    return None if value is None else check_count(key, value, also="null or ")


def check_count(key: str, value: object, *, also: str = "") -> int:
    """A whole number of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigError(f"{key} must be {also}a whole number of at least 1, got {value!r}")
    return value


def check_choice(key: str, value: object, choices: Sequence[str]) -> str:
    """One of `choices`."""
    if not isinstance(value, str) or value not in choices:
        raise ConfigError(f"{key} must be one of {', '.join(choices)}, got {value!r}")
    return value


def check_zone(key: str, value: object) -> str:
    """The name of a time zone that this machine knows."""
    try:
        return ZoneInfo(value).key if isinstance(value, str) and value else _no_zone(key, value)
    except (OSError, ValueError, LookupError):
        return _no_zone(key, value)


def check_paths(path: object) -> tuple[str, ...]:
    """One path or several, none of them empty."""
    if path is None:
        raise ConfigError("source.path must name an export: a file, a folder or a glob, got null")
    paths = [path] if isinstance(path, str) else path
    if (
        not isinstance(paths, Sequence)
        or not paths
        or not all(isinstance(one, str) and one.strip() and one != "-" for one in paths)
    ):
        raise ConfigError(f"source.path must be a file, a folder, a glob or a list, got {path!r}")
    return tuple(paths)


def check_ratio(value: object) -> float:
    """A share from 0 to 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"source.max_invalid_ratio must be in [0, 1], got {value!r}")
    return float(value)


def check_year(value: object) -> int | None:
    """None, or a year in which there was WiFi."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1990 <= value <= 2100:
        raise ConfigError(f"source.year must be null or from 1990 to 2100, got {value!r}")
    return value


def labels_field(value: object) -> str | None:
    """The field on the rows, or None where `source.labels` names none or a CSV of intervals."""
    if value is None or (isinstance(value, str) and value.strip()):
        return None if value is None or value.endswith(".csv") else value
    raise ConfigError(
        f"source.labels must be null, a field on the rows or a CSV file, got {value!r}"
    )


def _no_zone(key: str, value: object) -> str:
    raise ConfigError(f"{key} must be a zone such as UTC or Europe/Berlin, got {value!r}")
