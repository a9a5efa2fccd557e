"""Clearing the cache."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.pipeline.files import write_json

if TYPE_CHECKING:
    from wifitrain.cache import Cache

__all__ = ["ClearCacheRun"]


@dataclass(frozen=True, kw_only=True)
class ClearCacheRun:
    """The cache that goes; jobs that run at the same time compute again what they miss."""

    cache: Cache

    def run(self, context: RunContext) -> Outcome:
        """Remove every entry and say what it was in report.json of the run folder."""
        cleared = self.cache.clear()
        write_json(context.run_dir / "report.json", {"status": "completed", **asdict(cleared)})
        megabytes = cleared.bytes / 1e6
        return Outcome(
            closing=f"{cleared.entries} entries, {megabytes:.1f} MB removed: {cleared.directory}"
        )
