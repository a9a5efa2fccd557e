"""Writing a simulated export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json

if TYPE_CHECKING:
    from wifitrain.simulation import SimulateRun as ExportWriter

__all__ = ["SimulateRun"]


@dataclass(frozen=True, kw_only=True)
class SimulateRun:
    """A simulation and where it is written."""

    writer: ExportWriter

    def run(self, context: RunContext) -> Outcome:
        """Write the export, its labels, and a report into the run folder."""
        written = self.writer.run(context.run_dir)
        write_json(context.run_dir / "report.json", written)
        return Outcome(
            closing=f"{written['rows']} rows: {written['path']} | labels: {written['labels_path']}"
        )
