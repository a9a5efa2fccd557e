"""Every system call of an operation fails once, and each that changes something in every way.

Left out are calls that touch no file (memory, signals, clocks) and those that only ask where in an
open file one is. A kill is tried at every call that changes something: between two of them the
folder stays as it is. Needs strace.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.storage import faults
from tests.storage.made import contents
from tests.storage.one_operation import BEGINS, ENDS

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ("write", "deploy", "rollback", "prune")
_CHANGING = {
    "write", "pwrite64", "fsync", "rename", "mkdir", "ftruncate", "unlink", "unlinkat", "rmdir",
    "flock",
}  # fmt: skip
_NO_FILE = re.compile(
    r"mmap|munmap|mprotect|madvise|brk|futex|rt_sig\w+|exit\w*|clock_\w+|get\w*id|getrandom|uname"
    r"|sched_\w+|prlimit64|rseq|set_\w+|arch_prctl|sysinfo|access|faccessat2?|getrusage|ioctl|lseek"
)
_LINE = re.compile(r"^(?:\d+\s+)?(\w+)\(")


@dataclass
class Tally:
    """What was tried, and every promise that was broken."""

    calls: Counter[str] = field(default_factory=Counter)  # operation -> calls of it
    tried: int = 0
    elsewhere: int = 0  # faults that did not meet the call that they were meant for
    broken: list[str] = field(default_factory=list)
    untidy: list[str] = field(default_factory=list)  # ended in more than one line


@dataclass(frozen=True, kw_only=True)
class Fault:
    """The `nth` call of its name since the process began fails, or is not survived."""

    operation: str
    call: str
    nth: int
    way: str  # error=EIO, error=ENOSPC, signal=KILL

    def __str__(self) -> str:
        return f"{self.operation}: {self.way} at {self.call} {self.nth}"


def run(folder: Path, *, operations: tuple[str, ...] = OPERATIONS, workers: int = 2) -> Tally:
    """All faults of all operations, each on a copy of one prepared models folder."""
    tally = Tally()
    prepared = folder / "prepared"
    versions = _prepare(prepared)
    for operation in operations:
        planned = list(_faults(folder, prepared, versions, operation))
        tally.calls[operation] = len({(fault.call, fault.nth) for fault in planned})
        with ThreadPoolExecutor(workers) as pool:
            for one in pool.map(lambda fault: _meet(folder, prepared, versions, fault), planned):
                tally.tried += one.tried
                tally.elsewhere += one.elsewhere
                tally.broken += one.broken
                tally.untidy += one.untidy
    return tally


def _prepare(models: Path) -> list[str]:
    """Four versions, the last two of them deployed in turn."""
    ready = faults.keeping(models)
    versions = [ready.write(contents(seed)).version for seed in range(4)]
    ready.deploy(versions[2])
    ready.deploy(versions[3])
    return versions


def _faults(folder: Path, prepared: Path, versions: list[str], operation: str) -> Iterator[Fault]:
    """Every call between the marks, in each way that it can fail."""
    with _copy(folder, prepared) as place:
        ran = place.strace(operation, versions[0])
        if ran.returncode != 0:
            raise RuntimeError(f"{operation} fails by itself: {ran.stderr}")
        counts: Counter[str] = Counter()
        between = False
        for line in place.trace.read_text().splitlines():
            named = _LINE.match(line)
            if named is None:
                continue
            between = (between or BEGINS in line) and ENDS not in line
            counts[named[1]] += 1
            if between and not _NO_FILE.fullmatch(named[1]):
                changes = named[1] in _CHANGING or "O_CREAT" in line
                for way in ("error=EIO", "error=ENOSPC", "signal=KILL")[: 3 if changes else 1]:
                    yield Fault(operation=operation, call=named[1], nth=counts[named[1]], way=way)


def _meet(folder: Path, prepared: Path, versions: list[str], fault: Fault) -> Tally:
    tally = Tally()
    with _copy(folder, prepared) as place:
        ran = place.strace(fault.operation, versions[0], fault)
        trace = place.trace.read_text()
        begin = trace.find(BEGINS)
        met = max(trace.find("INJECTED"), trace.find("killed by SIGKILL"))
        if begin < 0 or met < begin:
            tally.elsewhere = 1
        else:
            tally.tried = 1
        acknowledged = [*versions[2:], *([ran.stdout] if fault.operation == "write" else [])]
        found = faults.broken_promises(place.models, [name for name in acknowledged if name])
        found += _untold(place.models, fault.operation, versions, said=ran.stdout)
        tally.broken = [f"{fault}: {line}" for line in found]
        if "Traceback" in ran.stderr and tally.tried:
            tally.untidy = [f"{fault}: {ran.stderr.strip().splitlines()[-1]}"]
    return tally


def _untold(models: Path, operation: str, versions: list[str], *, said: str) -> list[str]:
    """Whether what is live is what was said, and the history tells how it came so."""
    store = faults.keeping(models)
    live = [model.version for model in store.versions() if model.state == "deployed"]
    goal = {"deploy": (versions[0], "deployed"), "rollback": (versions[2], "rolled_back")}
    version, action = goal.get(operation, (versions[3], "deployed"))
    found = []
    if live not in ([version], [versions[3]]) or (operation in goal and said and live != [said]):
        found.append(f"live is {live}, said was {said!r}")
    moves = [r for r in store.history().records if r.action in ("deployed", "rolled_back")]
    if live == [version] and (moves[-1].version, moves[-1].action) != (version, action):
        found.append(f"the history tells {moves[-1].action} {moves[-1].version}")
    return found


@dataclass(frozen=True)
class _Place:
    """A models folder of its own, and a second one to warm up on."""

    folder: Path

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def trace(self) -> Path:
        return self.folder / "trace"

    def strace(
        self, operation: str, first: str, fault: Fault | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the operation, with the fault in it or watched from the outside."""
        what = ["-e", "trace=all"]
        if fault is not None:
            what = [
                "--seccomp-bpf", "-e", f"trace={fault.call},access,faccessat,faccessat2",
                "-e", f"inject={fault.call}:{fault.way}:when={fault.nth}",
            ]  # fmt: skip
        command = [
            "strace", "-f", "-qq", "-o", str(self.trace), *what, sys.executable, "-B",
            "-m", "tests.storage.one_operation", operation, str(self.models), first,
            str(self.folder / "warm"),
        ]  # fmt: skip
        same = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
        return subprocess.run(
            command, cwd=ROOT, env={**os.environ, **same}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    def __enter__(self) -> _Place:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _copy(folder: Path, prepared: Path) -> _Place:
    import tempfile

    place = _Place(Path(tempfile.mkdtemp(dir=folder)))
    for name in ("models", "warm"):
        shutil.copytree(prepared, place.folder / name)
    return place
