"""What a person sees when a run ends: one table and one closing line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["closing_line", "summary_table"]


def closing_line(account: Mapping[str, Any], run_dir: Path) -> str:
    """Where everything is."""
    model = account["model"]
    page = run_dir / "report.html"  # jobs of a sweep have none
    report = page if page.is_file() else run_dir / "report.json"
    return f"{model['status']}: {model['path']} | report: {report}"


def summary_table(account: Mapping[str, Any]) -> Table:
    """The account in a dozen lines."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_header=False, title="wifitrain", title_justify="left")
    for name, value in _lines(account):
        table.add_row(name, Text(value))
    return table


def _lines(account: Mapping[str, Any]) -> list[tuple[str, str]]:
    data, windows, features = account["data"], account["windows"], account["features"]
    calibration, alerts = account["calibration"], account["alerts"]
    return [
        ("verdict", str(account["evaluation"].get("verdict", ""))),
        ("rows", f"{data['rows']}{_repaired(data)}"),
        ("time", f"{data['first_time']} to {data['last_time']} ({data['span_days']:.1f} days)"),
        *_of_lines(data),
        ("windows", f"{windows['total']}: fit {windows['fit']}, calibration"
                    f" {windows['calibration']}, test {windows['test']}, excluded"
                    f" {windows['excluded']}"),
        ("features", f"{len(features['used'])} used, {len(features['constant'])} constant,"
                     f" {len(features['unavailable'])} unavailable"),
        ("model", _model(account["model"])),
        *_size(account["model"]),
        ("threshold", f"{calibration['threshold']:.6g} for a budget of"
                      f" {calibration['alerts_per_day']:.3g} alerts a day and access point"),
        ("test alerts", f"{alerts['test']} ({alerts['by_estimator']} by the estimator,"
                        f" {alerts['by_guard']} by the guard)"),
        *_profile_cost(account["evaluation"]),
        ("time taken", f"training {account['resources']['training_s']:.1f} s, evaluation"
                       f" {account['resources']['evaluation_s']:.1f} s"),
    ]  # fmt: skip


def _repaired(data: Mapping[str, Any]) -> str:
    if "quarantined" not in data:
        return " of a ready table"
    return (
        f" ({data['quarantined']} quarantined, {data['exact_repeats']} exact repeats,"
        f" {data['clock_reset_rows']} with a reset clock)"
    )


def _of_lines(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Nothing of a ready table."""
    if "stations" not in data:
        return []
    return [
        ("stations", str(data["stations"])),
        ("understood", _share(data.get("understood_ratio"))),
    ]


def _profile_cost(evaluation: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the features of the service cost, where incidents tell."""
    cost = evaluation.get("profile_cost", {})
    if "recall" not in cost:
        return []
    own, full = (f"{recall:.0%}" for recall in cost["recall"])
    told = f"notices {own} of the incidents, {cost['reference']} {full}"
    return [(f"cost of {cost['profile']}", told)]


def _model(model: Mapping[str, Any]) -> str:
    trees = f", {model['n_estimators']} trees" if "n_estimators" in model else ""
    return f"{model['version']} ({model['type']}{trees})"


def _size(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Why a forest has this many trees; nothing of other models."""
    return [("forest size", model["size_reason"])] if "size_reason" in model else []


def _share(ratio: float | None) -> str:
    return "no WiFi lines" if ratio is None else f"{ratio:.2%} of WiFi lines"
