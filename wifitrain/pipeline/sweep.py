"""The table and the choice of a sweep, made from the files that its jobs left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.evaluation.choosing import choose
from wifitrain.evaluation.evidence import as_json
from wifitrain.pipeline.candidates import configuration_of, stability_target
from wifitrain.pipeline.context import Outcome
from wifitrain.pipeline.files import write_json
from wifitrain.report import write_sweep_report

if TYPE_CHECKING:
    from rich.table import Table

    from wifitrain.evaluation.choosing import Choice

__all__ = ["close_sweep", "compare_sweep"]

_COLUMNS = {
    "job": "job",
    "budget": "contamination",
    "trees": "n_estimators",
    "alert rate": "alert_rate",
    "stability": "stability",
    "recall": "incident_recall",
    "choice": "choice",
    "version": "version",
}


def compare_sweep(sweep_dir: Path) -> Outcome:
    """Close the sweep in `sweep_dir` once more, as it is now.

    Raises
    ------
    ConfigError : no jobs there.
    """
    if not sweep_dir.is_dir() or not _folders(sweep_dir):
        raise ConfigError(
            f"sweep must be the folder of a sweep, with a folder for each job: got {sweep_dir}"
        )
    return close_sweep(sweep_dir)


def close_sweep(sweep_dir: Path) -> Outcome:
    """Read every job's report, choose, write sweep.json and its page, and say how it ended."""
    folders = _folders(sweep_dir)
    rows = [_row(folder) for folder in folders]
    content: dict[str, Any] = {"jobs": rows}
    choice = _choose(folders)
    if choice is not None:
        for row in rows:
            if row["status"] != "failed":
                row["choice"] = choice.standing(row["job"])
        content["choice"] = _choice_json(choice)
    write_json(sweep_dir / "sweep.json", content)
    write_sweep_report(content, sweep_dir / "sweep.html")
    failed = sum("error" in row for row in rows)
    return Outcome(
        closing=f"sweep: {len(rows)} jobs, {failed} failed | report: {sweep_dir / 'sweep.html'}",
        status=1 if failed else 0,
        tables=(_table(rows, verdict=None if choice is None else choice.verdict),),
    )


def _folders(sweep_dir: Path) -> list[Path]:
    found = [path for path in sweep_dir.iterdir() if path.is_dir() and path.name.isdigit()]
    return sorted(found, key=lambda path: int(path.name))


def _choose(folders: Sequence[Path]) -> Choice | None:
    """Nothing to choose where no job left an account."""
    accounts = {folder: _account(folder) for folder in folders}
    done = {folder: account for folder, account in accounts.items() if account is not None}
    if not done:
        return None
    return choose(
        [configuration_of(folder, account) for folder, account in done.items()],
        stability_target=max(map(stability_target, done.values())),
    )


def _choice_json(choice: Choice) -> dict[str, Any]:
    """Differences as rows of a table: the best minus each other configuration."""
    differences = [
        {
            "job": job,
            "recall_behind_best": one.difference,
            "interval": one.interval,
            "pairs": one.pairs,
            "indistinguishable": one.holds_zero,
        }
        for job, one in choice.behind_the_best.items()
    ]
    dropped = [{"job": job, "why": why} for job, why in choice.dropped.items()]
    told = {
        "verdict": choice.verdict,
        "job": choice.job,
        "indistinguishable": choice.indistinguishable,
        "best_recall": choice.best,
        "stability_target": choice.stability_target,
        "notes": choice.notes,
        "behind_the_best": differences,
        "dropped": dropped,
    }
    return {key: as_json(one) for key, one in told.items() if one not in (None, (), [])}


def _account(folder: Path) -> dict[str, Any] | None:
    report = folder / "report.json"
    if not report.is_file():
        return None
    account: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return account


def _row(folder: Path) -> dict[str, Any]:
    account = _account(folder)
    error = _error(folder)
    if account is None:
        why = error or "ended without a word: see the log"
        return {"job": int(folder.name), "status": "failed", "error": why}
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
        **({"error": error} if error else {}),
    }


def _incident_recall(evaluation: dict[str, Any]) -> dict[str, float]:
    """The model's recall over all scripted incidents, where the bench was on."""
    overall = evaluation.get("incidents", {}).get("overall", ())
    recalls = [one["recall"] for one in overall if one["scorer"] == "model"]
    return {"incident_recall": recalls[0]} if recalls else {}


def _error(folder: Path) -> str | None:
    """Why the job ended badly; a failed gate leaves an account as well."""
    path = folder / "error.json"
    if not path.is_file():
        return None
    return str(json.loads(path.read_text(encoding="utf-8"))["error"])


def _table(rows: list[dict[str, Any]], *, verdict: str | None) -> Table:
    from rich.table import Table

    table = Table(
        *_COLUMNS, title="sweep", title_justify="left", caption=verdict, caption_justify="left"
    )
    for row in rows:
        style = "bold" if row.get("choice") == "chosen" else None
        shown = {"choice": row["status"], **row}  # what did not end well is no choice
        table.add_row(*(_cell(shown.get(name)) for name in _COLUMNS.values()), style=style)
    return table


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
