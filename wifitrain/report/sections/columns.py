"""The features: which the estimator sees, which never varied, which this export cannot feed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Block, Facts, Figure, Key, Section, Table
from wifitrain.report.charts.bars import Bar, draw_bars
from wifitrain.report.charts.histograms import draw_feature_histograms
from wifitrain.report.charts.palette import ACCENT, ALERT, CSS_VARIABLES
from wifitrain.report.wording import Numeral, count, decimal, duration, phrase

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["columns"]

_BARS = 20
_HISTOGRAMS = 60


def columns(run: Run) -> Section | None:
    """Used, constant and unavailable features, their distributions and their weight."""
    features, windows = run.part("features"), run.part("windows")
    if not features:
        return None
    used, constant = features.get("used", ()), features.get("constant", ())
    unavailable = features.get("unavailable", {})
    facts = [
        ("used", count(len(used)), "by the estimator"),
        ("constant", count(len(constant)), "in the fit part: the guard watches them"),
        ("unavailable", count(len(unavailable)), "this export cannot feed them"),
        ("windows", count(windows.get("total")), _windows(windows)),
    ]
    blocks: list[Block] = [Facts(facts)]
    if importance := run.part("evaluation", "feature_importance"):
        blocks.append(_importance(importance))
    if found := features.get("distributions"):
        blocks.append(_distributions({name: found[name] for name in used if name in found}))
    if constant:
        rows = [[phrase(name), _only_value(features, name)] for name in constant]
        blocks.append(
            Table(
                caption="Constant in the fit part",
                head=("feature", "always"),
                rows=rows,
                note="A forest cannot split on what never varied: any other value is the guard's.",
                folded=len(rows) > 12,
            )
        )
    if unavailable:
        rows = [[phrase(name), why] for name, why in sorted(unavailable.items())]
        head = ("feature", "why")
        blocks.append(Table(caption="Unavailable in this export", head=head, rows=rows))
    return Section(id="features", title="The features", blocks=blocks)


def _windows(windows: dict[str, Any]) -> str:
    length = f"of {duration(windows['window_s'])}: " if "window_s" in windows else ""
    parts = ("fit", "calibration", "test", "excluded")
    return length + ", ".join(f"{count(windows[part])} {part}" for part in parts if part in windows)


def _only_value(features: dict[str, Any], name: str) -> Numeral:
    found = features.get("distributions", {}).get(name, {}).get("quantiles", {}).get("fit")
    return decimal(found[0] if found else None)


def _importance(importance: dict[str, float]) -> Figure:
    ordered = sorted(importance.items(), key=lambda item: (-item[1], item[0]))
    bars = [Bar(name=phrase(name), value=v, shown=decimal(v, 2)) for name, v in ordered[:_BARS]]
    return Figure(
        chart=draw_bars("importance", bars, label="mean change of the score when shuffled"),
        title="What the score depends on",
        text="Permutation importance of the score: how much it changes on average when one feature"
        f" is shuffled. Highest: {phrase(ordered[0][0])}.",
        table=Table(
            caption="Importance of every feature",
            head=("feature", "mean change of the score"),
            rows=[[phrase(name), decimal(value)] for name, value in ordered],
        ),
    )


def _distributions(found: dict[str, Any]) -> Figure:
    shown = {phrase(name): one for name, one in list(found.items())[:_HISTOGRAMS]}
    more = len(found) - len(shown)
    return Figure(
        chart=draw_feature_histograms("distributions", shown),
        title="Distributions of the used features",
        text="Each from its lowest to its highest value; bins are even for small values and"
        " logarithmic for large ones, heights are square roots of shares so that rare values can be"
        " seen." + (f" {more} more are in the table." if more else ""),
        keys=(
            Key(CSS_VARIABLES[ACCENT], "area", "fit part"),
            Key(CSS_VARIABLES[ALERT], "line", "test part"),
        ),
        table=_quantiles(found),
    )


def _quantiles(found: dict[str, Any]) -> Table:
    rows = [
        [phrase(name), part, *map(decimal, quantiles), count(one["missing"].get(part))]
        for name, one in found.items()
        for part, quantiles in one["quantiles"].items()
    ]
    head = ("feature", "part", "lowest", "median", "95 %", "highest", "undefined windows")
    return Table(caption="Quantiles of the used features", head=head, rows=rows)
