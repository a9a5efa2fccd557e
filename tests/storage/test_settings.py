"""Every value of the storage group is checked, and the message names key and value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.storage.made import contents
from wifitrain.errors import ConfigError
from wifitrain.storage import ModelStore


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("directory", "", "be a path, got ''"),
        ("directory", 3, "be a path, got 3"),
        ("directory", "/a/backend/b/backend/models", "two folders named backend"),
        ("version_format", 7, "be text, got 7"),
        ("version_format", "%Y/%m", "letters, digits, '_' and '-', got '%Y/%m'"),
        ("version_format", "%d%m%Y", "sort by time, got '%d%m%Y'"),
        ("version_format", "%Y%m%d_%I%M", "sort by time"),
        ("version_format", "fixed", "sort by time"),
        ("keep_last_n_versions", 0, "null or a whole number from 1, got 0"),
        ("keep_last_n_versions", True, "got True"),
        ("backup_enabled", "yes", "true or false, got 'yes'"),
        ("compression", 9, "true or false, got 9"),
        ("retention_days", -1, "null or above 0, got -1"),
        ("retention_days", float("nan"), "null or above 0, got nan"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(key: str, value: Any, says: str) -> None:
    """`storage.<key> ... got <value>`, before anything is read."""
    with pytest.raises(ConfigError, match=rf"storage\.{key} must .*{says}"):
        ModelStore(**{key: value})


def test_the_constructor_touches_no_disk(models: Path) -> None:
    """A store of a folder that is not there reads as empty and makes nothing."""
    store = ModelStore(directory=str(models))
    assert store.versions() == []
    assert not models.exists()


def test_version_format_shapes_the_name(models: Path) -> None:
    """A user's own format is kept in the name; the digest follows."""
    store = ModelStore(directory=str(models), version_format="%Y-%j")
    assert store.write(contents(5)).version.split("_")[2] == contents(5).content_digest[:8]
