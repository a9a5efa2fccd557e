"""People look at windows: pick them, and judge the model by their verdicts."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError, DataError
from wifitrain.light import light_model
from wifitrain.pipeline.asking import Showcase, ask
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json
from wifitrain.pipeline.later import Version, check_tells_lines, read_logs
from wifitrain.review import Estimate, Judged, judge_queue, pick, read_queue, write_queue

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.pseudonyms import Pseudonymiser

__all__ = ["Looking", "ReviewRun"]

_ACTIONS = ("pick", "ask", "judge")
_LINES = 20  # of a window, shown to who is asked
_FEWEST = 10


@dataclass(frozen=True, kw_only=True)
class Looking:
    """How logs are read and shown."""

    engine: Engine
    source: Source
    events: Extractor
    pseudonymiser: Pseudonymiser


@dataclass(frozen=True, kw_only=True)
class ReviewRun:
    """A queue of windows in a CSV file that people fill in.

    Parameters
    ----------
    action : `pick` writes `queue` from the windows of a run, `ask` shows each and takes a verdict,
        `judge` reads the verdicts.
    queue : the CSV file.
    windows : windows.parquet of a training or scoring; needed to pick.
    count : windows to look at, at least 10.
    random_share : share of them that is drawn at random, in (0, 1]: it alone tells what the
        model missed.
    seed : of the draw.
    package : folder of the version that explains; needed to ask.
    looking : how the logs are read that the queue's windows are from; needed to ask.
    """

    action: str = "pick"
    queue: str = "review.csv"
    windows: str | None = None
    count: int = 100
    random_share: float = 0.5
    seed: int = 42
    package: str | None = None
    looking: Looking | None = None

    def __post_init__(self) -> None:
        if self.action not in _ACTIONS:
            raise ConfigError(f"action must be one of {', '.join(_ACTIONS)}, got {self.action!r}")
        if isinstance(self.count, bool) or not isinstance(self.count, int) or self.count < _FEWEST:
            raise ConfigError(
                f"count must be a whole number of at least {_FEWEST}, got {self.count!r}"
            )
        if isinstance(self.random_share, bool) or not 0 < self.random_share <= 1:
            raise ConfigError(f"random_share must be in (0, 1], got {self.random_share!r}")
        if self.action == "pick" and not self.windows:
            raise ConfigError("windows must name the windows.parquet of a run to pick from")
        if self.action == "ask" and (self.package is None or self.looking is None):
            raise ConfigError("package must name the folder of the version that explains windows")
        if self.action == "ask" and self.looking is not None:
            check_tells_lines(self.looking.engine, command="ask for verdicts")

    def run(self, context: RunContext) -> Outcome:
        """Write the queue; or ask; or write review.json, and labels.csv for `source.labels`.

        Raises
        ------
        DataError : no windows, a queue that is there already, or verdicts that cannot be read.
        """
        if self.action == "ask" and self.looking is not None and self.package is not None:
            return self._ask(context, self.looking, self.package)
        return self._pick() if self.action == "pick" else self._judge(context)

    def _ask(self, context: RunContext, looking: Looking, package: str) -> Outcome:
        from rich.console import Console

        path = Path(self.queue)
        read_queue(path)  # refuses what is no queue before the logs are read
        version = Version.load(Path(package), trust_pickle=False)
        model = light_model(version.name, version.files, version.metadata)
        with looking.engine as engine:
            _, events = read_logs(engine, looking.source, looking.events, context)
            windows = model.features.build(engine, events, columns=model.edge.columns)
            showcase = Showcase.of(
                model,
                windows,
                connection=engine.connection,
                names=looking.pseudonymiser,
                lines=_LINES,
            )
            answers = ask(path, showcase, Console())
        return Outcome(
            closing=f"{answers.given} verdicts saved, {answers.left} windows open: {path}"
            f" | wifitrain -cn review action=judge queue={path}"
        )

    def _pick(self) -> Outcome:
        path = Path(self.queue)
        queue = pick(
            _read(Path(str(self.windows))),
            count=self.count,
            random_share=self.random_share,
            seed=self.seed,
        )
        write_queue(queue, path)
        return Outcome(
            closing=f"{len(queue)} windows: {path} | write anomaly, normal or unsure into the"
            f" column verdict, then: wifitrain -cn review action=judge queue={path}"
        )

    def _judge(self, context: RunContext) -> Outcome:
        queue = read_queue(Path(self.queue))
        judged = judge_queue(queue)
        labels = context.run_dir / "labels.csv"
        _write_labels(queue, labels)
        write_json(context.run_dir / "review.json", {"queue": self.queue, **asdict(judged)})
        return Outcome(
            closing=f"{judged.looked_at} of {len(queue)} windows looked at"
            f" | {context.run_dir / 'review.json'} | source.labels={labels}",
            tables=(_table(judged),),
        )


def _read(path: Path) -> pd.DataFrame:
    """The windows of a run; those of a training only from its test part, which is not learned."""
    import pandas as pd
    import pyarrow as pa

    try:
        frame = pd.read_parquet(path)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file") from error
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(f"{path} is not the windows.parquet of a run: {error}") from error
    needed = ("entity", "start", "end", "score", "is_anomaly", "reason")
    if missing := [name for name in needed if name not in frame.columns]:
        raise DataError(f"{path}: columns {', '.join(missing)} are missing")
    return frame[frame["part"] == "test"] if "part" in frame.columns else frame


def _write_labels(queue: pd.DataFrame, path: Path) -> None:
    """Anomalous windows as intervals that `source.labels` reads."""
    found = queue[queue["verdict"].fillna(False)]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("start", "end", "access_point", "kind"))
        ordered: list[dict[str, Any]] = found.sort_values(["entity", "start"]).to_dict("records")  # type: ignore[assignment]
        for window in ordered:
            times = (window[key].isoformat() for key in ("start", "end"))
            writer.writerow((*times, window["entity"], "review"))


def _table(judged: Judged) -> object:
    from rich.table import Table

    table = Table(show_header=False, title="review", title_justify="left")
    table.add_row("precision", _shown(judged.precision, "not every stratum of alerts was judged"))
    table.add_row("recall", _shown(judged.recall, "no anomaly found, or not every stratum judged"))
    if judged.anomalies is not None:
        of = judged.anomalies
        shown = f"{of.value:.0f} of {judged.windows} ({of.low:.0f} to {of.high:.0f})"
        table.add_row("anomalous windows", shown)
    for name, stratum in judged.strata.items():
        table.add_row(
            name,
            f"{stratum['anomalies']} anomalies in {stratum['judged']} judged"
            f" of {stratum['windows']} windows",
        )
    if judged.unsure:
        table.add_row("unsure", f"{judged.unsure} windows, counted as not looked at")
    return table


def _shown(estimate: Estimate | None, otherwise: str) -> str:
    if estimate is None:
        return otherwise
    return f"{estimate.value:.0%} ({estimate.low:.0%} to {estimate.high:.0%})"
