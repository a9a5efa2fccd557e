"""Answers on a terminal: tables whose cells cannot steer it, or strict JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

from wifitrain.storage import strict_json

__all__ = ["Answer", "Table", "cell", "show"]

# Control characters, and the marks that reverse the direction of what follows.
_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


_WIDTH_IN_FILES = 240
_NEVER_CUT = ("version", "before")  # to be copied into the next command


@dataclass(frozen=True)
class Table:
    """Rows under their heads; left out where there are none."""

    heads: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command says: `value` for programs, tables and lines for people."""

    value: strict_json.Plain
    tables: Sequence[Table] = ()
    lines: Sequence[str] = field(default_factory=tuple)
    status: int = 0


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer to standard output."""
    if as_json:
        sys.stdout.write(strict_json.dumps(answer.value).decode())
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else _WIDTH_IN_FILES)
    for table in answer.tables:
        if table.rows:
            console.print(_drawn(table))
    for line in answer.lines:
        console.print(Text(cell(line)))


def _drawn(table: Table) -> object:
    from rich import box
    from rich.table import Table as Drawn
    from rich.text import Text

    drawn = Drawn(title=table.title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for head in table.heads:
        drawn.add_column(head, overflow="fold", no_wrap=head in _NEVER_CUT)
    for row in table.rows:
        drawn.add_row(*(Text(cell(value)) for value in row))
    return drawn


def cell(value: object) -> str:
    """A value as text in which nothing steers a terminal."""
    text = "" if value is None else str(value)
    return _STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
