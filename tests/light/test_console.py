"""What wifitrain-score refuses before it loads anything."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--table", "scored"),
        ("--database", "postgresql://user@host/db"),
        ("--password-variable", "SECRET"),
    ],
)
def test_a_follower_takes_no_database(option: str, value: str) -> None:
    """One line that names the option, although there is not even a version."""
    done = subprocess.run(
        [sys.executable, "-m", "wifitrain.light.console", "nowhere", "--follow", "x", option,
         value],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        f"wifitrain-score: {option} is for scored exports: a follower writes JSON lines\n"
    )
