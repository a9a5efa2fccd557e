"""Champion and candidate on the same later logs, or all jobs of a sweep: which one to take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.monitoring import ResourceMonitor
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json
from wifitrain.pipeline.later import Later, Version, judge, read_logs
from wifitrain.pipeline.precision_gain import precision_gain
from wifitrain.pipeline.sweep import compare_sweep
from wifitrain.scoring import alert_reasons

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.monitoring import Monitoring
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.pseudonyms import Pseudonymiser
    from wifitrain.records import Json, LogTable

__all__ = ["CompareRun"]

_SHOWN = 20  # windows of each kind with their lines
_LINES = 20
_EVIDENCE = ("verdict", "labels", "alert_volume", "basic_metrics", "gates")


@dataclass(frozen=True, kw_only=True)
class CompareRun:
    """Two versions (folders `champion` and `candidate`) and logs that neither was trained on.

    Or the folder of a `sweep`: then no logs are read.
    """

    engine: Engine
    source: Source
    events: Extractor
    monitoring: Monitoring
    pseudonymiser: Pseudonymiser
    champion: str | None = None
    candidate: str | None = None
    sweep: str | None = None
    trust_pickle: bool = False

    def __post_init__(self) -> None:
        pair = [folder for folder in (self.champion, self.candidate) if folder is not None]
        if len(pair) != (0 if self.sweep is not None else 2):
            raise ConfigError("compare takes champion=... and candidate=..., or sweep=... alone")

    def run(self, context: RunContext) -> Outcome:
        """Read once, judge twice, and write compare.json into the run folder; or close a sweep.

        Raises
        ------
        PackageError : a version is damaged or foreign.
        ConfigError : the versions judge different things: access points here, stations there; or
            there is no sweep.
        """
        if self.sweep is not None:
            return compare_sweep(Path(self.sweep))
        return self._versions(context)

    def _versions(self, context: RunContext) -> Outcome:
        versions = [
            Version.load(Path(folder), trust_pickle=self.trust_pickle)
            for folder in (str(self.champion), str(self.candidate))
        ]
        _check(versions)
        limits = self.monitoring.resource_limits
        with ResourceMonitor(limits=limits) as resources, self.engine as engine:
            logs, events = read_logs(engine, self.source, self.events, context)
            old, new = (judge(engine, events, version) for version in versions)
            gained, lost = _unmatched(new, old), _unmatched(old, new)
            content: dict[str, Json] = {
                "status": "completed",
                "champion": _side(versions[0], old),
                "candidate": _side(versions[1], new),
                **precision_gain(old, new),
                "kept": int(new.alerts.sum()) - len(gained),
                "gained": self._with_lines(logs, new, gained),
                "lost": self._with_lines(logs, old, lost),
                "data": {**logs.account, **events.account},
                "resources": resources.to_json(),
            }
        write_json(context.run_dir / "compare.json", content)
        return Outcome(
            closing=f"{len(gained)} alerts gained, {len(lost)} lost, {content['kept']} kept"
            f" | {context.run_dir / 'compare.json'}",
            tables=(_table(content),),
        )

    def _with_lines(self, logs: LogTable, later: Later, rows: Sequence[int]) -> dict[str, Json]:
        """How many windows, and the highest of them with their reason and first lines."""
        frame = _frame(later).iloc[list(rows)].nlargest(_SHOWN, "score")
        windows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
        shown: list[Json] = [
            {
                "entity": window["entity"],
                "start": window["start"].isoformat(),
                "score": window["score"],
                "reason": window["reason"],
                "lines": self._lines(logs, window),
            }
            for window in windows
        ]
        return {"windows": len(rows), "highest": shown}

    def _lines(self, logs: LogTable, window: Mapping[str, Any]) -> list[Json]:
        """The first lines of the window on the access point, addresses pseudonymised."""
        table = logs.table
        rows = table.filter(
            (table.access_point == window["entity"].split("/", maxsplit=1)[0])
            & (table.time >= window["start"])
            & (table.time < window["end"])
        )
        chosen = rows.order_by(["time", "arrival"]).limit(_LINES).select("time", "message")
        return [
            f"{row['time']:%H:%M:%S} {self.pseudonymiser.text(row['message'])}"
            for row in chosen.to_pyarrow().to_pylist()
        ]


def _check(versions: Sequence[Version]) -> None:
    one, other = (version.scorer.features.entity for version in versions)
    if one != other:
        raise ConfigError(
            f"champion judges windows of each {one}, candidate of each {other}:"
            " their alerts cannot be laid side by side"
        )


def _unmatched(these: Later, those: Later) -> list[int]:
    """Rows of alerts in `these` that no alert of the same entity in `those` overlaps."""
    import numpy as np

    other = those.windows.index[those.alerts]
    found: list[int] = []
    for entity, windows in these.windows.index[these.alerts].groupby("entity"):
        same = other[other["entity"] == entity]
        begun = np.searchsorted(np.sort(same["start"].to_numpy()), windows["end"].to_numpy())
        ended = np.searchsorted(
            np.sort(same["end"].to_numpy()), windows["start"].to_numpy(), side="right"
        )
        found += windows.index[begun <= ended].tolist()
    return sorted(found)


def _frame(later: Later) -> pd.DataFrame:
    index = later.windows.index
    return index[["entity", "start", "end"]].assign(
        score=later.judged.score, reason=alert_reasons(later.alerts, later.judged.reasons)
    )


def _side(version: Version, later: Later) -> dict[str, Json]:
    """What a version does here, and what its training knew about it."""
    evaluation = version.report.get("evaluation", {})
    incidents = evaluation.get("incidents", {})
    evidence = {key: evaluation[key] for key in _EVIDENCE if key in evaluation}
    recall = {key: value for key, value in incidents.items() if not isinstance(value, list | dict)}
    return {
        "version": version.name,
        "windows": len(later.alerts),
        "alerts": int(later.alerts.sum()),
        "alert_rate": float(later.alerts.mean()),
        "threshold": later.threshold,
        "mean_score": float(later.judged.estimator_score.mean()),
        "evidence": {**evidence, **({"incidents": recall} if recall else {})},
    }


def _table(content: Mapping[str, Any]) -> object:
    """Both sides, then the highest windows on which they differ."""
    from rich.table import Table
    from rich.text import Text

    table = Table("", "champion", "candidate", title="compare", title_justify="left")
    sides = (content["champion"], content["candidate"])
    table.add_row("version", *(side["version"] for side in sides))
    table.add_row("alerts", *(f"{s['alerts']} of {s['windows']} windows" for s in sides))
    table.add_row("evidence", *(Text(str(s["evidence"].get("verdict", ""))) for s in sides))
    for name, empty_first in (("lost", False), ("gained", True)):
        for window in content[name]["highest"][:5]:
            text = Text(f"{window['entity']} {window['start']} {window['score']:.3f}")
            table.add_row(name, *(("", text) if empty_first else (text, "")))
    return table
