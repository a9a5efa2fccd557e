"""How far to trust the numbers: seeds, null panel, thresholds, conformal resolution, folds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Figure, Prose, Section, Table, anything
from wifitrain.report.charts.lines import Curve, Frame, curve_keys, draw_curves
from wifitrain.report.wording import Numeral, count, decimal, percent, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["budgets_table", "reliability"]

_DIAGNOSTICS = ("rank_stability", "confidence", "diagnostics", "pseudo_labels")


def reliability(run: Run) -> Section | None:
    """Whatever of it was measured."""
    evaluation = run.part("evaluation")
    blocks: list[Block] = []
    if stability := evaluation.get("stability"):
        blocks.append(_stability(stability))
    if reason := run.part("model").get("size_reason"):
        blocks.append(Prose((f"Size of the forest: {reason}.",)))
    if points := run.part("evaluation", "advanced_metrics").get("threshold_analysis"):
        blocks.append(_thresholds(points))
    if panel := evaluation.get("null_panel"):
        blocks.append(_null_panel(panel, evaluation))
    if conformal := evaluation.get("conformal"):
        blocks += _conformal(conformal)
    if folds := evaluation.get("cross_validation"):
        blocks.append(_folds(folds))
    for name in _DIAGNOSTICS:
        if found := evaluation.get(name):
            blocks += anything(phrase(name).capitalize(), found)
    if not blocks:
        return None
    return Section(id="reliability", title="How far to trust the numbers", blocks=blocks)


def _stability(found: dict[str, Any]) -> Block:
    sizes = [one for one in found.get("by_size", ()) if "n_estimators" in one]
    if len(sizes) < 2:
        return anything("Agreement of seeds", found)[0]
    trees = [one["n_estimators"] for one in sizes]
    curves = [
        Curve(name="same alerts (Jaccard)", x=trees, y=[one["jaccard"] for one in sizes]),
        Curve(name="same ranks (Spearman)", x=trees, y=[one["spearman"] for one in sizes]),
    ]
    frame = Frame(
        x_label="trees", y_label="agreement", x_scale="log", x_ticks=trees, y_range=(0, 1.04)
    )
    rows = [
        [count(o["n_estimators"]), decimal(o["jaccard"]), decimal(o["spearman"]), count(o["pairs"])]
        for o in sizes
    ]
    used = found.get("n_estimators")
    here = f" This model has {used}: {percent(found['jaccard'])}." if used else ""
    return Figure(
        chart=draw_curves("stability", curves, frame=frame, width_in=4.3, height_in=2.4),
        title="Agreement of seeds",
        text=f"How much of the alerts two seeds share, by size of the forest.{here}",
        keys=curve_keys(curves),
        table=Table(
            caption="Agreement of seeds",
            head=("trees", "Jaccard of alerts", "Spearman of scores", "pairs"),
            rows=rows,
        ),
        narrow=True,
    )


def _thresholds(points: list[dict[str, Any]]) -> Figure:
    there = [one for one in points if one.get("alert_rate") is not None]
    rates = [max(one["alert_rate"], 1e-5) for one in there]
    curve = Curve(name="measured", x=[one["contamination"] for one in there], y=rates)
    frame = Frame(
        x_label="budget (share of windows)", y_label="measured alert rate", x_scale="log",
        y_scale="log", diagonal=True, x_ticks=curve.x,
    )  # fmt: skip
    return Figure(
        chart=draw_curves("thresholds", [curve], frame=frame, width_in=4.3, height_in=2.4),
        title="What other budgets would cost",
        text="Alert rate on the test part for each budget; on the broken line it is as asked for.",
        table=budgets_table(points),
        narrow=True,
    )


def budgets_table(points: list[dict[str, Any]], *, caption: str = "Threshold analysis") -> Table:
    """What each alert budget would have done."""
    columns: tuple[tuple[str, str, Callable[[float | None], Numeral]], ...] = (
        ("contamination", "budget", percent),
        ("calibration_windows_needed", "calibration windows needed", count),
        ("threshold", "threshold", decimal),
        ("alert_rate", "alert rate", percent),
        ("alerts_per_access_point_and_day", "alerts per access point and day", decimal),
        ("precision", "precision", decimal),
        ("recall", "recall", decimal),
    )
    there = [one for one in columns if any(point.get(one[0]) is not None for point in points)]
    return Table(
        caption=caption,
        head=[words for _, words, _ in there],
        rows=[[show(point.get(name)) for name, _, show in there] for point in points],
        note="No threshold: the calibration part is too short for that budget.",
    )


def _null_panel(panel: list[dict[str, Any]], evaluation: dict[str, Any]) -> Table:
    volume, stability = evaluation.get("alert_volume", {}), evaluation.get("stability", {})
    this = {**volume, **stability, "name": "this_model", "alert_rate": volume.get("rate")}
    numbers = ("alert_rate", "ratio_to_budget", "jaccard", "spearman", "average_precision")
    there = [name for name in numbers if any(name in one for one in panel)]
    rows: list[list[Cell]] = [
        [
            phrase(one["name"]),
            *((percent if n == "alert_rate" else decimal)(one.get(n)) for n in there),
        ]
        for one in (this, *panel)
    ]
    return Table(
        caption="Null panel: the same evaluation where there is nothing to find",
        head=("", *map(phrase, there)),
        rows=rows,
        note="A number that stays as good here is no evidence for the model.",
    )


def _conformal(found: dict[str, Any]) -> list[Block]:
    enough = found.get("resolution_sufficient")
    state = Badge("sufficient", "good") if enough else Badge("too coarse", "open")
    rows: list[list[Cell]] = [
        ["resolution, to single out one window of a day", state],
        ["calibration windows", count(found.get("calibration_windows"))],
        ["needed", count(found.get("calibration_windows_needed"))],
        ["smallest p-value possible", decimal(found.get("smallest_p"))],
        ["discoveries (Benjamini-Hochberg)", count(found.get("discoveries"))],
        ["false discovery rate asked for", decimal(found.get("alpha"))],
    ]
    blocks: list[Block] = [Table(caption="Conformal p-values", head=("", "value"), rows=rows)]
    return [*blocks, Prose((found["caveat"],))] if found.get("caveat") else blocks


def _folds(found: dict[str, Any]) -> Table:
    rows = [
        [
            count(i),
            count(f["fit"]),
            count(f["calibration"]),
            count(f["test"]),
            percent(f["alert_rate"]),
        ]
        for i, f in enumerate(found["folds"], start=1)
    ]
    return Table(
        caption="Cross-validation by rolling origin, the estimator alone",
        head=("fold", "fitted", "calibrated", "judged", "alert rate"),
        rows=rows,
        note=f"Budget {percent(found.get('budget'))}, mean {percent(found.get('mean_alert_rate'))};"
        f" {found.get('skipped', 0)} folds had too little past.",
    )
