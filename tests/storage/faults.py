"""Real faults for a models folder, and the promises that must hold after each of them.

Writers are forked, so that a kill costs no start-up; `soak.py` runs the long form.
"""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.storage.made import contents
from wifitrain.storage import ModelStore

Work = Callable[[Callable[[str], None]], None]


@dataclass
class Outcome:
    """What was acknowledged, and every promise that was broken."""

    acknowledged: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def keeping(models: Path) -> ModelStore:
    """A store that prunes nothing."""
    return ModelStore(directory=str(models), keep_last_n_versions=None)


def broken_promises(models: Path, acknowledged: Sequence[str]) -> list[str]:
    """Read strictly what a fault left, run the next command, and read again."""
    found = []
    index = models / "model_registry.json"
    if index.exists():
        found += _index_faults(index, acknowledged)
    store = keeping(models)
    told = {record.version for record in store.history().records if record.action == "written"}
    found += [f"acknowledged and not in the history: {v}" for v in acknowledged if v not in told]
    try:
        store.rebuild_index()
    except Exception as error:  # noqa: BLE001 - whatever it is, the promise is broken
        return [*found, f"the next command fails: {error!r}"]
    there = {model.version for model in store.versions()}
    indexed = set(json.loads(index.read_text()))
    found += [f"acknowledged and lost: {v}" for v in acknowledged if v not in there]
    found += [f"index and folders differ: {v}" for v in sorted(there ^ indexed)]
    found += [f"half a package: {why}" for why in store.catalogue().foreign.values()]
    found += [f"{v}: {fault}" for v in sorted(there) for fault in store.verify(v)]
    found += [f"unreadable history line {n}" for n in store.history().damaged]
    left = store.prune().leftovers
    if store.prune().leftovers:
        found.append(f"leftovers stay: {left}")
    return found


def _index_faults(index: Path, acknowledged: Sequence[str]) -> list[str]:
    try:
        entries = json.loads(index.read_text())
    except ValueError as error:
        return [f"index unreadable: {error}"]
    found = [
        f"index names {version}, which is not there"
        for version in entries
        if not (index.parent / version / "metadata.json").is_file()
    ]
    return found + [
        f"acknowledged and not in the index: {v}" for v in acknowledged if v not in entries
    ]


def writer(models: Path, saves: int, first_seed: int) -> Work:
    """Work that saves `saves` versions and acknowledges each."""

    def work(acknowledge: Callable[[str], None]) -> None:
        store = keeping(models)
        for seed in range(first_seed, first_seed + saves):
            acknowledge(store.write(contents(seed)).version)

    return work


class Forked:
    """Work in a process of its own, which can be killed."""

    def __init__(self, work: Work) -> None:
        self._read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self._read)
                work(lambda version: void(os.write(write, f"{version}\n".encode())))
                status = 0
            finally:
                os._exit(status)
        os.close(write)

    def kill(self) -> None:
        """Send SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)

    def finish(self) -> tuple[int, list[str]]:
        """Wait; exit status (negative: the signal) and what was acknowledged."""
        content = b""
        while block := os.read(self._read, 65_536):
            content += block
        os.close(self._read)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status), content.decode().split()


def void(_: object) -> None:
    """Forget a result."""


def kill_loop(models: Path, *, kills: int, writers: int = 1, seed: int = 0) -> Outcome:
    """Kill `writers` processes in the middle of their saves, `kills` times."""
    outcome = Outcome()
    draw = random.Random(seed)
    longest_s = 3 * writers * _seconds_of_a_save(models)  # a busy machine saves slowly
    for round_number in range(kills):
        running = [
            Forked(writer(models, 50, round_number * 1000 + number * 50))
            for number in range(writers)
        ]
        time.sleep(draw.uniform(0.0, longest_s))
        for process in running:
            process.kill()
        for process in running:
            outcome.acknowledged += process.finish()[1]
        outcome.broken += broken_promises(models, outcome.acknowledged)
        _thin_out(models, outcome.acknowledged)
    return outcome


def _seconds_of_a_save(models: Path) -> float:
    """How long a save takes here; what it imports is imported before, for all that are forked."""
    store = keeping(models)
    store.write(contents(0))
    start = time.monotonic()
    store.write(contents(1))
    return time.monotonic() - start


def _thin_out(models: Path, acknowledged: list[str]) -> None:
    """Keep the folder small, so that a thousand rounds take equal time."""
    if len(acknowledged) > 40:
        ModelStore(directory=str(models), keep_last_n_versions=5, backup_enabled=False).prune()
        kept = {model.version for model in keeping(models).versions()}
        acknowledged[:] = [version for version in acknowledged if version in kept]


def parallel_writers(models: Path, *, writers: int, saves: int) -> Outcome:
    """Let `writers` processes save `saves` versions each at the same time."""
    running = [Forked(writer(models, saves, number * saves)) for number in range(writers)]
    outcome = Outcome()
    for process in running:
        status, acknowledged = process.finish()
        outcome.acknowledged += acknowledged
        if status != 0:
            outcome.broken.append(f"a writer ended with {status}")
    expected = writers * saves
    if len(set(outcome.acknowledged)) != expected:
        outcome.broken.append(f"{len(set(outcome.acknowledged))} versions instead of {expected}")
    outcome.broken += broken_promises(models, outcome.acknowledged)
    return outcome


@dataclass
class Calls:
    """fsync and rename calls of a piece of work, in order, as (what, path)."""

    made: list[tuple[str, str]] = field(default_factory=list)

    def lost_in_a_power_cut(self, root: Path) -> list[str]:
        """Names that a power cut could take away, or leave empty, after what builds on them.

        A rename is safe when all that is renamed was flushed before it, and the folder that holds
        the new name before anything else gets a name.
        """
        found: list[str] = []
        renames = [n for n, (call, path) in enumerate(self.made) if call == "rename"]
        for position, following in zip(renames, [*renames[1:], len(self.made)], strict=True):
            target = Path(self.made[position][1])
            if target.parent.name == ".trash":
                continue
            flushed = {Path(path) for call, path in self.made[:position] if call == "fsync"}
            found += [f"{path} not flushed" for path in _sources(target) - flushed]
            if ("fsync", str(target.parent)) not in self.made[position:following]:
                found.append(f"{target.parent} not flushed after {target.name}")
        return [line.replace(str(root), "") for line in found]


def _sources(target: Path) -> set[Path]:
    """What has become `target`, under the names that it had before."""
    if not target.is_dir():
        return {target.with_name(f".tmp-{os.getpid()}-{target.name}")}
    staged = target.with_name(f".staging-{target.name}")
    return {staged, *(staged / path.name for path in target.iterdir())}
