"""A later export beside a version's training: stable, drifting or broken input."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import EventError, ExportError, FeatureError
from wifitrain.log import get_logger
from wifitrain.monitoring import (
    Batch,
    BatchReport,
    Notice,
    Notifier,
    ResourceMonitor,
    broken,
    compare,
    history_file,
    history_lock,
    read_entries,
    wealth_after,
)
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json
from wifitrain.pipeline.later import Later, Version, judge, read_logs
from wifitrain.pipeline.tracking import track

if TYPE_CHECKING:
    from wifitrain.engine import Engine
    from wifitrain.monitoring import Monitoring
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.records import Json

__all__ = ["MonitorRun"]

_log = get_logger("wifitrain")
#: Exit statuses that a timer or a cron job can tell apart; 1 is an error of the user's.
_STATUS: Mapping[str, int] = {"stable": 0, "drifting": 3, "broken input": 4}
_DRIFTS_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class MonitorRun:
    """A version (folder `package`) and the logs that came after it."""

    engine: Engine
    source: Source
    events: Extractor
    monitoring: Monitoring
    package: str
    trust_pickle: bool = False

    def run(self, context: RunContext) -> Outcome:
        """Compare, and write monitor.json, the version's history and its page; tell people.

        Raises
        ------
        PackageError : the version is damaged, foreign, or carries no baseline.
        """
        monitoring = self.monitoring
        with ExitStack() as held:
            with ResourceMonitor(
                enabled=monitoring.resource_monitoring, limits=monitoring.resource_limits
            ) as resources:
                version = Version.load(Path(self.package), trust_pickle=self.trust_pickle)
                report, later, data = self._compare(version, context, held)
            content: dict[str, Json] = {
                "status": "completed",
                "model": {"version": version.name, "path": self.package},
                "monitoring": report.to_json(),
                "data": dict(data),
                "resources": resources.to_json(),
            }
            write_json(context.run_dir / "monitor.json", content)
            page = track(monitoring, version, later, data=data, report=report)
        self._tell(version, report)
        return Outcome(
            closing=f"{report.verdict} | {context.run_dir / 'monitor.json'} | history: {page}",
            status=_STATUS[report.verdict],
            tables=(_table(report),),
        )

    def _compare(
        self, version: Version, context: RunContext, held: ExitStack
    ) -> tuple[BatchReport, Later | None, Mapping[str, Any]]:
        """The report; input that cannot become windows is a verdict, not an error.

        `held` keeps the history until this batch is in it: no other one bets on what this one did.
        """
        baseline = version.baseline()
        try:
            with self.engine as engine:
                logs, events = read_logs(engine, self.source, self.events, context)
                later = judge(engine, events, version)
        except (ExportError, EventError, FeatureError) as error:
            return broken(str(error)), None, {}
        data = {**logs.account, **events.account}
        batch = Batch(
            windows=later.windows,
            scores=later.judged.estimator_score,
            alerts=later.alerts,
            data=data,
            now=dt.datetime.now(dt.UTC).replace(tzinfo=None),
        )
        history = history_file(self.monitoring.history, version.name)
        held.enter_context(history_lock(history))
        report = compare(
            baseline,
            batch,
            limits=self.monitoring.limits,
            before=wealth_after(read_entries(history)),
        )
        return report, later, data

    def _tell(self, version: Version, report: BatchReport) -> None:
        notifier = Notifier(self.monitoring.alerting)
        if report.verdict != "stable":
            notifier.tell(
                Notice(
                    group=f"{version.name} {report.verdict}",
                    title=f"wifitrain: {version.name} {report.verdict}",
                    body="\n".join([*report.reasons[:_DRIFTS_SHOWN], report.advice]),
                    critical=report.verdict == "broken input",
                )
            )
        notifier.deliver()


def _table(report: BatchReport) -> object:
    """The verdict with its reasons, then what moved most."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, title="monitor", title_justify="left")
    table.add_row("verdict", report.verdict)
    for name, lines in (("because", report.reasons), ("note", report.notes)):
        for line in lines:
            table.add_row(name, Text(line))
    table.add_row("do", report.advice)
    if report.alert_rate is not None:
        rate = report.alert_rate
        table.add_row("alert rate", f"{rate.rate:.2%} (limits {rate.low:.2%} to {rate.high:.2%})")
    if report.martingale is not None:
        bet = report.martingale
        table.add_row(
            "martingale",
            f"10^{bet.largest_log10:.2f} (alarm at 10^{bet.limit_log10:.2f}) after {bet.windows}"
            f" windows of {bet.batches} batches",
        )
    for drift in report.distributions[:_DRIFTS_SHOWN]:
        state = "drifted" if drift.drifted else f"p {drift.p_value:.2g}"
        table.add_row(
            "moved",
            Text(f"{drift.name}: {drift.distance:.3f}, at least {drift.at_least:.3f}, {state}"),
        )
    return table
