"""Logs are for people on the console and programs in the file; no input drives either."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from wifitrain import log
from wifitrain.errors import ConfigError

HOSTILE = "\x1b[2J\u202eevil\r\nforged line"


def _logged(kind: str, caplog_handler: logging.Handler) -> None:
    caplog_handler.setFormatter(log.formatter(kind=kind))
    logger = logging.getLogger("test.log")
    logger.handlers, logger.propagate, logger.level = [caplog_handler], False, logging.INFO
    log.configure()
    log.get_logger("test.log").info("station seen", station=HOSTILE)


@pytest.mark.parametrize("kind", ["console", "json"])
def test_hostile_names_stay_on_one_line_without_control_characters(
    kind: str, tmp_path: Path
) -> None:
    """No escape sequence, no forged line, no reversed text."""
    handler = logging.FileHandler(tmp_path / "log", encoding="utf-8")
    _logged(kind, handler)
    handler.close()
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert all(character.isprintable() for character in text.rstrip("\n"))


def test_the_json_line_gives_the_value_back(tmp_path: Path) -> None:
    """Escaping loses nothing."""
    handler = logging.FileHandler(tmp_path / "log", encoding="utf-8")
    _logged("json", handler)
    handler.close()
    line = json.loads((tmp_path / "log").read_text(encoding="utf-8"))
    assert line["station"] == HOSTILE
    assert line["event"] == "station seen"
    assert line["level"] == "info"


def test_a_log_file_rotates_at_its_size(tmp_path: Path) -> None:
    """And keeps as many as it was told."""
    handler = log.rotating_file(
        least="INFO", folder=str(tmp_path), file="log.jsonl", max_size="1kB", backup_count=2
    )
    for _ in range(100):
        handler.emit(logging.LogRecord("x", logging.INFO, "x", 1, "y" * 100, None, None))
    handler.close()
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"level": "LOUD"}, "logging.level must be one of DEBUG, INFO, WARNING, ERROR"),
        ({"file": ""}, "logging.file must be a file name, got ''"),
        ({"rotation": {"max_size": 5, "backup_count": 1}}, "logging.rotation.max_size"),
        ({"rotation": {"max_size": "1MB", "backup_count": 0}}, "logging.rotation.backup_count"),
    ],
)
def test_unusable_values_are_named(changed: dict[str, object], message: str) -> None:
    """The message names the key and the value."""
    values = {"level": "INFO", "file": "x", "rotation": {"max_size": "1MB", "backup_count": 1}}
    with pytest.raises(ConfigError, match=message):
        log.LoggingSettings(**{**values, **changed})
