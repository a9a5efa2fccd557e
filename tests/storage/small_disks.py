"""File systems that are full or read-only: mounted for the purpose, which needs root."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.storage import faults
from tests.storage.made import contents
from wifitrain.errors import RegistryError
from wifitrain.storage import ModelStore

_READING = """
import subprocess, sys
models, version = sys.argv[1:]
for command in (["mount", "--bind", models, models], ["mount", "-o", "remount,bind,ro", models]):
    subprocess.run(command, check=True)
from wifitrain.errors import RegistryError
from wifitrain.storage import ModelStore
from wifitrain.storage.console import main
for command in (["list"], ["verify"], ["show", version], ["history"], ["prune", "--dry-run"]):
    assert main([*command, "--directory", models]) == 0, command
store = ModelStore(directory=models)
assert [m.state for m in store.versions()] == ["deployed"]
package = store.load(version)
assert package.report
assert len(package.estimator.score_samples([[0.0] * 3])) == 1
assert len(store.history().records) == 2
try:
    store.rebuild_index()
except RegistryError as error:
    assert "Read-only file system" in str(error), error
    assert len(str(error).splitlines()) == 1
else:
    raise AssertionError("written to a read-only mount")
"""


def why_not() -> str | None:
    """Why nothing can be mounted here; None where it can."""
    command = ["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "no unshare command"
    return None if ran.returncode == 0 else ran.stderr.strip()


@contextlib.contextmanager
def small_disk(place: Path, *, size_kb: int) -> Iterator[Path]:
    """A file system of that size, mounted at `place`."""
    place.mkdir(exist_ok=True)
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size_kb}k", "tmpfs", str(place)], check=True
    )
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill(folder: Path, *, sizes_kb: Iterable[int]) -> tuple[int, int, list[str]]:
    """Save until each disk is full, make room, save again.

    Returns how many disks were filled, how many versions saved before, and broken promises.
    """
    folder.mkdir(exist_ok=True)
    full, saved, broken = 0, 0, []
    for size in sizes_kb:
        with small_disk(folder / "disk", size_kb=size) as disk:
            versions = _until_full(disk / "models")
            full, saved = full + 1, saved + len(versions)
            broken += [f"{size} kB: {line}" for line in _after(disk / "models", versions)]
    return full, saved, broken


def _until_full(models: Path) -> list[str]:
    store = faults.keeping(models)
    versions: list[str] = []
    with contextlib.suppress(RegistryError):
        while True:
            versions.append(store.write(contents(len(versions))).version)
    return versions


def _after(models: Path, versions: list[str]) -> list[str]:
    store = faults.keeping(models)
    there = [model.version for model in store.versions()]
    found = [] if there == versions else [f"{there} are there, {versions} were saved"]
    found += [f"{v}: {fault}" for v in there for fault in store.verify(v)]
    found += [f"left: {path.name}" for path in models.glob(".staging-*")]
    if len(versions) > 2:
        ModelStore(directory=str(models), keep_last_n_versions=1, backup_enabled=False).prune()
        found += faults.broken_promises(models, versions[-1:])
        try:
            store.write(contents(1000))
        except RegistryError as error:
            found.append(f"with room made: {error}")
    return found


def read_only(models: Path) -> list[str]:
    """Whether everything that reads works on a read-only mount, and a write is one line."""
    store = faults.keeping(models)
    version = store.write(contents()).version
    store.deploy(version)
    ran = subprocess.run(
        ["unshare", "-m", "--propagation", "private", sys.executable, "-c", _READING,
         str(models), version],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [] if ran.returncode == 0 else [ran.stderr.strip().splitlines()[-1]]
