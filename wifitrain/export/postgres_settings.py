"""Checks of `source` and `output` where they are a database, naming key and value."""

from __future__ import annotations

import os
import re
from datetime import date, datetime, timedelta
from urllib.parse import SplitResult, parse_qs, urlsplit

from wifitrain.errors import ConfigError

__all__ = ["check_password", "check_url", "label_column", "time_bounds"]

_SCHEMES = ("postgresql", "postgres")
_HOST = re.compile(r"^(\[[^\[\]]*\]|[^\[\]:]*)(:[0-9]{0,5})?$")
_COLUMN = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")


def check_url(url: object, *, group: str = "source") -> str:
    """A URL of PostgreSQL that carries no password; a refused one is not repeated."""
    if not isinstance(url, str) or not url:
        raise ConfigError(f"{group}.url must be postgresql://user@host:port/database, got nothing")
    parts = _split(url, group)
    if parts.scheme not in _SCHEMES:
        raise ConfigError(
            f"{group}.url must begin with postgresql://, got {parts.scheme or 'no scheme'!r}"
        )
    if _may_carry_password(url, parts):
        raise ConfigError(
            f"{group}.url must not carry a password (nor # or a second @), which would be written"
            " down with the configuration: use PGPASSFILE, PGPASSWORD or"
            f" {group}.password_variable"
        )
    hosts = parts.netloc.rpartition("@")[2].split(",")  # libpq tries several one after the other
    if not all(_HOST.match(host) for host in hosts):
        raise ConfigError(f"{group}.url is no URL: a host or its port cannot be read")
    return url


def _split(url: str, group: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        pass  # its text may repeat the password, and so would a traceback that mentions it
    raise ConfigError(f"{group}.url is no URL: a bracket or another character must be encoded")


def _may_carry_password(url: str, parts: SplitResult) -> bool:
    """Also one with / ? or # that was not encoded: it ends up in the path, the query or after."""
    names = parse_qs(parts.query, keep_blank_values=True)
    return (
        parts.password is not None
        or "#" in url
        or "@" in parts.path + parts.query
        or any("password" in name.lower() for name in names)
    )


def check_password(variable: object, *, group: str = "source") -> str | None:
    """The value of the variable; None where libpq is to find the password itself."""
    if variable is None:
        return None
    if not isinstance(variable, str) or not variable:
        raise ConfigError(
            f"{group}.password_variable must be the name of a variable, got {variable!r}"
        )
    if variable not in os.environ:
        raise ConfigError(f"{group}.password_variable: the variable {variable} is not set")
    return os.environ[variable]


def time_bounds(start: object, end: object) -> tuple[datetime | None, datetime | None]:
    """Inclusive bounds as the table stamps rows; the last day counts as a whole."""
    first = _moment("source.start_date", start)
    last = _moment("source.end_date", end)
    if last is not None and isinstance(end, str) and _is_date(end):
        last += timedelta(days=1) - timedelta(microseconds=1)
    if first is not None and last is not None and first > last:
        raise ConfigError(f"source.start_date must not be after source.end_date, got {start!r}")
    return first, last


def _moment(key: str, value: object) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise ConfigError(
            f"{key} must be 2026-03-01 or 2026-03-01T12:00:00 without a zone, got {value!r}"
        )
    return moment


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def label_column(field: str | None) -> str | None:
    """The column of labels, a plain name."""
    if field is not None and not _COLUMN.match(field):
        raise ConfigError(f"source.labels must be a column or a CSV file, got {field!r}")
    return field
