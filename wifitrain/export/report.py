"""The validation report of an export: is it fit for training, and if not, why and where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["Finding", "ValidationReport"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One error or warning: its code, a sentence, how often, and where first (`file:record`)."""

    code: str
    message: str
    count: int = 1
    examples: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ValidationReport:
    """The design's report. `is_valid` is True where there are no errors; warnings end nothing.

    `stats`: log_count, valid_logs, invalid_logs, wifi_logs, wifi_ratio, first_time and last_time
    (ISO, UTC), time_range_days, exact_repeats, duplicates_removed, clock_reset_rows, cut_messages.
    """

    errors: Sequence[Finding] = ()
    warnings: Sequence[Finding] = ()
    stats: Mapping[str, Json] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether the export is fit for training."""
        return not self.errors

    def to_json(self) -> str:
        """The report as indented JSON."""
        return json.dumps({"is_valid": self.is_valid, **asdict(self)}, indent=2)
