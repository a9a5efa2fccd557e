"""What an operator would have read: alert volume against the budget, and the alerts themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge, Block, Cell, Facts, Figure, Prose, Section, Table
from wifitrain.report.charts.bars import Bar, draw_bars
from wifitrain.report.wording import count, decimal, duration, interval, percent

if TYPE_CHECKING:
    from wifitrain.report.run import Run

__all__ = ["alert_budget", "alert_list"]

_LISTED = 50
_BARS = 20


def alert_budget(run: Run) -> Section | None:
    """Measured alerts on the test part beside the budget that was asked for."""
    volume = run.part("evaluation", "alert_volume")
    if not volume:
        return None
    allowed = run.part("calibration").get("alerts_per_day")
    blocks: list[Block] = [Facts(_facts(volume, allowed))]
    if volume.get("by_access_point"):
        blocks.append(_by_access_point(volume, allowed))
    if len(volume.get("by_day", {})) > 1:
        blocks.append(_by_day(volume["by_day"]))
    if reasons := volume.get("guard_reasons"):
        rows = [[reason, count(n)] for reason, n in reasons.items()]
        blocks.append(
            Table(
                caption="Most frequent reasons of the guard",
                head=("reason", "alerts"),
                rows=rows,
                folded=max(reasons.values()) == 1,  # all different: the list of alerts has them
            )
        )
    return Section(
        id="budget",
        title="Alerts against the budget",
        lead="The budget sets the threshold on the calibration part. What it came to is measured on"
        " later windows; far from the budget means drift, or too little data.",
        blocks=blocks,
    )


def _facts(volume: dict[str, Any], allowed: float | None) -> list[tuple[str, Cell, str]]:
    by = volume.get("by_source", {})
    told = ", ".join(f"{n} by {'the ' * (who != 'both')}{who}" for who, n in by.items())
    return [
        ("asked for", percent(volume["budget"]), f"of windows, {decimal(allowed)} alerts a day"),
        (
            "measured",
            percent(volume["rate"]),
            f"95 % interval {interval(volume['rate_interval'], as_percent=True)}, blocks of"
            f" {duration(volume['block_s'])}",
        ),
        ("alerts", count(volume["alerts"]), f"in {count(volume['windows'])} test windows: {told}"),
    ]


def _by_access_point(volume: dict[str, Any], allowed: float | None) -> Figure:
    found = volume["by_access_point"]
    bars = [
        Bar(name=one["entity"], value=one["alerts_per_day"], shown=decimal(one["alerts_per_day"]))
        for one in found[:_BARS]
    ]
    rows = [
        [one["entity"], count(one["windows"]), count(one["alerts"]), decimal(one["alerts_per_day"])]
        for one in found
    ]
    return Figure(
        chart=draw_bars("by-access-point", bars, label="alerts a day", reference=allowed),
        title="Alerts a day at each access point",
        text=f"Those with most alerts first; the broken line is the budget of {decimal(allowed)}"
        f" alerts a day. Most: {found[0]['entity']} with {decimal(found[0]['alerts_per_day'])}.",
        table=Table(
            caption="Alerts by access point",
            head=("access point", "windows", "alerts", "alerts a day"),
            rows=rows,
        ),
    )


def _by_day(by_day: dict[str, int]) -> Figure:
    days = list(by_day.items())
    bars = [Bar(name=day, value=n, shown=count(n)) for day, n in days[-_BARS:]]
    return Figure(
        chart=draw_bars("by-day", bars, label="alerts, all access points"),
        title="Alerts on each day of the test part",
        text=f"{len(days)} days, at most {max(by_day.values())} alerts on one day (UTC).",
        table=Table(
            caption="Alerts by day", head=("day", "alerts"), rows=[[d, count(n)] for d, n in days]
        ),
    )


def alert_list(run: Run) -> Section:
    """The alerts of the test part with the highest scores, each with its reason."""
    alerts = run.alerts
    if alerts.empty:
        told = "No window of the test part was above the threshold."
        return Section(id="alerts", title="Alerts", blocks=[Prose((told,))])
    shown = alerts.head(_LISTED)
    with_labels = bool(shown["label"].notna().any())
    table = Table(
        caption=f"The {len(shown)} highest of {len(alerts):,} alerts of the test part",
        head=("start (UTC)", "access point", "score", "raised by", "reason")
        + (("label",) if with_labels else ()),
        rows=[_row(row, with_labels=with_labels) for row in shown.itertuples(index=False)],
        note="All windows with their scores are in windows.parquet of the run folder.",
    )
    return Section(id="alerts", title="Alerts", blocks=[table])


def _row(row: Any, *, with_labels: bool) -> list[Cell]:  # noqa: ANN401
    by_guard = row.reason.startswith("guard")
    both = by_guard and row.estimator_score > row.threshold
    cells: list[Cell] = [
        f"{row.start:%Y-%m-%d %H:%M}",
        str(row.entity),
        decimal(row.score),
        "both" if both else "guard" if by_guard else "estimator",
        row.reason.removeprefix("guard: ") if by_guard else "",
    ]
    if with_labels:
        known = {True: Badge("anomalous", "good"), False: Badge("normal", "open")}
        cells.append(
            Badge("unlabelled") if row.label is None else known.get(row.label, Badge("unlabelled"))
        )
    return cells
