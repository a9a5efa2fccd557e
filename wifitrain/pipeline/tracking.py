"""What every scored batch leaves behind: a line of the version's history, and its metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wifitrain.monitoring import ModelMetrics

if TYPE_CHECKING:
    from pathlib import Path

    from wifitrain.monitoring import BatchReport
    from wifitrain.pipeline.later import Later, Version
    from wifitrain.records import Json

__all__ = ["entry_of_batch", "metrics_of"]


def entry_of_batch(
    later: Later | None, data: Mapping[str, Any], *, report: BatchReport | None = None
) -> dict[str, Json]:
    """One line of the history; what was not reached is absent."""
    entry: dict[str, Json] = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds")}
    if later is not None:
        windows = len(later.windows.X)
        entry |= {
            "first_time": data["first_time"],
            "last_time": data["last_time"],
            "rows": data["rows"],
            "windows": windows,
            "alerts": int(later.alerts.sum()),
            "alert_rate": float(later.alerts.mean()),
            "mean_score": float(later.judged.estimator_score.mean()),
            "seconds": round(later.score_s, 6),
        }
    if report is not None:
        content = report.to_json()
        entry |= {key: content[key] for key in ("verdict", "reasons", "quality", "martingale")}
        entry["limits"] = {key: content[key] for key in ("alert_rate", "mean_score")}
        entry["drift"] = {drift.name: round(drift.distance, 4) for drift in report.distributions}
    return entry


def metrics_of(version: Version, later: Later | None, *, earlier: Path) -> ModelMetrics:
    """The metrics of a version after one more batch; counts go on from those in `earlier`."""
    created = dt.datetime.fromisoformat(str(version.metadata["model_info"]["created_at"]))
    metrics = ModelMetrics(
        version=version.name,
        trained_at=created.replace(tzinfo=dt.UTC).timestamp(),
        load_time_s=version.load_s,
    )
    metrics.continue_from(earlier)
    if later is not None:
        metrics.scored(
            windows=len(later.windows.X),
            anomalies=int(later.alerts.sum()),
            seconds=later.score_s,
        )
    return metrics
