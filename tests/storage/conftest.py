"""A store in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from wifitrain.storage import ModelStore


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where the models go; not there yet."""
    return tmp_path / "models"


@pytest.fixture
def store(models: Path) -> ModelStore:
    """A store that keeps everything."""
    return ModelStore(directory=str(models), keep_last_n_versions=None)
