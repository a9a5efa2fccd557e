"""The schema of the `storage` group: every value is checked before anything is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError

if TYPE_CHECKING:
    from wifitrain.storage.retention import Retention

__all__ = ["check_settings"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)
#: Rising moments at which formats that do not sort by time betray themselves.
_MOMENTS = [
    datetime(*parts, tzinfo=UTC)
    for parts in (
        (2025, 9, 30, 9, 59, 59),
        (2025, 10, 1, 0, 0, 0),
        (2025, 10, 1, 9, 0, 0),
        (2025, 10, 1, 10, 0, 0),
        (2025, 10, 1, 12, 59, 9),
        (2025, 10, 1, 13, 0, 10),
        (2025, 10, 10, 1, 1, 1),
        (2025, 12, 31, 23, 59, 59),
        (2026, 1, 1, 0, 0, 0),
    )
]


def check_settings(
    directory: object, version_format: object, compression: object, retention: Retention
) -> None:
    """Raise ConfigError naming the key and the value that cannot be used."""
    _check_directory(directory)
    _check_format(version_format)
    for key, value in (
        ("backup_enabled", retention.backup_enabled),
        ("compression", compression),
    ):
        if not isinstance(value, bool):
            raise ConfigError(f"storage.{key} must be true or false, got {value!r}")
    keep = retention.keep_last_n_versions
    if keep is not None and (isinstance(keep, bool) or not isinstance(keep, int) or keep < 1):
        raise ConfigError(
            f"storage.keep_last_n_versions must be null or a whole number from 1, got {keep!r}"
        )
    days = retention.retention_days
    if days is not None and (
        isinstance(days, bool) or not isinstance(days, (int, float)) or not 0 < days < 1e6
    ):
        raise ConfigError(f"storage.retention_days must be null or above 0, got {days!r}")


def _check_directory(directory: object) -> None:
    if not isinstance(directory, str) or not directory.strip() or "\0" in directory:
        raise ConfigError(f"storage.directory must be a path, got {directory!r}")
    if Path(directory).resolve().parts.count("backend") > 1:
        raise ConfigError(
            "storage.directory must not lie below two folders named backend (the service deletes"
            f" such trees), got {directory!r}"
        )


def _check_format(version_format: object) -> None:
    if not isinstance(version_format, str):
        raise ConfigError(f"storage.version_format must be text, got {version_format!r}")
    names = [moment.strftime(version_format) for moment in _MOMENTS]
    if not all(_NAME.fullmatch(name) for name in names):
        raise ConfigError(
            "storage.version_format must make names of up to 60 letters, digits, '_' and '-',"
            f" got {version_format!r}"
        )
    # Equal neighbours are allowed within a day: the digest tells such versions apart.
    if names != sorted(names) or names[0] == names[-1]:
        raise ConfigError(
            f"storage.version_format must make names that sort by time, got {version_format!r}"
        )
