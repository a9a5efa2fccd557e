"""One run as the sections see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["Run"]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run left: report.json, windows.parquet, incidents.parquet, its configuration."""

    account: Mapping[str, Any]
    windows: pd.DataFrame
    config: Mapping[str, Json]
    incidents: pd.DataFrame | None = None
    command: str = ""

    def part(self, *keys: str) -> Any:  # noqa: ANN401
        """A place in the account, {} where it was not measured."""
        found: Any = self.account
        for key in keys:
            found = found.get(key) if isinstance(found, Mapping) else None
            if found is None:
                return {}
        return found

    @cached_property
    def alerts(self) -> pd.DataFrame:
        """Flagged windows of the test part, highest score first."""
        frame = self.windows
        flagged = frame[frame["is_anomaly"] & (frame["part"] == "test")]
        return flagged.sort_values(
            ["score", "start", "entity"], ascending=[False, True, True], kind="stable"
        )
