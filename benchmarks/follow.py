"""``make bench-follow``: a follower's memory over ten million lines, and its scorer's beside
scikit-learn's.

Simulated syslog lines (seeded, made while they are followed) go through a pipe into
`wifitrain-score --follow -`, a process of its own whose memory is sampled. FOLLOW_LINES is their
number (10,000,000), FOLLOW_FOLDER where a model is trained first.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import machine
from benchmarks.scorers import Scorers, measured_scorers
from wifitrain.simulation import Simulator, write_export

__all__ = ["Followed", "main"]

_LINES_A_DAY = 84_000  # that the site below writes
_TRAINING_DAYS = 3
_SAMPLE_S = 0.5
_TOLD_EVERY = 100_000
_SHOWN = (50_000, 100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000)
_HEADING = "## Following"


@dataclass(kw_only=True)
class Followed:
    """What became of a follower: (lines written to it, seconds, resident MB) over time."""

    samples: list[tuple[int, float, float]] = field(default_factory=list)
    said: str = ""
    seconds: float = 0.0
    cpu_s: float = 0.0

    @property
    def windows(self) -> int:
        """Windows that were judged."""
        return int(re.findall(r"(\d+) windows,", self.said)[0])


def main() -> None:
    """Measure, print, and put the results under their heading in README.md."""
    os.environ.setdefault("WIFITRAIN_PSEUDONYM_KEY", "0123456789abcdef0123")
    wanted = int(os.environ.get("FOLLOW_LINES", "10000000"))
    chosen = os.environ.get("FOLLOW_FOLDER")
    with tempfile.TemporaryDirectory(prefix="wifitrain-follow-") as temporary:
        folder = Path(chosen or temporary)
        model = _model(folder)
        followed = _followed(model, wanted, folder)
        scorers = measured_scorers(model, folder)
    text = _table(followed, scorers)
    sys.stdout.write(text)
    _publish(text)


def _model(folder: Path) -> Path:
    """A version trained on the first days of the same site."""
    found = sorted((folder / "models").glob("model_2*"))
    if not found:
        write_export(_site(_TRAINING_DAYS), folder / "train.log", "E9")
        subprocess.run(
            [sys.executable, "-m", "wifitrain", "source.path=train.log", "source.year=2026",
             "evaluation=quick", "training.alerts_per_day=2"],
            cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        found = sorted((folder / "models").glob("model_2*"))
    return found[0]


def _site(days: float) -> Simulator:
    return Simulator(
        access_points=24,
        stations_per_access_point=60,
        days=days,
        dialects=["hostapd_broadcom", "hostapd_openwrt", "wlceventd"],
        seed=7,
    )


def _pieces(wanted: int) -> Iterator[tuple[int, bytes]]:
    """Some thousand lines at a time, as they would be written, with their number."""
    from wifitrain.simulation.shapes import syslog_texts

    left = wanted
    for table in _site(wanted / _LINES_A_DAY * 1.02 + 1).lines(batch_rows=2_000):
        texts = syslog_texts(table, pri=True).to_pylist()[:left]
        yield len(texts), ("\n".join(texts) + "\n").encode()
        left -= len(texts)
        if left <= 0:
            return


def _followed(model: Path, wanted: int, folder: Path) -> Followed:
    command = [sys.executable, "-m", "wifitrain.light.console", str(model), "--follow", "-",
               "--year", "2026", "--output", str(folder / "told.jsonl")]  # fmt: skip
    found, written, began = Followed(), [0], time.monotonic()
    with (folder / "said.txt").open("w+") as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=said, start_new_session=True
        )
        sampler = threading.Thread(target=_sample, args=(process.pid, written, found.samples))
        sampler.start()
        _feed(process, wanted, written)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        found.seconds, found.cpu_s = time.monotonic() - began, used.ru_utime + used.ru_stime
        sampler.join()
        said.seek(0)
        found.said = said.read().strip().splitlines()[-1]
    if process.returncode:
        raise SystemExit(f"the follower failed: {found.said}")
    return found


def _feed(process: subprocess.Popen[bytes], wanted: int, written: list[int]) -> None:
    """Write the lines; Ctrl-C ends the log early, and what was followed so far is told."""
    if process.stdin is None:
        raise RuntimeError("the follower has no standard input")
    with process.stdin, contextlib.suppress(KeyboardInterrupt):
        for lines, content in _pieces(wanted):
            process.stdin.write(content)
            written[0] += lines
            if written[0] % _TOLD_EVERY < lines:
                sys.stderr.write(f"  {written[0]:,} lines: {_resident_mb(process.pid):.0f} MB\n")


def _sample(pid: int, written: list[int], samples: list[tuple[int, float, float]]) -> None:
    began = time.monotonic()
    while True:
        resident_mb = _resident_mb(pid)
        if not resident_mb:  # it has ended
            return
        samples.append((written[0], time.monotonic() - began, resident_mb))
        time.sleep(_SAMPLE_S)


def _resident_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    resident = re.search(r"VmRSS:\s+(\d+)", status)
    return 0.0 if resident is None else int(resident[1]) / 1024


def _table(followed: Followed, scorers: Scorers) -> str:
    wanted = followed.samples[-1][0]
    lines = [
        f"{machine()}",
        "",
        f"{wanted:,} lines ({followed.windows:,} windows of 24 access points) followed in"
        f" {followed.seconds:.0f} s, {followed.cpu_s:.0f} s of a processor:"
        f" {wanted / followed.cpu_s:,.0f} lines and {followed.windows / followed.cpu_s:,.0f}"
        f" windows a CPU second; highest {max(one[2] for one in followed.samples):.0f} MB.",
        "",
        "| lines | resident MB (mean since the row before) | highest | lines/s, wall |",
        "|---:|---:|---:|---:|",
    ]
    before = 0
    for shown in _SHOWN:
        between = [one for one in followed.samples if before < one[0] <= shown]
        if between and shown <= wanted:
            memory = [one[2] for one in between]
            rate = (between[-1][0] - before) / max(between[-1][1] - between[0][1], _SAMPLE_S)
            mean = sum(memory) / len(memory)
            lines.append(f"| {shown:,} | {mean:.0f} | {max(memory):.0f} | {rate:,.0f} |")
            before = shown
    return "\n".join([*lines, "", *scorers.table(), ""])


def _publish(text: str) -> None:
    """Under the heading, up to the next one."""
    readme = Path(__file__).parent / "README.md"
    content = readme.read_text("utf-8")
    before, _, rest = content.partition(f"\n{_HEADING}\n")
    after = rest[rest.index("\n## ") :] if "\n## " in rest else ""
    readme.write_text(f"{before.rstrip()}\n\n{_HEADING}\n\n{text.rstrip()}\n{after}", "utf-8")


if __name__ == "__main__":
    main()
