"""The table of a sweep, made from the files that its jobs left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.pipeline.context import Outcome
from wifitrain.pipeline.files import write_json
from wifitrain.report import write_sweep_report

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["close_sweep"]

_COLUMNS = (
    "job",
    "contamination",
    "n_estimators",
    "threshold",
    "alert_rate",
    "stability",
    "version",
    "status",
)


def close_sweep(sweep_dir: Path) -> Outcome:
    """Read every job's report, write sweep.json and say how it ended."""
    folders = [path for path in sweep_dir.iterdir() if path.is_dir() and path.name.isdigit()]
    rows = [_row(path) for path in sorted(folders, key=lambda path: int(path.name))]
    content = {"jobs": rows}
    write_json(sweep_dir / "sweep.json", content)
    write_sweep_report(content, sweep_dir / "sweep.html")
    failed = sum(row["status"] == "failed" for row in rows)
    return Outcome(
        closing=f"sweep: {len(rows)} jobs, {failed} failed | report: {sweep_dir / 'sweep.html'}",
        status=1 if failed else 0,
        tables=(_table(rows),),
    )


def _row(folder: Path) -> dict[str, Any]:
    report = folder / "report.json"
    if not report.is_file():
        return {"job": int(folder.name), "status": "failed", "error": _error(folder)}
    account = json.loads(report.read_text(encoding="utf-8"))
    evaluation = account["evaluation"]
    return {
        "job": int(folder.name),
        "contamination": account["calibration"]["contamination"],
        "n_estimators": account["model"].get("n_estimators"),
        "threshold": account["calibration"]["threshold"],
        "alert_rate": evaluation["alert_volume"]["rate"],
        "stability": evaluation["stability"].get("jaccard"),
        **_incident_recall(evaluation),
        "version": account["model"]["version"],
        "status": account["model"]["status"],
    }


def _incident_recall(evaluation: dict[str, Any]) -> dict[str, float]:
    """The model's recall over all scripted incidents, where the bench was on."""
    overall = evaluation.get("incidents", {}).get("overall", ())
    recalls = [one["recall"] for one in overall if one["scorer"] == "model"]
    return {"incident_recall": recalls[0]} if recalls else {}


def _error(folder: Path) -> str:
    path = folder / "error.json"
    if not path.is_file():
        return "ended without a word: see the log"
    return str(json.loads(path.read_text(encoding="utf-8"))["error"])


def _table(rows: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table(*_COLUMNS, title="sweep", title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in _COLUMNS))
    return table


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
