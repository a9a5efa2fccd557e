"""What the run cost and how to repeat it: stages, versions, digests, configuration, command."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Block, Cell, Code, Command, Facts, Figure, Prose, Section, Table
from wifitrain.report.charts.bars import Bar, draw_bars
from wifitrain.report.wording import count, duration, phrase, size

if TYPE_CHECKING:
    from wifitrain.records import Json
    from wifitrain.report.run import Run

__all__ = ["origin"]

_SECRET_NAME = re.compile(r"password|passwd|secret|token|credential|(^|[._])key$", re.IGNORECASE)
_SECRET_IN_URL = re.compile(r"(://[^/@\s:]*:)[^@\s]+@")
_SECRET_SET = re.compile(
    r"((?:password|passwd|secret|token|credential|key)=)[^\s']+", re.IGNORECASE
)


def origin(run: Run) -> Section:
    """Resources and everything that the result depends on."""
    blocks: list[Block] = []
    resources, speed = run.part("resources"), run.part("monitoring", "performance")
    if resources or speed:
        blocks.append(Facts(_facts(resources, speed)))
    if stages := resources.get("stages_s"):
        blocks.append(_stages(stages))
    if run.command:
        blocks.append(Command(_without_secrets(run.command)))
    blocks.append(Prose(("The same data, configuration and code give the same digests.",)))
    for caption, found in (
        ("Digests (SHA-256)", run.part("digests")),
        ("Versions", run.part("environment")),
    ):
        if found:
            rows: list[list[Cell]] = [
                [phrase(name), Code(str(value))] for name, value in found.items()
            ]
            blocks.append(Table(caption=caption, head=("of", "value"), rows=rows))
    if settings := list(_flat(run.config)):
        listed: list[list[Cell]] = [[Code(name), Code(value)] for name, value in settings]
        head = ("key", "value")
        blocks.append(Table(caption="Resolved configuration", head=head, rows=listed, folded=True))
    return Section(id="origin", title="Cost, and how to reproduce", blocks=blocks)


def _facts(resources: dict[str, Any], speed: dict[str, Any]) -> list[tuple[str, Any, str]]:
    facts: list[tuple[str, Any, str]] = []
    if "wall_s" in resources:
        cpu = duration(resources.get("cpu_s"))
        facts.append(("duration", duration(resources["wall_s"]), f"{cpu} of processor time"))
    if "evaluation_s" in resources:
        told = f"beside {duration(resources['training_s'])} of training"
        facts.append(("evaluation", duration(resources["evaluation_s"]), told))
    if "peak_rss_bytes" in resources:
        facts.append(("memory", size(resources["peak_rss_bytes"]), "at most, resident"))
    if "windows_per_s" in speed:
        facts.append(("scoring", count(speed["windows_per_s"]), "windows a second, together"))
    if "single_window_s" in speed:
        facts.append(("one window", duration(speed["single_window_s"]), "scored by itself"))
    return facts


def _stages(stages: dict[str, float]) -> Figure:
    bars = [Bar(name=phrase(n), value=s, shown=duration(s)) for n, s in stages.items()]
    longest = max(stages, key=lambda name: stages[name])
    return Figure(
        chart=draw_bars("stages", bars, label="seconds"),
        title="Time of each stage",
        text=f"Longest: {phrase(longest)} with {duration(stages[longest])}.",
        table=Table(
            caption="Stages",
            head=("stage", "time"),
            rows=[[phrase(name), duration(seconds)] for name, seconds in stages.items()],
        ),
    )


def _flat(config: Json, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Keys as one writes them on the command line; secrets are never shown."""
    if isinstance(config, Mapping):
        for name, value in config.items():
            yield from _flat(value, f"{prefix}.{name}" if prefix else str(name))
    elif _SECRET_NAME.search(prefix) and config is not None:
        yield prefix, "***"
    elif isinstance(config, Sequence) and not isinstance(config, str):
        yield prefix, _without_secrets("[" + ", ".join(map(str, config)) + "]")
    elif prefix:
        yield prefix, "null" if config is None else _without_secrets(str(config))


def _without_secrets(text: str) -> str:
    return _SECRET_SET.sub(r"\1***", _SECRET_IN_URL.sub(r"\1***@", text))
