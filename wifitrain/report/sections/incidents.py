"""Scripted incidents: the share noticed by the model and by each baseline, by intensity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Code, Figure, Section, Table, anything
from wifitrain.report.charts.lines import Curve, Frame, curve_keys, draw_curves
from wifitrain.report.wording import count, decimal, duration, interval, percent, phrase

if TYPE_CHECKING:
    from wifitrain.records import Json
    from wifitrain.report.run import Run

__all__ = ["incidents"]

_OWN = ("model", "estimator", "guard")
_KNOWN = {
    "incident", "scorer", "trials", "detected", "recall", "recall_interval", "median_delay_s",
    "intensity_at_50", "intensity_at_90", "by_intensity",
}  # fmt: skip


def incidents(run: Run) -> Section | None:
    """Nothing where no bench ran."""
    found = run.part("evaluation", "incidents")
    if not found:
        return None
    recalls, rest = _taken_apart(found)
    blocks: list[Block] = []
    if recalls:
        names = sorted({one["incident"] for one in recalls})
        blocks += [_overview(recalls, names), _full(recalls)]
        blocks += [_curves(i, name, recalls) for i, name in enumerate(names)]
    for title, content in rest.items():
        blocks += anything(phrase(title).capitalize(), content)
    return Section(
        id="incidents",
        title="Scripted incidents",
        lead="Each incident was written as log lines into real background that the model had not"
        " seen, and went through the same grammars, features and threshold as any export. Every"
        " scorer has the same alert budget.",
        blocks=blocks,
    )


def _taken_apart(found: Any) -> tuple[list[dict[str, Any]], dict[str, Json]]:  # noqa: ANN401
    """The recalls of scorers, and whatever else the bench tells."""
    if isinstance(found, dict):
        lists = {key: one for key, one in found.items() if _are_recalls(one)}
        rest = {key: one for key, one in found.items() if key not in lists and one}
        return [recall for one in lists.values() for recall in one], rest
    if _are_recalls(found):
        return list(found), {}
    return [], {"incidents": found}


def _are_recalls(found: object) -> bool:
    return (
        isinstance(found, list)
        and bool(found)
        and all(
            isinstance(one, dict) and {"incident", "scorer", "recall"} <= set(one) for one in found
        )
    )


def _scorers(recalls: list[dict[str, Any]]) -> list[str]:
    """The model and its halves, then baselines, then chance."""
    names = {one["scorer"] for one in recalls}
    others = sorted(names - {*_OWN, "random"})
    return [n for n in _OWN if n in names] + others + (["random"] if "random" in names else [])


def _overview(recalls: list[dict[str, Any]], names: list[str]) -> Table:
    scorers = _scorers(recalls)
    by = {(one["incident"], one["scorer"]): one["recall"] for one in recalls}
    rows: list[list[Cell]] = []
    for name in names:
        rivals = {s: by[name, s] for s in scorers if (name, s) in by and s not in _OWN}
        mine = by.get((name, "model"))
        rows.append(
            [phrase(name), *(percent(by.get((name, s))) for s in scorers), _against(mine, rivals)]
        )
    return Table(
        caption="Share of incidents noticed, all intensities together",
        head=("incident", *map(phrase, scorers), "the model against the best other"),
        rows=rows,
    )


def _against(mine: float | None, rivals: dict[str, float]) -> Badge:
    if mine is None or not rivals:
        return Badge("no comparison")
    best = max(rivals, key=lambda name: (rivals[name], name))
    if rivals[best] > mine:
        return Badge(f"{phrase(best)} is better", "bad")
    return Badge(
        "equal" if rivals[best] == mine else "ahead", "open" if rivals[best] == mine else "good"
    )


def _full(recalls: list[dict[str, Any]]) -> Table:
    order = {name: i for i, name in enumerate(_scorers(recalls))}
    ordered = sorted(recalls, key=lambda one: (one["incident"], order[one["scorer"]]))
    extra = sorted({key for one in recalls for key in one} - _KNOWN)
    rows: list[list[Cell]] = [
        [
            phrase(one["incident"]),
            phrase(one["scorer"]),
            count(one.get("detected")),
            count(one.get("trials")),
            percent(one["recall"]),
            interval(one.get("recall_interval"), as_percent=True),
            duration(one.get("median_delay_s")),
            decimal(one.get("intensity_at_50")),
            decimal(one.get("intensity_at_90")),
            *(Code(str(one.get(key, ""))) for key in extra),
        ]
        for one in ordered
    ]
    return Table(
        caption="Every incident and scorer",
        head=(
            "incident", "scorer", "noticed", "trials", "recall", "95 % interval (Wilson)",
            "median delay", "intensity for 50 %", "intensity for 90 %", *map(phrase, extra),
        ),
        rows=rows,
        folded=True,
    )  # fmt: skip


def _curves(number: int, name: str, recalls: list[dict[str, Any]]) -> Figure:
    own = {one["scorer"]: one for one in recalls if one["incident"] == name}
    curves = [_curve(scorer, own[scorer]) for scorer in _scorers(list(own.values()))]
    levels = sorted({x for curve in curves for x in curve.x})
    frame = Frame(
        x_label="intensity",
        y_label="share noticed",
        x_scale="log" if levels and levels[0] > 0 else "linear",
        y_range=(-0.04, 1.04),
        x_ticks=levels,
    )
    rows = [
        [
            phrase(scorer),
            decimal(p["intensity"]),
            count(p["detected"]),
            count(p["trials"]),
            percent(p["recall"]),
            interval(p.get("recall_interval"), as_percent=True),
        ]
        for scorer in _scorers(list(own.values()))
        for p in own[scorer].get("by_intensity", ())
    ]
    head = ("scorer", "intensity", "noticed", "trials", "recall", "95 % interval")
    return Figure(
        chart=draw_curves(f"incident-{number}", curves, frame=frame, width_in=4.3, height_in=2.2),
        title=phrase(name).capitalize(),
        text=_told(own),
        keys=curve_keys(curves),
        table=Table(caption=f"Recall on {phrase(name)}", head=head, rows=rows),
        narrow=True,
    )


def _curve(scorer: str, one: dict[str, Any]) -> Curve:
    points = one.get("by_intensity", ())
    bands = [p["recall_interval"] for p in points if p.get("recall_interval")]
    return Curve(
        name=phrase(scorer),
        x=[p["intensity"] for p in points],
        y=[p["recall"] for p in points],
        bands=bands if points and len(bands) == len(points) else None,
    )


def _told(own: dict[str, dict[str, Any]]) -> str:
    mine = own.get("model")
    if mine is None:
        return "Share noticed by intensity."
    half = mine.get("intensity_at_50")
    reached = f"half of them from intensity {decimal(half)} on" if half else "never half of them"
    return f"The model notices {percent(mine['recall'])} in all, {reached}."
