"""wifitrain-models: tables for people, JSON for programs, one line for a fault."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.storage.made import contents
from wifitrain.storage.console import main

if TYPE_CHECKING:
    from wifitrain.storage import ModelStore


class Console:
    """Runs commands on one models folder and keeps what they print."""

    def __init__(self, models: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._models = models
        self._capsys = capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        status = main([*arguments, "--directory", str(self._models)])
        printed = self._capsys.readouterr()
        return status, printed.out, printed.err

    def json(self, *arguments: str) -> Any:
        """What a command that succeeds says to a program."""
        status, out, _ = self(*arguments, "--json")
        assert status == 0
        return json.loads(out)


@pytest.fixture
def console(models: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """The commands, on the store's folder."""
    return Console(models, capsys)


def test_a_day_of_an_operator(console: Console, store: ModelStore, tmp_path: Path) -> None:
    """list, show, deploy, rollback, pin, retire, history, as-of, diff, export, import, prune."""
    first, second, third = (store.write(contents(seed)).version for seed in range(3))
    assert [v["version"] for v in console.json("list")["versions"]] == [first, second, third]
    assert console.json("show", first)["metadata"]["model_info"]["version"] == first
    assert console.json("deploy", first, "--by", "anna")["state"] == "deployed"
    assert console.json("deploy", second, "--why", "better")["state"] == "deployed"
    assert console.json("rollback")["version"] == first
    assert console.json("as-of", "2100-01-01") == {"wifi_anomaly_detector": first}
    assert console.json("retire", third)["status"] == "inactive"
    assert console.json("pin", third)["pinned"] is True
    assert [r["action"] for r in console.json("history", first)] == [
        "written",
        "deployed",
        "rolled_back",
    ]
    assert "model_info.model_hash" in {d["place"] for d in console.json("diff", first, second)}
    parcel = console.json("export", second, "--to", str(tmp_path))["path"]
    assert console.json("prune", "--keep-last", "1", "--dry-run")["versions"] == [second]
    assert console.json("prune", "--keep-last", "1", "--no-backup")["versions"] == [second]
    assert console.json("import", parcel)["status"] == "imported"
    assert console.json("rebuild-index") == {"versions": 3}
    assert console.json("verify") == {first: [], third: [], second: []}


def test_tables_hold_whole_version_names(console: Console, store: ModelStore) -> None:
    """A name can be copied into the next command."""
    version = store.write(contents()).version
    for command in (["list"], ["history"], ["verify"], ["show", version]):
        status, out, _ = console(*command)
        assert (status, version in out) == (0, True)


def test_list_names_strangers_and_leftovers(
    console: Console, store: ModelStore, models: Path
) -> None:
    """What is no version is said, with the reason."""
    store.write(contents())
    (models / "model_foreign").mkdir()
    (models / ".staging-model_x").mkdir()
    _, out, _ = console("list")
    assert f"not a version: {models}/model_foreign/metadata.json: No such file" in out
    assert "left by an interrupted command (prune removes it): .staging-model_x" in out


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["show", "model_x"], "error: model_x: there is none in this folder\n"),
        (["rollback"], "error: nothing was ever deployed here\n"),
        (["as-of", "yesterday"], "error: time must be ISO text such as 2026-01-31T12:00 (UTC)"),
        (["prune", "--keep-last", "0"], "error: storage.keep_last_n_versions must be null or"),
        (["import", "none.zip"], "error: none.zip: no such file\n"),
        (["show", "x\x1b[2J"], "error: x\\u001b[2J: there is none in this folder\n"),
    ],
)
def test_a_fault_is_one_line_and_status_1(console: Console, command: list[str], says: str) -> None:
    """No traceback, nothing on standard output, no control character."""
    status, out, err = console(*command)
    assert (status, out) == (1, "")
    assert err.startswith(says)
    assert err.count("\n") == 1


def test_verify_of_a_damaged_version_has_status_1(
    console: Console, store: ModelStore, models: Path
) -> None:
    """A script can rely on it."""
    version = store.write(contents()).version
    (models / version / "guard.json").unlink()
    status, out, _ = console("verify")
    assert (status, out) == (1, f"{version}: guard.json: missing\n")


def test_names_cannot_steer_the_terminal(console: Console, store: ModelStore) -> None:
    """Escape sequences and direction marks in metadata are printed as text."""
    training = {"training_samples": 1, "n_samples": 1, "note": "\x1b]0;owned\x07\u202e[bold]"}
    version = store.write(contents(metadata={"training_info": training})).version
    _, out, _ = console("show", version)
    assert r"\u001b]0;owned\u0007\u202e[bold]" in out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_list_needs_no_heavy_library(store: ModelStore, models: Path) -> None:
    """Start-up stays quick: neither scikit-learn nor pandas nor numpy is imported."""
    store.write(contents())
    code = (
        "import sys; from wifitrain.storage.console import main;"
        f"main(['list', '--directory', {str(models)!r}]);"
        "sys.exit(len({'sklearn', 'pandas', 'numpy', 'joblib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
