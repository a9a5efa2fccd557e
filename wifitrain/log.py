"""Structured logging: a console for people and one JSON-lines file for each job."""

from __future__ import annotations

import logging
from typing import Any

import structlog

__all__ = ["configure", "formatter", "get_logger"]

_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure() -> None:
    """Send structlog's events through the standard library's handlers (Hydra sets those up)."""
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


def _escape(_: object, __: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: _printable(value) for key, value in event.items()}


def _printable(value: object) -> object:
    if not isinstance(value, str):
        return value
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in value
    )
