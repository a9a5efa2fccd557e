"""What every scored batch leaves behind: a line of the version's history, and its metrics."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.monitoring import (
    ModelMetrics,
    append_entry,
    history_file,
    read_entries,
    wealth_entry,
)
from wifitrain.report import write_history_report

if TYPE_CHECKING:
    from wifitrain.monitoring import BatchReport, Monitoring
    from wifitrain.monitoring.martingale import Martingale
    from wifitrain.pipeline.later import Later, Version
    from wifitrain.records import Json

__all__ = ["track"]


def track(
    monitoring: Monitoring,
    version: Version,
    later: Later | None,
    *,
    data: Mapping[str, Any],
    report: BatchReport | None = None,
) -> Path:
    """Append a batch to the history of `version`, draw its page again, write the metrics.

    `later` is None where the input never became windows; `report` is None where the batch was
    scored and not compared. Returns the page.
    """
    history = history_file(monitoring.history, version.name)
    append_entry(history, _entry(later, data, report))
    page = history.with_suffix(".html")
    write_history_report(version.name, read_entries(history), page)
    if monitoring.textfile is not None:
        _write_metrics(version, later, report, Path(monitoring.textfile))
    return page


def _entry(
    later: Later | None, data: Mapping[str, Any], report: BatchReport | None
) -> dict[str, Json]:
    """One line of the history; what was not reached is absent."""
    entry: dict[str, Json] = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "what": "scored" if report is None else "monitored",
    }
    if later is not None:
        entry |= {
            "first_time": data["first_time"],
            "last_time": data["last_time"],
            "rows": data["rows"],
            "windows": len(later.alerts),
            "alerts": int(later.alerts.sum()),
            "alert_rate": float(later.alerts.mean()),
            "mean_score": float(later.judged.estimator_score.mean()),
            "seconds": round(later.score_s, 6),
        }
    if report is not None:
        content = report.to_json()
        entry |= {key: content[key] for key in ("verdict", "reasons", "quality", "martingale")}
        entry |= _bet(report.martingale)
        entry["limits"] = {key: content[key] for key in ("alert_rate", "mean_score")}
        entry["drift"] = {drift.name: round(drift.distance, 4) for drift in report.distributions}
    return entry


def _bet(martingale: Martingale | None) -> dict[str, Json]:
    """What the next batch's bet goes on from; nothing where no window was bet on."""
    if martingale is None or not martingale.new_windows:
        return {}
    return {"bet": wealth_entry(martingale.wealth, windows=martingale.new_windows)}


def _write_metrics(
    version: Version, later: Later | None, report: BatchReport | None, path: Path
) -> None:
    """The textfile after one more batch; counts go on from those that it holds."""
    created = dt.datetime.fromisoformat(str(version.metadata["model_info"]["created_at"]))
    metrics = ModelMetrics(
        version=version.name,
        trained_at=created.replace(tzinfo=dt.UTC).timestamp(),
        load_time_s=version.load_s,
    )
    metrics.continue_from(path)
    if later is not None and report is None:  # a comparison is not another prediction
        metrics.scored(
            windows=len(later.alerts), anomalies=int(later.alerts.sum()), seconds=later.score_s
        )
    if report is not None:
        metrics.compared(report)
    metrics.write(path)
