"""Judging an export without training on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json

if TYPE_CHECKING:
    from wifitrain.engine import Engine

__all__ = ["ValidateRun"]


class _Report(Protocol):
    @property
    def is_valid(self) -> bool: ...

    def to_json(self) -> str: ...


class _Validator(Protocol):
    def validate(self, engine: Engine, *, quarantine: Path, progress: bool = False) -> _Report: ...


@dataclass(frozen=True, kw_only=True)
class ValidateRun:
    """A source to judge."""

    engine: Engine
    source: _Validator

    def run(self, context: RunContext) -> Outcome:
        """Write validation.json into the run folder; status 1 where the export is unfit."""
        with self.engine as engine:
            report = self.source.validate(
                engine,
                quarantine=context.run_dir / "quarantine.ndjson",
                progress=context.progress,
            )
        path = context.run_dir / "validation.json"
        content = json.loads(report.to_json())
        write_json(path, content)
        return Outcome(
            closing=f"{'fit' if report.is_valid else 'unfit'} for training | report: {path}",
            status=0 if report.is_valid else 1,
            tables=(_table(content),),
        )


def _table(content: dict[str, Any]) -> object:
    """Findings first, then what was counted."""
    from rich.table import Table
    from rich.text import Text

    table = Table("", "what", "count", "first examples", title="export", title_justify="left")
    for severity in ("errors", "warnings"):
        for finding in content[severity]:
            examples = Text(", ".join(finding["examples"]))
            message = Text(f"{finding['code']}: {finding['message']}")
            table.add_row(severity[:-1], message, str(finding["count"]), examples)
    for name, value in content["stats"].items():
        table.add_row("", name, Text(str(value)), "")
    return table
