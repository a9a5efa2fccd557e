"""Scoring an export with a version that was trained before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.edge import DOCUMENT, NPZ, Judged, read_model
from wifitrain.light import (
    AlertTeller,
    incident_notice,
    light_model,
    tell_of,
    window_frame,
    write,
)
from wifitrain.monitoring import Notifier, ResourceMonitor
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json, write_parquet
from wifitrain.pipeline.later import Later, Version, check_tells_lines, judge, read_logs
from wifitrain.pipeline.report_run import PAGE
from wifitrain.pipeline.tracking import track
from wifitrain.report import ScoredExport, write_score_report
from wifitrain.scoring import json_lines, read_exceptions

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.light import Output
    from wifitrain.monitoring import Monitoring
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.pseudonyms import Pseudonymiser
    from wifitrain.records import Json, WindowTable
    from wifitrain.scoring import AlertSettings

__all__ = ["ScoreRun"]


@dataclass(frozen=True, kw_only=True)
class _Scored:
    """An export with its verdicts; `told` is None for a version that tells no incidents."""

    version: Version
    later: Later
    frame: pd.DataFrame
    told: Sequence[dict[str, Json]] | None
    data: Mapping[str, Json]

    @property
    def alerts(self) -> int:
        """Windows above the threshold."""
        return int(self.frame["is_anomaly"].sum())

    @property
    def incidents(self) -> list[dict[str, Json]] | None:
        """Every incident once, as it was told when it closed."""
        if self.told is None:
            return None
        return [one for one in self.told if one["state"] == "closed"]


@dataclass(frozen=True, kw_only=True)
class ScoreRun:
    """A version and an export: every window with its verdict, and the incidents among them.

    `package` is the folder of the version; its digests are compared before anything is loaded.
    Isolation forests score through their edge artefact; `trust_pickle` has the pickle score, also
    of a version that was not trained in its folder. Incidents are told and explained by the edge
    artefact: of a version without one there are windows alone.
    """

    engine: Engine
    source: Source
    events: Extractor
    monitoring: Monitoring
    alerts: AlertSettings
    output: Output
    pseudonymiser: Pseudonymiser
    package: str
    trust_pickle: bool = False

    def __post_init__(self) -> None:
        check_tells_lines(self.engine, command="score")

    def run(self, context: RunContext) -> Outcome:
        """Score, write windows.parquet, incidents.jsonl and report.json into the run folder.

        Raises
        ------
        PackageError : the version is damaged, foreign, or was not made for scoring like this.
        ConfigError : the table of `output` cannot be written; all else was left and sent by then.
        """
        monitoring = self.monitoring
        with ResourceMonitor(
            enabled=monitoring.resource_monitoring, limits=monitoring.resource_limits
        ) as resources:
            version = Version.load(Path(self.package), trust_pickle=self.trust_pickle)
            with self.engine as engine:
                logs, events = read_logs(engine, self.source, self.events, context)
                later = judge(engine, events, version)
                judged = _judged(later)
                told = self._tell(engine, later.windows, judged, version)
        scored = _Scored(
            version=version,
            later=later,
            frame=window_frame(later.windows, judged, threshold=later.threshold),
            told=told,
            data={**logs.account, **events.account},
        )
        self._leave(context, scored, resources=resources.to_json())
        where = self._show(context, scored.frame, told or [])
        if (table := self.output.database()) is not None:
            table.write(scored.frame, model=version.name)  # last: only it can be down by itself
        closed = scored.incidents
        shown = "no incidents told" if closed is None else f"{len(closed)} incidents"
        return Outcome(
            closing=f"{scored.alerts} of {len(scored.frame)} windows alert, {shown} | {where}",
            tables=(_table(scored.frame),) if self.output.format == "table" else (),
        )

    def _leave(self, context: RunContext, scored: _Scored, *, resources: Json) -> None:
        """Everything but `output`: the run folder, the history, and notices to people."""
        version, told = scored.version, scored.told
        write_parquet(context.run_dir / "windows.parquet", scored.frame)
        if told is not None:
            write(json_lines(told).encode(), str(context.run_dir / "incidents.jsonl"))
        write_json(
            context.run_dir / "report.json",
            {
                "status": "completed",
                "data": dict(scored.data),
                "windows": {"total": len(scored.frame), "alerts": scored.alerts},
                "incidents": scored.incidents,
                "model": {
                    "version": version.name,
                    "path": self.package,
                    "artefact": version.scorer.artefact,
                },
                "calibration": {"threshold": scored.later.threshold},
                "resources": resources,
            },
        )
        self._draw(context, scored)
        if self.monitoring.performance_tracking:
            track(self.monitoring, version, scored.later, data=scored.data)
        self._send(told or [])

    def _draw(self, context: RunContext, scored: _Scored) -> None:
        """The page of the incidents, where there are explanations and anyone wants it."""
        version, incidents = scored.version, scored.incidents
        if incidents is None or not self.output.pages:
            return
        described = read_model(version.files[NPZ], version.files[DOCUMENT]).features
        drawn = ScoredExport(
            version=version.name,
            windows=scored.frame,
            incidents=incidents,
            pages=self.output.pages,
            meanings={one["name"]: one.get("meaning", "") for one in described},
            data=scored.data,
        )
        write_score_report(drawn, context.run_dir / PAGE)

    def _send(self, told: Sequence[Mapping[str, Any]]) -> None:
        """Incidents to those who want mail or messages; a receiver that is down ends nothing."""
        if self.monitoring.alerting.channels:
            notifier = Notifier(self.monitoring.alerting)
            for one in told:
                if one["state"] == "opened":
                    notifier.tell(incident_notice(one))
            notifier.deliver()

    def _tell(
        self, engine: Engine, windows: WindowTable, judged: Judged, version: Version
    ) -> list[dict[str, Json]] | None:
        """What is told of incidents; None for a version without an edge artefact."""
        if NPZ not in version.files or DOCUMENT not in version.files:
            return None
        model = light_model(version.name, version.files, version.metadata)
        teller = AlertTeller(model, self.alerts, read_exceptions(self.alerts.exceptions))
        return tell_of(
            engine,
            teller,
            windows,
            judged,
            entity=model.features.entity,
            names=self.pseudonymiser,
        )

    def _show(
        self, context: RunContext, frame: pd.DataFrame, told: Sequence[Mapping[str, Any]]
    ) -> str:
        """Write the output that was asked for; returns where it is."""
        output = self.output
        if output.format == "table":
            return f"{context.run_dir}/windows.parquet"
        path = output.path or str(context.run_dir / f"{output.show}.{output.format}")
        write(output.content(frame, told), path)
        return path


def _judged(later: Later) -> Judged:
    """The verdicts in the words of the light room, which tells of them."""
    return Judged(
        score=later.judged.score,
        estimator_score=later.judged.estimator_score,
        is_anomaly=later.alerts,
        reasons=list(later.judged.reasons),
    )


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
