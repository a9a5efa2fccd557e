"""A password never reaches the disk, not even in a command line that is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wifitrain.cli import _secret_among


def test_a_private_key_on_the_command_line_is_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    """storage.signing_key says where it lies, never what it is."""
    key = "-----BEGIN PRIVATE KEY-----hush-----END PRIVATE KEY-----"
    command = [sys.executable, "-m", "wifitrain", f"storage.signing_key='{key}'"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "storage.signing_key names its file or variable" in done.stderr
    assert "hush" not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["postgresql://me:hush@host/db", "postgresql://host/db?user=me&password=hush"]
)
def test_a_password_on_the_command_line_is_refused_before_anything_is_written(
    url: str, tmp_path: Path
) -> None:
    """Hydra would have written it into .hydra/overrides.yaml."""
    command = [sys.executable, "-m", "wifitrain", "source=postgres", f"source.url='{url}'"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "must not carry a password" in done.stderr
    assert "hush" not in done.stderr + done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("word", "secret"),
    [
        ("source.url=postgresql://u:hu/sh@127.0.0.1/db", True),
        ("output.url='postgres://u:hu#sh@h/db'", True),
        ("output.url=postgresql://u:hu sh?@h/db", True),
        ("output.url=postgresql://u@h/db?sslpassword=hush", True),
        ("output.url=postgresql://u@h/db#x?password=hush", True),
        ("storage.url=https://me:hush@host/x", True),
        ("source.url=postgresql://me@h1:5432,h2:5432/db?passfile=/x", False),
        ("package=https://host:9000/models@v1", False),
    ],
)
def test_a_password_that_was_not_encoded_is_seen_as_well(word: str, *, secret: bool) -> None:
    """And a port before an @ of a path is none."""
    assert bool(_secret_among([word])) == secret
