"""Scoring an export with a version that was trained before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import PackageError
from wifitrain.features import WindowFeatures
from wifitrain.pipeline.account import alert_reasons
from wifitrain.pipeline.context import Outcome, RunContext, Stages
from wifitrain.pipeline.files import write_json, write_parquet
from wifitrain.storage import ModelStore
from wifitrain.training import FittedDetector, GuardedDetector, NoveltyGuard

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.pipeline.parts import Extractor, Source
    from wifitrain.records import EventTable, LogTable, WindowTable
    from wifitrain.storage.package import Package
    from wifitrain.training import Judgement

__all__ = ["ScoreRun"]


@dataclass(frozen=True, kw_only=True)
class ScoreRun:
    """A version and an export: every window with its score, threshold, verdict and reason.

    `package` is the folder of the version; its digests are compared before anything is loaded.
    `trust_pickle` loads a version that was not trained in its folder.
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
        store = ModelStore(directory=str(folder.parent))
        package = store.load(folder.name, trust_pickle=self.trust_pickle)
        model = _detector(package)
        features = _features(package)
        columns = list(dict.fromkeys([*model.detector.feature_names, *_guarded(model)]))
        logs, events, windows = self._windows(context, features, columns)
        judged = model.judge(windows.X, windows.kinds)
        threshold = float(_info(package, "model_info")["threshold"])
        frame = _frame(windows, judged, threshold=threshold)
        alerts = int(frame["is_anomaly"].sum())
        write_parquet(context.run_dir / "windows.parquet", frame)
        write_json(
            context.run_dir / "report.json",
            {
                "status": "completed",
                "data": {**logs.account, **events.account},
                "windows": {"total": len(frame), "alerts": alerts},
                "model": {"version": folder.name, "path": str(folder)},
                "calibration": {"threshold": threshold},
            },
        )
        return Outcome(
            closing=f"{alerts} of {len(frame)} windows alert | {context.run_dir}/windows.parquet",
            tables=(_table(frame),),
        )

    def _windows(
        self, context: RunContext, features: WindowFeatures, columns: list[str]
    ) -> tuple[LogTable, EventTable, WindowTable]:
        with self.engine as engine:
            logs = self.source.read(
                engine,
                quarantine=context.run_dir / "quarantine.ndjson",
                progress=context.progress,
            )
            events = self.events.extract(engine, logs)
            return logs, events, features.build(engine, events, columns=columns)


def _detector(package: Package) -> GuardedDetector:
    names = _info(package, "training_info")["feature_names"]
    guard = package.guard
    return GuardedDetector(
        detector=FittedDetector(package.estimator, feature_names=names),
        guard=None if guard is None else NoveltyGuard.from_json(guard),
        ceiling=0.0 if guard is None else float(guard["ceiling"]),
    )


def _guarded(model: GuardedDetector) -> tuple[str, ...]:
    return () if model.guard is None else model.guard.features


def _features(package: Package) -> WindowFeatures:
    """The windows and features of the training; plain values, checked by the constructor."""
    config = _info(package, "training_info").get("config", {})
    settings = dict(config.get("features", {}))
    settings.pop("_target_", None)
    try:
        return WindowFeatures(**{**settings, "unavailable": "drop"})
    except TypeError as error:
        raise PackageError(
            f"{package.model.version}: its feature settings are not of this version of wifitrain:"
            f" {error}"
        ) from error


def _info(package: Package, section: str) -> Mapping[str, Any]:
    info: Mapping[str, Any] = package.model.metadata[section]
    return info


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
