"""wifitrain-score: score logs on a box without Hydra and scikit-learn, once or as they grow."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.engine import Engine
from wifitrain.errors import ConfigError, WifitrainError
from wifitrain.events import EventExtractor
from wifitrain.export import FileSource, LineStream
from wifitrain.light.alerts import AlertTeller
from wifitrain.light.follower import Follower
from wifitrain.light.heap import share_heap
from wifitrain.light.model import load_light
from wifitrain.light.output import NoticeLog, Output, write
from wifitrain.light.running import Run
from wifitrain.light.scored import Reading, score_export
from wifitrain.light.settings import FollowSettings
from wifitrain.light.tail import FileTail, StreamTail
from wifitrain.light.watching import add_watching, watch_of
from wifitrain.printable import printable
from wifitrain.pseudonyms import Pseudonymiser
from wifitrain.scoring import FORMATS, AlertSettings, read_exceptions

if TYPE_CHECKING:
    from wifitrain.light.model import LightModel

__all__ = ["main"]

_STDIN = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Score; 0 = done, 1 = a fault, named in one line, 2 = not understood."""
    chosen = _parser().parse_args(arguments)
    if bool(chosen.path) == bool(chosen.follow):
        sys.stderr.write("wifitrain-score: give an export to score, or --follow FILE (- reads"
                         " standard input)\n")  # fmt: skip
        return 2
    _log_to_stderr()
    began = time.monotonic()
    try:
        account = _follow(chosen) if chosen.follow else _score(chosen)
    except WifitrainError as error:
        sys.stderr.write(f"wifitrain-score: {printable(' '.join(str(error).split()))}\n")
        return 1
    except BrokenPipeError:  # the reader has gone
        sys.stderr.close()
        return 1
    _say(account, seconds=time.monotonic() - began)
    return 0


def _log_to_stderr() -> None:
    """Standard output is for notices alone."""
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def _score(chosen: argparse.Namespace) -> dict[str, Any]:
    output = Output(
        format=chosen.format, path=chosen.output, show=chosen.show, table=chosen.table,
        url=chosen.database, password_variable=chosen.password_variable,
    )  # fmt: skip
    model = load_light(Path(chosen.model))
    alerts = _alert_settings(chosen)
    pseudonymiser = _pseudonymiser(chosen, model)
    exceptions = read_exceptions(alerts.exceptions)
    with Engine(memory_limit=chosen.memory_limit) as engine:
        reading = Reading(
            source=_source(chosen, model, path=chosen.path),
            events=_events(chosen, model),
            pseudonymiser=pseudonymiser,
            quarantine=engine.scratch / "quarantine.ndjson",
        )
        scored = score_export(engine, model, reading, alerts=alerts, exceptions=exceptions)
    if (table := output.database()) is not None:
        table.write(scored.frame, model=model.version)
    write(output.content(scored.frame, scored.told), output.path)
    return {
        "lines": scored.account["rows"],
        "windows": len(scored.frame),
        "alerts": int(scored.frame["is_anomaly"].sum()),
        "incidents": len(scored.incidents),
        "suppressed": scored.suppressed,
    }


def _follow(chosen: argparse.Namespace) -> dict[str, Any]:
    for option in ("table", "database", "password_variable"):
        if getattr(chosen, option):
            name = option.replace("_", "-")
            raise ConfigError(f"--{name} is for scored exports: a follower writes JSON lines")
    share_heap()
    model = load_light(Path(chosen.model))
    alerts = _alert_settings(chosen)
    is_stream = chosen.follow == _STDIN
    name = "standard input" if is_stream else chosen.follow
    source = _source(chosen, model, path=name)
    watch = watch_of(chosen, Path(chosen.model))
    # A piece is too small to be shared out among threads, each of which takes memory.
    with Engine(memory_limit=chosen.memory_limit, threads=1) as engine:
        follower = Follower(
            engine,
            model,
            stream=LineStream(source=source, name=name),
            events=_events(chosen, model),
            pseudonymiser=_pseudonymiser(chosen, model),
            teller=AlertTeller(model, alerts, read_exceptions(alerts.exceptions)),
            settings=FollowSettings(lateness_s=chosen.lateness, memory_days=chosen.memory_days),
        )
        run = Run(
            follower=follower,
            tail=StreamTail(sys.stdin.fileno()) if is_stream else FileTail(Path(chosen.follow)),
            notices=NoticeLog(chosen.output),
            state=None if chosen.state is None else Path(chosen.state),
            interval_s=chosen.interval,
            batch_lines=chosen.batch_lines,
            stop_at_end=chosen.stop_at_end,
            watch=watch,
        )
        return dict(run.go())


def _alert_settings(chosen: argparse.Namespace) -> AlertSettings:
    return AlertSettings(
        gap_windows=chosen.gap_windows,
        persistence=chosen.persistence,
        persistence_of=max(chosen.persistence_of, chosen.persistence),
        cooldown_s=chosen.cooldown,
        lines=chosen.lines,
        exceptions=chosen.exceptions,
    )


def _source(chosen: argparse.Namespace, model: LightModel, *, path: Any) -> FileSource:  # noqa: ANN401 - one path or several
    trained = model.source
    known = {
        key: trained[key]
        for key in ("timezone", "wifi_programs", "programs", "clock_reset", "max_message_chars")
        if key in trained
    }
    if chosen.timezone is not None:
        known["timezone"] = chosen.timezone
    return FileSource(
        **{**known, **_privacy(chosen, model)}, path=path, year=chosen.year, shape=chosen.shape
    )


def _events(chosen: argparse.Namespace, model: LightModel) -> EventExtractor:
    programs = model.source.get("wifi_programs")
    known = {} if programs is None else {"wifi_programs": programs}
    return EventExtractor(**known, **_privacy(chosen, model))


def _pseudonymiser(chosen: argparse.Namespace, model: LightModel) -> Pseudonymiser:
    privacy = _privacy(chosen, model)
    return Pseudonymiser(enabled=privacy["pseudonymise"], key_file=privacy["pseudonym_key_file"])


def _privacy(chosen: argparse.Namespace, model: LightModel) -> dict[str, Any]:
    return {
        "pseudonymise": model.source.get("pseudonymise", True) and not chosen.clear_names,
        "pseudonym_key_file": chosen.pseudonym_key_file,
    }


def _say(account: dict[str, Any], *, seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    said = ", ".join(f"{value} {key}" for key, value in account.items() if value not in ({}, None))
    rate = account["windows"] / max(seconds, 1e-9)
    sys.stderr.write(
        f"wifitrain-score: {said} in {seconds:.1f} s ({rate:.0f} windows/s, peak {peak} MB)\n"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wifitrain-score",
        description="Score access-point logs with a trained version: edge artefact, no Hydra, no"
        " scikit-learn.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("model", help="folder of the version: models/model_...")
    add("path", nargs="*", help="exports to score: file, folder or glob, of any known shape")
    add("--follow", metavar="FILE", help="follow a growing syslog file; - reads standard input")
    add(
        "--show", choices=("incidents", "windows"), default="incidents", help="(default: incidents)"
    )
    add("--format", choices=FORMATS, default="table",
        help="of scored exports; a follower writes JSON lines (default: table)")  # fmt: skip
    add("--output", metavar="FILE", help="instead of standard output")
    add("--table", help="of PostgreSQL: takes the windows of a scored export, too")
    add("--database", metavar="URL", help="of --table: postgresql://user@host/db, no password")
    add("--password-variable", metavar="NAME", help="holds it; else PGPASSFILE, PGPASSWORD")
    _add_reading(parser)
    _add_following(parser)
    _add_alerts(parser)
    add_watching(parser)
    return parser


def _add_reading(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("reading").add_argument
    add("--shape", default="auto", help="of an export (default: auto)")
    add("--year", type=int, help="year of the first stamp that has none")
    add("--timezone", help="zone of stamps that carry none (default: as in training)")
    add("--clear-names", action="store_true", help="show stations and networks as they are")
    add("--pseudonym-key-file", metavar="FILE", help="file of the pseudonym key")
    add("--memory-limit", default="512MB", help="of the engine (default: 512MB)")


def _add_following(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("following").add_argument
    add("--state", metavar="FILE", help="where a run that was stopped or killed goes on from")
    add("--lateness", type=int, default=60, metavar="S",
        help="seconds that a line may come late (default: 60)")  # fmt: skip
    add("--interval", type=float, default=10.0, metavar="S",
        help="seconds between two looks at the log (default: 10)")  # fmt: skip
    add("--batch-lines", type=int, default=20_000, metavar="N", help="(default: 20000)")
    add("--memory-days", type=int, default=7, metavar="N",
        help="after which an open session is forgotten (default: 7)")  # fmt: skip
    add("--stop-at-end", action="store_true", help="end with the lines that are there now")


def _add_alerts(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("alerts").add_argument
    add("--gap-windows", type=int, default=3, metavar="N",
        help="quiet windows within one incident (default: 3)")  # fmt: skip
    add("--persistence", type=int, default=1, metavar="K", help="alerts that open an incident ...")
    add("--persistence-of", type=int, default=1, metavar="N", help="... among so many windows")
    add("--cooldown", type=int, default=0, metavar="S", help="seconds without a new incident")
    add("--lines", type=int, default=10, metavar="N", help="raw lines shown (default: 10)")
    add("--exceptions", metavar="FILE", help="maintenance times and allowed alerts (JSON)")


if __name__ == "__main__":
    sys.exit(main())
