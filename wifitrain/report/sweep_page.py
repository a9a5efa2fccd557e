"""The page of a sweep: heat maps over budget and forest size, the choice, the table of jobs."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wifitrain.report.blocks import (
    Badge,
    Block,
    Cell,
    Facts,
    Figure,
    Prose,
    Section,
    Table,
    anything,
)
from wifitrain.report.charts.heat import draw_heat
from wifitrain.report.rendering import Page, render, write_whole
from wifitrain.report.wording import Numeral, count, decimal, percent, phrase

__all__ = ["render_sweep_report", "write_sweep_report"]

_AXES = ("contamination", "n_estimators")
_MAPS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("incident_recall", "Incident recall", percent),
    ("stability", "Agreement of seeds", decimal),
    ("alert_rate", "Alert rate on the test part", percent),
    ("threshold", "Threshold", decimal),
)
_NAMES = {"good": ("available", "deployed"), "open": ("candidate",), "bad": ("failed",)}
_SHOWN_BEFORE = ("job", "status", *_AXES)
_SHOWN_AFTER = ("version", "error")


def write_sweep_report(sweep: Mapping[str, Any], path: Path) -> None:
    """Write the page of a sweep to `path`, whole or not at all.

    Parameters
    ----------
    sweep : the content of sweep.json: ``jobs``, each with job, status, contamination, n_estimators,
        threshold, alert_rate, stability, version, or an error; any other number gets a column,
        ``incident_recall`` a heat map. ``choice`` (with the ``job`` that was chosen, if any) and
        all other keys are shown as they are.

    Raises
    ------
    WifitrainError : the file cannot be written.
    """
    write_whole(path, render_sweep_report(sweep))


def render_sweep_report(sweep: Mapping[str, Any]) -> str:
    """The page as text; the same sweep gives the same bytes."""
    jobs: list[dict[str, Any]] = list(sweep.get("jobs", ()))
    done = [job for job in jobs if job.get("status") != "failed"]
    failed = [job for job in jobs if job.get("status") == "failed"]
    sections = [_short(jobs, failed), _choice(sweep), _heat_maps(done, _chosen(sweep, jobs))]
    sections += [_jobs(jobs), _failures(failed)]
    page = Page(
        title="Sweep",
        subtitle=f"{len(jobs)} jobs over {_axes_told(done)}",
        headline=_headline(sweep, jobs, failed),
        badge=Badge(f"{len(failed)} failed", "bad") if failed else Badge("complete", "good"),
        sections=[section for section in sections if section is not None],
    )
    return render(page)


def _headline(sweep: Mapping[str, Any], jobs: Sequence[Any], failed: Sequence[Any]) -> str:
    choice = sweep.get("choice")
    if isinstance(choice, Mapping):
        for key in ("verdict", "text", "reason", "why"):
            if isinstance(choice.get(key), str):
                return str(choice[key])
    if not jobs:
        return "No job ran."
    return f"{len(jobs) - len(failed)} of {len(jobs)} jobs ended well."


def _axes_told(jobs: Sequence[Mapping[str, Any]]) -> str:
    swept = [name for name in _AXES if len({job.get(name) for job in jobs}) > 1]
    return " and ".join(phrase(name) for name in swept) or "one configuration"


def _short(jobs: Sequence[Any], failed: Sequence[Any]) -> Section:
    facts: list[tuple[str, Cell, str]] = [
        ("jobs", count(len(jobs)), "in the sweep"),
        ("ended well", count(len(jobs) - len(failed)), "each with a version of its own"),
        ("failed", count(len(failed)), "their errors are below" if failed else ""),
    ]
    states = sorted({str(job.get("status")) for job in jobs} - {"failed"})
    facts += [(s, count(sum(job.get("status") == s for job in jobs)), "versions") for s in states]
    return Section(id="summary", title="In short", blocks=[Facts(facts)])


def _choice(sweep: Mapping[str, Any]) -> Section | None:
    rest = {key: one for key, one in sweep.items() if key != "jobs" and one not in (None, [], {})}
    if not rest:
        return None
    blocks = [b for key, one in rest.items() for b in anything(phrase(key).capitalize(), one)]
    return Section(
        id="choice",
        title="The choice",
        lead="Configurations that fail a gate are out; those whose difference can be chance are one"
        " group; of the best group the cheapest that is stable enough is taken.",
        blocks=blocks,
    )


def _chosen(sweep: Mapping[str, Any], jobs: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    choice = sweep.get("choice")
    if not isinstance(choice, Mapping):
        return []
    named = {choice.get(key) for key in ("job", "chosen", "version") if _is_plain(choice.get(key))}
    return [_place(job) for job in jobs if named & {job.get("job"), job.get("version")} - {None}]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int)


def _place(job: Mapping[str, Any]) -> tuple[str, str]:
    return (_setting(job.get("contamination")), _setting(job.get("n_estimators")))


def _setting(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:g}"


def _heat_maps(
    jobs: Sequence[Mapping[str, Any]], chosen: Sequence[tuple[str, str]]
) -> Section | None:
    blocks: list[Block] = [
        _heat_map(name, (title, show), jobs, chosen)
        for name, title, show in _MAPS
        if any(job.get(name) is not None for job in jobs)
    ]
    if not blocks:
        return None
    return Section(
        id="maps",
        title="Over budget and forest size",
        lead="Stronger colour is a higher number, not a better one: contamination only moves the"
        " threshold, the number of trees buys agreement between seeds.",
        blocks=blocks,
    )


def _heat_map(
    name: str,
    told: tuple[str, Callable[[float], str]],
    jobs: Sequence[Mapping[str, Any]],
    chosen: Sequence[tuple[str, str]],
) -> Figure:
    title, show = told
    cells: dict[tuple[str, str], list[float]] = {}
    for job in sorted(jobs, key=lambda job: tuple(job.get(axis) or 0 for axis in _AXES)):
        if job.get(name) is not None:
            cells.setdefault(_place(job), []).append(job[name])
    values = {place: statistics.median(found) for place, found in cells.items()}
    low, high = (pick(values, key=lambda place: values[place]) for pick in (min, max))
    shared = " Cells of several jobs show their median." if len(jobs) > len(cells) else ""
    framed = " The chosen configuration is framed." if chosen else ""
    return Figure(
        chart=draw_heat(
            f"map-{name.replace('_', '-')}", values, labels=("contamination", "trees"), show=show,
            chosen=chosen,
        ),
        title=title,
        text=f"From {show(values[low])} (contamination {low[0]}, {low[1]} trees) to"
        f" {show(values[high])} ({high[0]}, {high[1]} trees).{shared}{framed}",
        table=Table(
            caption=title,
            head=("contamination", "trees", title.lower()),
            rows=[[Numeral(c), Numeral(n), show(v)] for (c, n), v in values.items()],
        ),
        narrow=True,
    )  # fmt: skip


def _jobs(jobs: Sequence[Mapping[str, Any]]) -> Section | None:
    if not jobs:
        return None
    names = list(dict.fromkeys(name for job in jobs for name in job))
    middle = [name for name in names if name not in (*_SHOWN_BEFORE, *_SHOWN_AFTER)]
    head = [n for n in (*_SHOWN_BEFORE, *middle, "version") if n in names]
    rows = [[_cell(name, job.get(name)) for name in head] for job in jobs]
    table = Table(caption="All jobs", head=[phrase(name) for name in head], rows=rows)
    return Section(id="jobs", title="Jobs", blocks=[table])


def _cell(name: str, value: Any) -> Cell:  # noqa: ANN401
    if name == "status":
        tones = {status: tone for tone, known in _NAMES.items() for status in known}
        return Badge(str(value), tones.get(str(value), "plain"))  # type: ignore[arg-type]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in {"alert_rate", "incident_recall", "contamination"} and value is not None:
        return percent(value)
    if value is None or isinstance(value, int | float):
        return decimal(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _failures(failed: Sequence[Mapping[str, Any]]) -> Section | None:
    if not failed:
        return None
    rows = [
        [count(job.get("job")), str(job.get("error", "ended without a word"))] for job in failed
    ]
    blocks: list[Block] = [
        Prose(("A failed job leaves no version. The others are not touched by it.",)),
        Table(caption="Errors", head=("job", "error"), rows=rows),
    ]
    return Section(id="failures", title="Failed jobs", blocks=blocks)
