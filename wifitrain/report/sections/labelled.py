"""With labels: the design's metrics, curves, and incidents in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Block, Facts, Figure, Section, Table, anything
from wifitrain.report.charts.lines import Curve, Frame, draw_curves
from wifitrain.report.sections.reliability import budgets_table
from wifitrain.report.wording import count, decimal, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["labelled"]

_TITLES = {"incidents": "Metrics on background and incidents together"}
_SOURCES = {
    "provided": "The labels were provided with the data.",
    "incidents": "The truth is that of scripted incidents: precision, accuracy and average"
    " precision hold for this mixture and say nothing of how rare incidents are.",
}


def labelled(run: Run) -> Section | None:
    """Nothing where nobody knows the truth."""
    evaluation = run.part("evaluation")
    metrics = evaluation.get("basic_metrics")
    if not metrics:
        return None
    mixture = run.part("evaluation", "incidents", "mixture")
    found = evaluation.get("labelled") or mixture
    advanced = run.part("evaluation", "advanced_metrics")
    few = " Under 20 anomalous windows: descriptive only." if found.get("descriptive_only") else ""
    blocks: list[Block] = [
        Facts([(phrase(name), decimal(value), "") for name, value in metrics.items()])
    ]
    blocks += _curves(advanced, metrics)
    if matrix := advanced.get("confusion_matrix"):
        blocks.append(_confusion(matrix))
    if report := advanced.get("classification_report"):
        blocks.append(_classes(report))
    if evaluation.get("labelled"):
        blocks += anything("Judged in time", _in_time(found))
    elif points := mixture.get("threshold_analysis"):
        blocks.append(budgets_table(points, caption="Other budgets on this mixture"))
    return Section(
        id="labels",
        title=_TITLES.get(evaluation.get("labels", ""), "Against labels"),
        lead=_SOURCES.get(evaluation.get("labels", ""), "") + few,
        blocks=blocks,
    )


def _confusion(matrix: list[list[int]]) -> Table:
    (quiet, false), (missed, hit) = matrix
    return Table(
        caption="Confusion matrix at the threshold",
        head=("labelled", "quiet", "alert"),
        rows=[["normal", count(quiet), count(false)], ["anomalous", count(missed), count(hit)]],
    )


def _classes(report: dict[str, Any]) -> Table:
    classes = {name: one for name, one in report.items() if isinstance(one, dict)}
    names = list(dict.fromkeys(key for one in classes.values() for key in one))
    rows = [[phrase(c), *(decimal(one.get(n)) for n in names)] for c, one in classes.items()]
    return Table(caption="By class", head=("class", *map(phrase, names)), rows=rows)


def _in_time(found: dict[str, Any]) -> dict[str, Any]:
    """One level of names; what is said elsewhere left out."""
    flat = {**found, **found.get("events", {})} if isinstance(found.get("events"), dict) else {}
    shown = flat or {name: value for name, value in found.items() if name != "events"}
    return {name: value for name, value in shown.items() if name != "descriptive_only"}


def _curves(advanced: dict[str, Any], metrics: dict[str, float]) -> list[Block]:
    square: dict[str, Any] = {
        "x_range": (-0.02, 1.02),
        "y_range": (-0.02, 1.04),
        "stepped": True,
    }
    roc = Frame(x_label="false positive rate", y_label="recall", diagonal=True, **square)
    pr = Frame(x_label="recall", y_label="precision", level=metrics.get("prevalence"), **square)
    kinds = (
        ("roc_curve", "ROC curve", "roc_auc", roc),
        ("pr_curve", "Precision and recall", "average_precision", pr),
    )
    return [
        _curve(name, title, advanced[name], frame=frame, area=metrics.get(metric))
        for name, title, metric, frame in kinds
        if advanced.get(name)
    ]


def _curve(
    name: str, title: str, points: list[list[float]], *, frame: Frame, area: float | None
) -> Figure:
    curve = Curve(name=title, x=[p[0] for p in points], y=[p[1] for p in points])
    told = f" The area under it is {decimal(area)}." if area is not None else ""
    chance = "chance" if frame.diagonal else "the prevalence"
    rows = [[decimal(x), decimal(y)] for x, y in points]
    return Figure(
        chart=draw_curves(
            name.replace("_", "-"), [curve], frame=frame, width_in=4.3, height_in=2.7
        ),
        title=title,
        text=f"{frame.y_label.capitalize()} against {frame.x_label}; the broken line is"
        f" {chance}.{told}",
        table=Table(caption=title, head=(frame.x_label, frame.y_label), rows=rows),
        narrow=True,
    )
