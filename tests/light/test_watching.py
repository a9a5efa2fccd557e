"""While a log is followed its incidents reach people and its counts reach Prometheus."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.light.made import Show, environment
from tests.monitoring.loopback import free_port, web_server


def follow(show: Show, folder: Path, *options: str) -> list[str]:
    """The command line of a follower of `show`."""
    return [
        sys.executable, "-m", "wifitrain.light.console", str(show.model), "--follow",
        str(show.log), "--year", "2026", "--output", str(folder / "told.jsonl"),
        "--spool", str(folder / "spool"), *options,
    ]  # fmt: skip


def test_incidents_are_told_and_counts_are_written(show: Show, tmp_path: Path) -> None:
    """Each incident that was opened is one message; the textfile counts every window."""
    textfile = tmp_path / "wifitrain.prom"
    with web_server() as web:
        hook = {"WIFITRAIN_ALERT_URLS": f"json://127.0.0.1:{web.port}/hook"}
        ended = subprocess.run(
            follow(show, tmp_path, "--stop-at-end", "--notify", "other", "--max-per-hour", "1000",
                   "--metrics-file", str(textfile)),
            env={**environment(), **hook}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        told = [json.loads(line) for line in (tmp_path / "told.jsonl").read_text().splitlines()]
        opened = [one for one in told if one["state"] == "opened"]
        text = " ".join(content["title"] + content["message"] for _, content in web.posts)
    assert opened
    assert all(f"incident on {one['entity']}" in text and one["start"] in text for one in opened)
    (windows,) = re.findall(r"(\d+) windows,", ended.stderr)
    (counted,) = re.findall(
        r'model_predictions_total{version="\w+"} ([\d.]+)', textfile.read_text()
    )
    assert float(counted) == int(windows)


def test_a_dead_receiver_holds_up_nothing(show: Show, tmp_path: Path) -> None:
    """The follower ends well and its messages wait on the disk."""
    hook = {"WIFITRAIN_ALERT_URLS": f"json://127.0.0.1:{free_port()}/hook"}
    ended = subprocess.run(
        follow(show, tmp_path, "--stop-at-end", "--notify", "other"),
        env={**environment(), **hook}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = [json.loads(line) for line in (tmp_path / "told.jsonl").read_text().splitlines()]
    opened = [one for one in told if one["state"] == "opened"]
    assert len(list((tmp_path / "spool").glob("[0-9]*.json"))) == len(opened) > 0


def test_prometheus_reads_a_follower_over_http(show: Show, tmp_path: Path) -> None:
    """As long as it runs; a signal ends both."""
    port = free_port()
    process = subprocess.Popen(
        follow(show, tmp_path, "--metrics-port", str(port), "--interval", "0.2"),
        env=environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline, text = time.monotonic() + 60, ""
        while time.monotonic() < deadline and not re.search(r"predictions_total{.*} [1-9]", text):
            time.sleep(0.3)
            text = _read(port)
        assert re.search(r'model_predictions_total{version="model_\w+"} [1-9]', text)
        assert "model_version_info" in text
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


def test_a_channel_without_its_variable_is_one_line(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is read."""
    monkeypatch.delenv("WIFITRAIN_SLACK_URL", raising=False)
    ended = subprocess.run(
        follow(show, tmp_path, "--stop-at-end", "--notify", "slack"),
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "needs the variable WIFITRAIN_SLACK_URL" in ended.stderr


def _read(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            return answer.read().decode()
    except OSError:
        return ""
