"""The long form of the fault tests: python -m tests.storage.soak [--kills 1000].

Kills writers, lets many save at once, fills disks of many sizes, forbids writing, fails every
system call of each operation once, and then plants faults in the program to show that these tests
see them. Prints counts; status 1 = a promise was broken, or a planted fault went unseen.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

from tests.storage import failing_calls, faults, small_disks
from tests.storage.faults import Outcome
from tests.storage.made import contents
from wifitrain.storage import catalogue, durable, history, index, publish, store

#: Where flushing costs nothing: what is tested is the order of calls, not the disk.
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - made by mkdtemp


def say(text: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A models folder that is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="wifitrain-soak-", dir=_MEMORY))
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
    """Mutant: nobody waits for anybody, on a disk that is slow enough for it to matter."""
    end = history._finished_end

    @contextlib.contextmanager
    def unlocked(layout: durable.Layout) -> Iterator[None]:
        layout.root.mkdir(parents=True, exist_ok=True)
        yield

    def slowly(descriptor: int) -> int:
        found = end(descriptor)
        time.sleep(0.01)
        return found

    with (
        folder() as models,
        patch.object(history, "_finished_end", slowly),
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
    logging.disable(logging.WARNING)  # what a full disk leaves to the next command is looked at
    good = _report(f"{chosen.kills} kills, half of four writers", kills(chosen.kills).broken)
    with folder() as models:
        outcome = faults.parallel_writers(models, writers=8, saves=25)
    versions = len(set(outcome.acknowledged))
    good &= _report(f"8 writers x 25 saves: {versions} versions", outcome.broken)
    good &= _disks()
    if chosen.skip_calls or shutil.which("strace") is None:
        say("failed system calls: skipped (not wanted, or no strace here)")
    else:
        good &= _calls()
    for mutant in (no_flush, no_lock, wrong_order):
        seen = mutant().broken
        say(f"planted {mutant.__name__}: {'seen' if seen else 'NOT SEEN'} ({len(seen)} faults)")
        good &= bool(seen)
    return 0 if good else 1


def _disks() -> bool:
    """Disks that fill up at one write after the other, and a folder that is read-only."""
    why = small_disks.why_not()
    if why is not None:
        say(f"full disks, read-only mount: skipped ({why})")
        return True
    with folder() as models:
        full, saved, broken = small_disks.fill(models.parent, sizes_kb=range(120, 520, 4))
    good = _report(f"{full} disks filled up, {saved} versions saved before", broken)
    with folder() as models:
        return good & _report("read-only mount", small_disks.read_only(models))


def _calls() -> bool:
    """Every system call of every operation."""
    with folder() as models:
        models.parent.mkdir(exist_ok=True)
        tally = failing_calls.run(models.parent)
    calls = ", ".join(f"{operation} {n}" for operation, n in tally.calls.items())
    good = _report(f"{tally.tried} failed or last system calls ({calls})", tally.broken)
    good &= _report("ended in more than one line", tally.untidy)
    say(f"met another call than meant: {tally.elsewhere}")
    return good


def _report(what: str, broken: list[str]) -> bool:
    say(f"{what}: {len(broken)} broken promises")
    for line in broken[:10]:
        say(f"  {line}")
    return not broken


if __name__ == "__main__":
    sys.exit(main())
