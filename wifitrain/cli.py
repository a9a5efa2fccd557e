"""The command line: Hydra's entry point, errors in one line, one closing line.

``wifitrain`` trains; ``-cn validate``, ``-cn score`` and ``-cn simulate`` do the other work.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shlex
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from hydra.types import RunMode
from omegaconf.errors import OmegaConfBaseException

from wifitrain import log
from wifitrain.assembly import build, config_dir, plain
from wifitrain.errors import ConfigError, WifitrainError
from wifitrain.printable import printable
from wifitrain.provenance import use_one_blas_thread
from wifitrain.sweeper import compose_once

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from wifitrain.pipeline.context import Outcome

__all__ = ["SweepWatcher", "main"]

_FULL_ERROR = "HYDRA_FULL_ERROR"
# New objects before Python looks for cycles among them: imports and expressions make a million that
# stay, and with Python's own 700 looking at them took a second of each run.
_COLLECT_AT = 100_000
_WIDTH = 120  # columns of a table that goes into a file or a pipe
# A URL that carries a password: Hydra writes the command line down before anything can refuse.
# One for PostgreSQL may hold / ? # or a space that should have been encoded.
_PASSWORD = re.compile(
    r"\w://[^\s/@]*:[^\s/@]+@|\bpostgres(?:ql)?://[^@]*:[^@]+@|\w://\S*[?&#]\w*password=",
    re.IGNORECASE,
)
_PRIVATE_KEY = "PRIVATE KEY-----"
_UNKNOWN_KEY = re.compile(r"Could not override '([^']+)'\.\nTo append")


class SweepWatcher(Callback):
    """Remembers where a sweep puts its jobs, so that its table is made whatever fails."""

    sweep_dir: Path | None = None

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:  # noqa: ANN401
        """Called by Hydra before the first job."""
        SweepWatcher.sweep_dir = Path(config.hydra.sweep.dir)


def main() -> None:
    """Run the command line; exit status 1 with one line for a user's error."""
    if secret := _secret_among(sys.argv[1:]):
        sys.exit(_report(ConfigError(secret)))
    wants_traceback = os.environ.get(_FULL_ERROR) == "1"
    sys.argv[1:] = _with_package(sys.argv[1:])
    gc.set_threshold(_COLLECT_AT)
    use_one_blas_thread()
    compose_once()
    os.environ[_FULL_ERROR] = "1"  # Hydra hands errors over instead of printing them itself
    job = hydra.main(version_base="1.3", config_path=str(config_dir()), config_name="train")(_job)
    status = 0
    try:
        job()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has gone
    except (WifitrainError, HydraException, OmegaConfBaseException, OSError) as error:
        if wants_traceback:
            raise
        status = _report(error)
    except ValueError as error:
        if wants_traceback or not isinstance(error.__cause__, WifitrainError):
            raise
        status = _report(error.__cause__)  # logging hands a refused value on like this
    except KeyboardInterrupt:
        sys.stderr.write("wifitrain: interrupted\n")
        status = 130
    if SweepWatcher.sweep_dir is not None:
        _close_sweep(SweepWatcher.sweep_dir)
    if status or _Single.status:
        sys.exit(status or _Single.status)


def _with_package(arguments: list[str]) -> list[str]:
    """`model=FOLDER` of scoring and monitoring as `package=FOLDER`.

    Hydra would look for an option of that name in the group `model`, which trains.
    """
    names = {"score", "monitor", "review"}
    command = [
        *(later for flag, later in pairwise(arguments) if flag in ("-cn", "--config-name")),
        *(flag.partition("=")[2] for flag in arguments if flag.startswith("--config-name=")),
    ]
    if not names & set(command):
        return arguments
    return [f"package={one[6:]}" if one.startswith("model=") else one for one in arguments]


def _secret_among(words: list[str]) -> str | None:
    """Why the command line must not be written down, which Hydra does before all else."""
    if any(_PASSWORD.search(word) for word in words):
        return (
            "a URL on the command line must not carry a password: use PGPASSFILE,"
            " PGPASSWORD or source.password_variable"
        )
    if any(_PRIVATE_KEY in word for word in words):
        return (
            "a private key on the command line would be written down:"
            " storage.signing_key names its file or variable"
        )
    return None


class _Single:
    """Exit status of a job that is not part of a sweep."""

    status = 0


def _job(config: DictConfig) -> None:
    """One job: build all parts, run, close. Called by Hydra."""
    hydra_config = HydraConfig.get()
    in_sweep = hydra_config.mode == RunMode.MULTIRUN
    sweep = Path(hydra_config.sweep.dir).name if in_sweep else None
    run_dir = Path(hydra_config.runtime.output_dir)
    log.configure()
    try:
        outcome = _run(config, run_dir, sweep=sweep)
    except (WifitrainError, OSError) as error:
        _leave_error(run_dir, error)
        if in_sweep:
            raise  # a failed job does not stop the others
        log.get_logger("wifitrain").debug("run failed", error=str(error))
        _Single.status = _report(error)
        return
    except KeyboardInterrupt:
        _leave_error(run_dir, "interrupted")
        raise
    _show(outcome, with_tables=not in_sweep)
    _Single.status = outcome.status


def _leave_error(run_dir: Path, error: Exception | str) -> None:
    """error.json, for the table of a sweep; a full disk may prevent even that."""
    from wifitrain.pipeline.files import write_json

    with contextlib.suppress(WifitrainError):
        write_json(run_dir / "error.json", {"status": "failed", "error": str(error)})


def _run(config: DictConfig, run_dir: Path, *, sweep: str | None) -> Outcome:
    from wifitrain.pipeline.context import RunContext

    values = plain(config)
    if sweep is not None:
        from wifitrain.pipeline.resuming import begin_job, finished_job

        if done := finished_job(run_dir, values):
            return done
        begin_job(run_dir)
    parts = {key: build(node, name=key) for key, node in values.items() if _is_part(node)}
    context = RunContext(
        run_dir=run_dir,
        config=values,
        progress=sys.stderr.isatty() and sweep is None,
        sweep=sweep,
        command=_command(),
    )
    outcome: Outcome = parts["run"].run(context)
    return outcome


def _command() -> str:
    """What would start this job again."""
    told = HydraConfig.get()
    chosen = () if told.job.config_name == "train" else ("-cn", str(told.job.config_name))
    return shlex.join(["wifitrain", *chosen, *told.overrides.task])


def _is_part(node: object) -> bool:
    return isinstance(node, dict) and "_target_" in node


def _show(outcome: Outcome, *, with_tables: bool) -> None:
    from rich.console import Console

    width = None if sys.stdout.isatty() else _WIDTH
    console = Console(highlight=False, soft_wrap=True, width=width)
    if with_tables:
        for table in outcome.tables:
            console.print(table)
    console.print(outcome.closing, markup=False)


def _report(error: BaseException) -> int:
    """One line on standard error; control characters of a hostile input are escaped."""
    unknown = _UNKNOWN_KEY.match(str(error))
    lines = [line.strip() for line in str(error).split("\n")]
    text = (
        f"{unknown[1]} is no key of the configuration: --help shows what can be chosen"
        if unknown
        else "; ".join(line for line in lines if line)
    )
    sys.stderr.write(f"wifitrain: {printable(text)}\n")
    return 1


def _close_sweep(sweep_dir: Path) -> None:
    from wifitrain.pipeline.sweep import close_sweep

    _show(close_sweep(sweep_dir), with_tables=True)
