"""Scoring an export with a version that was trained before."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.monitoring import ResourceMonitor
from wifitrain.pipeline.account import alert_reasons
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json, write_parquet
from wifitrain.pipeline.later import Later, Version, judge, read_logs
from wifitrain.pipeline.tracking import track

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.monitoring import Monitoring
    from wifitrain.pipeline.parts import Extractor, Source

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
    monitoring: Monitoring
    package: str
    trust_pickle: bool = False

    def run(self, context: RunContext) -> Outcome:
        """Score, write windows.parquet and report.json into the run folder, and keep the history.

        Raises
        ------
        PackageError : the version is damaged, foreign, or was not made for scoring like this.
        """
        monitoring = self.monitoring
        with ResourceMonitor(
            enabled=monitoring.resource_monitoring, limits=monitoring.resource_limits
        ) as resources:
            version = Version.load(Path(self.package), trust_pickle=self.trust_pickle)
            with self.engine as engine:
                logs, events = read_logs(engine, self.source, self.events, context)
                later = judge(engine, events, version)
        data = {**logs.account, **events.account}
        frame = _frame(later)
        alerts = int(frame["is_anomaly"].sum())
        write_parquet(context.run_dir / "windows.parquet", frame)
        write_json(
            context.run_dir / "report.json",
            {
                "status": "completed",
                "data": data,
                "windows": {"total": len(frame), "alerts": alerts},
                "model": {
                    "version": version.name,
                    "path": self.package,
                    "artefact": version.scorer.artefact,
                },
                "calibration": {"threshold": later.threshold},
                "resources": resources.to_json(),
            },
        )
        if monitoring.performance_tracking:
            track(monitoring, version, later, data=data)
        return Outcome(
            closing=f"{alerts} of {len(frame)} windows alert | {context.run_dir}/windows.parquet",
            tables=(_table(frame),),
        )


def _frame(later: Later) -> pd.DataFrame:
    judged = later.judged
    frame = later.windows.index[["entity", "start", "end"]].copy()
    frame["score"] = judged.score
    frame["estimator_score"] = judged.estimator_score
    frame["threshold"] = later.threshold
    frame["is_anomaly"] = later.alerts
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
