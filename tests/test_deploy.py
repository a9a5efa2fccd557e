"""What lies in deploy/ is what the programs and systemd understand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UNITS = sorted((ROOT / "deploy").glob("*.service")) + sorted((ROOT / "deploy").glob("*.timer"))


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """No unknown key, no unit that is missing; only the programs are exchanged."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for unit in UNITS:
        text = re.sub(r"/opt/wifitrain/bin/[\w-]+", "/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    ended = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / unit.name) for unit in UNITS)],
        capture_output=True, text=True, check=False, env={"SYSTEMD_LOG_LEVEL": "warning"},
    )  # fmt: skip
    said = [line for line in ended.stderr.splitlines() if "wifitrain" in line]
    assert said == [], said


def test_the_options_of_the_units_exist() -> None:
    """Options of wifitrain-score, and keys and commands of wifitrain."""
    text = "\n".join(unit.read_text() for unit in UNITS)
    helped = subprocess.run(
        [sys.executable, "-m", "wifitrain.light.console", "--help"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout  # fmt: skip
    options = set(re.findall(r"(?<!\S)--[a-z-]+", text)) - {"--now"}
    assert options
    assert {option for option in options if option not in helped} == set()
    keys = set(re.findall(r"\bmonitoring\.(\w+)=", text))
    known = (ROOT / "conf/monitoring/default.yaml").read_text()
    assert {key for key in keys if f"\n{key}:" not in known} == set()
    for command in re.findall(r"-cn (\w+)", text):
        assert (ROOT / f"conf/{command}.yaml").is_file()


def test_the_guide_names_what_exists() -> None:
    """Every subcommand and option of the guides is one of the programs."""
    text = (ROOT / "docs/deployment.md").read_text() + (ROOT / "docs/monitoring.md").read_text()
    helped = subprocess.run(
        [sys.executable, "-m", "wifitrain.storage.console", "--help"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout  # fmt: skip
    for command in re.findall(r"wifitrain-models (\w+)", text):
        assert re.search(rf"^    {command}\b", helped, re.MULTILINE), command
    for command in re.findall(r"-cn (\w+)", text):
        assert (ROOT / f"conf/{command}.yaml").is_file(), command
