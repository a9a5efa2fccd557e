"""Scoring an export with a version that was trained before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.pipeline.account import alert_reasons
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json, write_parquet
from wifitrain.pipeline.scorer import Scorer, load_scorer

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.records import EventTable, LogTable, WindowTable
    from wifitrain.training import Judgement

__all__ = ["ScoreRun"]


@dataclass(frozen=True, kw_only=True)
class ScoreRun:
    """A version and an export: every window with its score, threshold, verdict and reason.

    `package` is the folder of the version; its digests are compared before anything is loaded.
    Isolation forests score through their edge artefact; `trust_pickle` has the pickle score, also
    of a version that was not trained in its folder.
    """

    engine: Engine
    source: Source
    events: Extractor
    package: str
    trust_pickle: bool = False

    def run(self, context: RunContext) -> Outcome:
        """Score and write windows.parquet and report.json into the run folder.

        Raises
        ------
        PackageError : the version is damaged, foreign, or was not made for scoring like this.
        """
        folder = Path(self.package)
        scorer = load_scorer(folder, trust_pickle=self.trust_pickle)
        logs, events, windows = self._windows(context, scorer)
        judged = scorer.detector.judge(windows.X, windows.kinds)
        frame = _frame(windows, judged, threshold=scorer.threshold)
        alerts = int(frame["is_anomaly"].sum())
        write_parquet(context.run_dir / "windows.parquet", frame)
        write_json(
            context.run_dir / "report.json",
            {
                "status": "completed",
                "data": {**logs.account, **events.account},
                "windows": {"total": len(frame), "alerts": alerts},
                "model": {"version": folder.name, "path": str(folder), "artefact": scorer.artefact},
                "calibration": {"threshold": scorer.threshold},
            },
        )
        return Outcome(
            closing=f"{alerts} of {len(frame)} windows alert | {context.run_dir}/windows.parquet",
            tables=(_table(frame),),
        )

    def _windows(
        self, context: RunContext, scorer: Scorer
    ) -> tuple[LogTable, EventTable, WindowTable]:
        with self.engine as engine:
            logs = self.source.read(
                engine,
                quarantine=context.run_dir / "quarantine.ndjson",
                progress=context.progress,
            )
            events = self.events.extract(engine, logs)
            return logs, events, scorer.features.build(engine, events, columns=scorer.columns)


def _frame(windows: WindowTable, judged: Judgement, *, threshold: float) -> pd.DataFrame:
    frame = windows.index[["entity", "start", "end"]].copy()
    frame["score"] = judged.score
    frame["estimator_score"] = judged.estimator_score
    frame["threshold"] = threshold
    frame["is_anomaly"] = judged.score > threshold
    frame["reason"] = alert_reasons(frame["is_anomaly"], judged.reasons)
    return frame


def _table(frame: pd.DataFrame, *, most: int = 20) -> object:
    """The highest alerts for people."""
    from rich.table import Table
    from rich.text import Text

    columns = ("entity", "start", "score", "reason")
    table = Table(*columns, title=f"highest alerts (at most {most})", title_justify="left")
    for _, row in frame[frame["is_anomaly"]].nlargest(most, "score").iterrows():
        cells = (row["entity"], str(row["start"]), f"{row['score']:.4f}", row["reason"])
        table.add_row(*(Text(str(cell)) for cell in cells))
    return table
