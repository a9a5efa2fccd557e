"""A simulated site, a version trained on it by the command line, and ways to score with it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from wifitrain.engine import Engine
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource, LineStream
from wifitrain.light import (
    AlertTeller,
    Follower,
    FollowSettings,
    Reading,
    load_light,
    score_export,
)
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.scoring import AlertSettings, Exceptions

KEY = "0123456789abcdef0123"
#: kind -> access point and hours since the start of the four days
INCIDENTS = {
    "deauth_flood": ("ap-01", 58, 900),
    "wrong_psk": ("ap-02", 70, 1200),
    "assoc_flapping": ("ap-01", 82, 1200),
}


@dataclass(frozen=True)
class Show:
    """A version, and a log that it has not seen."""

    model: Path
    log: Path


def command(*arguments: str, cwd: Path, module: str = "wifitrain") -> str:
    """Run a command line to its end; its output."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def environment() -> dict[str, str]:
    """The environment of a process that is started here."""
    return {**os.environ, "WIFITRAIN_PSEUDONYM_KEY": KEY}


def site(folder: Path) -> Path:
    """Four days of two access points as syslog text, with three incidents on days 3 and 4."""
    log = folder / "site.log"
    told = ", ".join(
        f"{{kind: {kind}, access_point: {where}, hour: {hour}, duration_s: {seconds}}}"
        for kind, (where, hour, seconds) in INCIDENTS.items()
    )
    command(
        "-cn", "simulate", f"path={log}", "shape=E9", "simulation.days=4",
        "simulation.access_points=2", "simulation.seed=11", f"simulation.incidents=[{told}]",
        cwd=folder,
    )  # fmt: skip
    return log


def halves(log: Path) -> tuple[Path, Path]:
    """Days 1 and 2, and days 3 and 4."""
    first, second = log.with_name("first.log"), log.with_name("second.log")
    lines = log.read_bytes().splitlines(keepends=True)
    first.write_bytes(b"".join(line for line in lines if _day(line) < 4))
    second.write_bytes(b"".join(line for line in lines if _day(line) >= 4))
    return first, second


def _day(line: bytes) -> int:
    return int(line.split(b">", 1)[1].split()[1])


def train(folder: Path, log: Path) -> Path:
    """The version that the pipeline makes from `log`."""
    command(
        f"source.path={log}", "source.year=2026", "evaluation=quick", "training.alerts_per_day=2",
        "evaluation.incidents.enabled=true", "evaluation.incidents.repeats=2",
        "evaluation.incidents.intensities=[0.3, 1.0]", cwd=folder,
    )  # fmt: skip
    return next((folder / "models").glob("model_2*"))


def source_of(log: Path) -> FileSource:
    """Reads syslog text of 2026."""
    return FileSource(path=str(log), year=2026)


def whole(show: Show):
    """The log scored at once."""
    with Engine() as engine:
        reading = Reading(
            source=source_of(show.log),
            events=EventExtractor(),
            pseudonymiser=Pseudonymiser(),
            quarantine=engine.scratch / "quarantine",
        )
        model = load_light(show.model)
        return score_export(engine, model, reading, alerts=AlertSettings(), exceptions=Exceptions())


def follower_of(show: Show, engine: Engine, *, lateness_s: int = 60) -> Follower:
    """A follower of the log that has read nothing yet."""
    model = load_light(show.model)
    return Follower(
        engine,
        model,
        stream=LineStream(source=source_of(show.log), name="log"),
        events=EventExtractor(),
        pseudonymiser=Pseudonymiser(),
        teller=AlertTeller(model, AlertSettings(), Exceptions()),
        settings=FollowSettings(lateness_s=lateness_s),
    )
