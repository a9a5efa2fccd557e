"""The long form of the fault tests: python -m tests.storage.soak [--kills 1000].

Kills writers, fails every system call of each operation once, lets many writers save at once, and
then plants faults in the program to show that these tests see them. Prints counts; status 1 = a
promise was broken, or a planted fault went unseen.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from unittest.mock import patch

from tests.storage import faults
from tests.storage.faults import Outcome
from tests.storage.made import contents
from wifitrain.storage import catalogue, durable, index, publish, store

ROOT = Path(__file__).resolve().parents[2]
_CALLS = ("write", "fsync", "rename", "mkdir", "ftruncate", "unlink", "unlinkat", "rmdir", "flock")
_COMMANDS = ("write", "deploy", "rollback", "prune")
_FAULTS = ("error=ENOSPC", "error=EIO", "signal=KILL")
_MOST_CALLS = 200


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A models folder that is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="wifitrain-soak-"))
    try:
        yield made / "models"
    finally:
        shutil.rmtree(made, ignore_errors=True)


def kills(count: int) -> Outcome:
    """Half of the kills with one writer, half with four."""
    with folder() as models:
        outcome = faults.kill_loop(models, kills=count // 2)
    with folder() as models:
        four = faults.kill_loop(models, kills=count - count // 2, writers=4, seed=1)
    outcome.broken += four.broken
    return outcome


def failed_calls() -> tuple[int, list[str]]:
    """Each system call of write, deploy, rollback and prune fails once in each way."""
    tried, broken = 0, []
    for operation, call, fault in product(_COMMANDS, _CALLS, _FAULTS):
        for nth in range(1, _MOST_CALLS):
            with folder() as models:
                kept = _prepared(models)
                if not _run_with_fault(operation, models, call=call, fault=f"{fault}:when={nth}"):
                    break
                tried += 1
                found = faults.broken_promises(models, kept)
                broken += [f"{operation}: {fault} at {call} {nth}: {line}" for line in found]
    return tried, broken


def _prepared(models: Path) -> list[str]:
    """Four versions, two of them deployed in turn; returns those that no operation removes."""
    ready = faults.keeping(models)
    versions = [ready.write(contents(seed)).version for seed in range(4)]
    ready.deploy(versions[2])
    ready.deploy(versions[3])
    return versions[2:]


_OPERATIONS = """
import sys
from wifitrain.storage import ModelStore
from wifitrain.errors import WifitrainError
from wifitrain.records import PackageContents
store = ModelStore(directory=sys.argv[2], keep_last_n_versions=1)
first, second = sys.argv[3:5]
try:
    counts = {"training_samples": 1, "n_samples": 1}
    if sys.argv[1] == "write": store.write(PackageContents(
        estimator={"any": "thing"}, model_type="Quick", guard=None, report={},
        content_digest="7" * 64, features=[{"name": "x"}], metadata={"training_info": counts}))
    if sys.argv[1] == "deploy": store.deploy(first)
    if sys.argv[1] == "rollback": store.rollback()
    if sys.argv[1] == "prune": store.prune()
except WifitrainError as error:
    sys.exit(str(error))
"""


def _run_with_fault(operation: str, models: Path, *, call: str, fault: str) -> bool:
    """Run one operation under strace; whether the fault was reached."""
    versions = [model.version for model in faults.keeping(models).versions()]
    trace = models.parent / "trace"
    command = [
        "strace", "-f", "-qq", "-o", str(trace), "-e", f"trace={call}", "-e",
        f"inject={call}:{fault}", sys.executable, "-B", "-c", _OPERATIONS, operation, str(models),
        *versions[:2],
    ]  # fmt: skip
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if "Traceback" in ran.stderr:
        last_line = ran.stderr.strip().splitlines()[-1]
        say(f"  no one-line error: {operation} {call} {fault}: {last_line}")
    text = trace.read_text()
    return "INJECTED" in text or "killed by SIGKILL" in text


def no_flush() -> Outcome:
    """Mutant: what is written is never flushed."""
    from unittest.mock import MagicMock

    calls = faults.Calls()
    outcome = Outcome()
    replace, rename = os.replace, os.rename

    def note(real: Callable[[Path, Path], None]) -> Callable[[Path, Path], None]:
        def noting(old: Path, new: Path) -> None:
            real(old, new)
            calls.made.append(("rename", str(new)))

        return noting

    with (
        folder() as models,
        patch.object(os, "replace", note(replace)),
        patch.object(os, "rename", note(rename)),
        patch.object(os, "fsync", MagicMock()),
    ):
        faults.keeping(models).write(contents())
        outcome.broken = calls.lost_in_a_power_cut(models)
    return outcome


def no_lock() -> Outcome:
    """Mutant: nobody waits for anybody."""

    @contextlib.contextmanager
    def unlocked(layout: durable.Layout) -> Iterator[None]:
        layout.root.mkdir(parents=True, exist_ok=True)
        yield

    with (
        folder() as models,
        patch.object(publish, "writing", unlocked),
        patch.object(store, "writing", unlocked),
    ):
        return faults.parallel_writers(models, writers=8, saves=25)


def wrong_order() -> Outcome:
    """Mutant: the index names a version before its folder is there."""

    def index_first(layout: durable.Layout, claim: publish.Claim, **_: str) -> catalogue.Catalogue:
        seen = catalogue.read(layout)
        entries = {**{m.version: {} for m in seen.models}, claim.version: {}}
        durable.replace_file(layout.index, index.strict_json.dumps(entries))
        time.sleep(0.01)
        claim.folder.rename(layout.folder(claim.version))
        return catalogue.read(layout)

    with folder() as models, patch.object(store, "publish", index_first):
        return faults.kill_loop(models, kills=40)


def main() -> int:
    """Run everything; 0 = every promise held and every planted fault was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--skip-calls", action="store_true", help="leave out the strace part")
    chosen = parser.parse_args()
    good = True
    outcome = kills(chosen.kills)
    good &= _report(f"{chosen.kills} kills", outcome.broken)
    with folder() as models:
        outcome = faults.parallel_writers(models, writers=8, saves=25)
    good &= _report(
        f"8 writers x 25 saves: {len(set(outcome.acknowledged))} versions", outcome.broken
    )
    if chosen.skip_calls or shutil.which("strace") is None:
        say("failed system calls: skipped (not wanted, or no strace here)")
    else:
        tried, broken = failed_calls()
        good &= _report(f"{tried} failed system calls", broken)
    for mutant in (no_flush, no_lock, wrong_order):
        seen = mutant().broken
        say(f"planted {mutant.__name__}: {'seen' if seen else 'NOT SEEN'} ({len(seen)} faults)")
        good &= bool(seen)
    return 0 if good else 1


def _report(what: str, broken: list[str]) -> bool:
    say(f"{what}: {len(broken)} broken promises")
    for line in broken[:10]:
        say(f"  {line}")
    return not broken


if __name__ == "__main__":
    sys.exit(main())
