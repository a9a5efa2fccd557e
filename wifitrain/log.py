"""Structured logging: a console for people and one JSON-lines file for each job."""

from __future__ import annotations

import logging
import logging.handlers
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from wifitrain.errors import ConfigError
from wifitrain.printable import printable

__all__ = [
    "LoggingSettings",
    "configure",
    "formatter",
    "get_logger",
    "rotating_file",
]

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_SIZE = re.compile(r"^(\d+)\s?(kB|MB|GB)$")
_UNITS = {"kB": 10**3, "MB": 10**6, "GB": 10**9}

_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure() -> None:
    """Send structlog's events through the standard library's handlers (Hydra sets those up)."""
    logging.raiseExceptions = False  # a full disk below the log file must not end the run
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Jobs of a sweep share a process: each sets logging up again.
        cache_logger_on_first_use=False,
    )


def formatter(*, kind: str) -> logging.Formatter:
    """A formatter for logging's dictConfig: ``console`` or ``json``.

    Both escape control characters, so that a hostile station name cannot drive a terminal.
    """
    if kind == "json":
        render: list[Any] = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    else:
        render = [_escape, structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    )


def get_logger(name: str) -> Any:  # noqa: ANN401 - structlog's own lazy type
    """A logger that takes an event and key-value pairs."""
    return structlog.stdlib.get_logger(name)


def rotating_file(
    *, least: str, folder: str, file: str, max_size: str, backup_count: int
) -> logging.handlers.RotatingFileHandler:
    """A handler for logging's dictConfig: rotates at `max_size` and keeps `backup_count` files."""
    settings = LoggingSettings(
        level=least, file=file, rotation={"max_size": max_size, "backup_count": backup_count}
    )
    return logging.handlers.RotatingFileHandler(
        Path(folder) / file,
        maxBytes=settings.max_bytes,
        backupCount=settings.backup_count,
        encoding="utf-8",
        delay=True,
    )


class LoggingSettings:
    """The configuration group `logging`.

    Parameters
    ----------
    level : DEBUG, INFO, WARNING or ERROR: the least that is logged.
    file : JSON-lines file, in the run folder unless the path is absolute.
    rotation : max_size (such as 100MB) and backup_count (files kept, at least 1).
    """

    def __init__(self, *, level: str, file: str, rotation: Mapping[str, Any]) -> None:
        if level not in _LEVELS:
            raise ConfigError(f"logging.level must be one of {', '.join(_LEVELS)}, got {level!r}")
        if not isinstance(file, str) or not file:
            raise ConfigError(f"logging.file must be a file name, got {file!r}")
        size, count = rotation.get("max_size"), rotation.get("backup_count")
        found = _SIZE.match(size) if isinstance(size, str) else None
        if not found:
            raise ConfigError(f"logging.rotation.max_size must be such as 100MB, got {size!r}")
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise ConfigError(f"logging.rotation.backup_count must be at least 1, got {count!r}")
        self.max_bytes = int(found[1]) * _UNITS[found[2]]
        self.backup_count = count


def _escape(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {
        key: printable(value) if isinstance(value, str) else value for key, value in event.items()
    }
