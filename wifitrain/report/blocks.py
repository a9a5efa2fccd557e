"""What a page is made of: sections of paragraphs, tables, facts and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from wifitrain.report.wording import Numeral, decimal, interval, phrase

if TYPE_CHECKING:
    from wifitrain.records import Json
    from wifitrain.report.charts.canvas import Chart

__all__ = [
    "Badge", "Block", "Cell", "Code", "Command", "Facts", "Figure", "Key", "Lines", "Link", "Prose",
    "Section", "Table", "anything",
]  # fmt: skip

_HALF_PAGE = 52  # letters

Tone = Literal["good", "bad", "open", "plain"]


@dataclass(frozen=True)
class Badge:
    """A state in a word; the tone adds a mark and a colour, never replaces the word."""

    text: str
    tone: Tone = "plain"
    kind: ClassVar[str] = "badge"


@dataclass(frozen=True)
class Code:
    """Text that someone may want to copy: a digest, a command, a log template."""

    text: str
    kind: ClassVar[str] = "code"


@dataclass(frozen=True)
class Link:
    """Text that leads to the section `target` of the same page."""

    text: str
    target: str
    kind: ClassVar[str] = "link"


Cell = str | Badge | Code | Link


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of formatted cells. `folded`: behind a summary that opens it."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    folded: bool = False
    kind: ClassVar[str] = "table"

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns hold numbers, and nothing that is read as text."""
        columns = list(zip(*self.rows, strict=True)) or [()] * len(self.head)
        return tuple(
            any(isinstance(cell, Numeral) for cell in column)
            and all(isinstance(cell, Numeral | Badge) for cell in column)
            for column in columns
        )

    @property
    def narrow(self) -> bool:
        """Whether two such tables fit beside each other."""
        columns = zip(self.head, *self.rows, strict=True)
        return sum(max(map(_letters, column)) for column in columns) <= _HALF_PAGE


@dataclass(frozen=True)
class Facts:
    """Labelled values, the large print of a section: (label, value, remark)."""

    facts: Sequence[tuple[str, Cell, str]]
    kind: ClassVar[str] = "facts"


@dataclass(frozen=True)
class Prose:
    """A paragraph, or a list of them."""

    lines: Sequence[str]
    listed: bool = False
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Command:
    """A line to type in."""

    text: str
    kind: ClassVar[str] = "command"


@dataclass(frozen=True)
class Lines:
    """Lines of a log as they were written, one below the other."""

    caption: str
    lines: Sequence[str]
    kind: ClassVar[str] = "lines"


@dataclass(frozen=True)
class Key:
    """One entry of a figure's legend: the CSS variable of its colour, its mark, its words."""

    variable: str
    mark: Literal["line", "dash", "dot", "up", "area", "tick"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart with its title, what it shows in words, and its numbers as a table."""

    chart: Chart
    title: str
    text: str
    keys: Sequence[Key] = ()
    table: Table | None = None
    narrow: bool = False
    kind: ClassVar[str] = "figure"


Block = Table | Facts | Prose | Command | Lines | Figure


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading with what follows it. With `back`, a link at its end, it is a page in print."""

    id: str
    title: str
    blocks: Sequence[Block]
    lead: str = ""
    back: Link | None = None


def anything(title: str, content: Json) -> list[Block]:
    """Tables for JSON whose shape is not known here: nothing measured is lost on the page."""
    if isinstance(content, list | tuple) and content and all(isinstance(x, dict) for x in content):
        head = list(dict.fromkeys(name for row in content for name in row))
        rows = [[_cell(row.get(name)) for name in head] for row in content]
        return [Table(caption=title, head=[phrase(name) for name in head], rows=rows)]
    if isinstance(content, dict):
        flat = {k: v for k, v in content.items() if not _is_deep(v)}
        rows = [[phrase(name), _named_cell(name, value)] for name, value in flat.items()]
        first: list[Block] = [Table(caption=title, head=["", "value"], rows=rows)] if rows else []
        deep = (anything(f"{title}: {phrase(k)}", v) for k, v in content.items() if _is_deep(v))
        return [*first, *(block for blocks in deep for block in blocks)]
    return [Table(caption=title, head=["value"], rows=[[_cell(content)]])]


def _letters(cell: Cell) -> int:
    return len(cell if isinstance(cell, str) else cell.text) + 2


def _is_deep(value: Json) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list | tuple) and any(isinstance(one, dict | list) for one in value)
    )


def _named_cell(name: str, value: Json) -> Cell:
    pair = isinstance(value, list | tuple) and len(value) == 2
    return interval(value) if pair and name.endswith("interval") else _cell(value)  # type: ignore[arg-type]


def _cell(value: Json) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return decimal(value)
    if isinstance(value, list | tuple):
        return ", ".join(str(_cell(one)) for one in value)
    return Numeral("\N{EN DASH}") if value is None else str(value)
