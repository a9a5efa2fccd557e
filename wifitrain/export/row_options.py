"""What the user decides about rows, wherever they come from; each key is checked by its name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wifitrain.export.canonical import Choices
from wifitrain.export.settings import (
    check_choice,
    check_count,
    check_limit,
    check_names,
    check_ratio,
    check_year,
    check_zone,
    labels_field,
)
from wifitrain.pseudonyms import Pseudonymiser

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["RowOptions", "row_options"]

_CLOCK_RESETS = ("repair", "quarantine", "keep")


@dataclass(frozen=True, kw_only=True)
class RowOptions:
    """Checked options that every source has."""

    choices: Choices
    max_invalid_ratio: float
    max_message_chars: int
    labels_field: str | None
    pseudonymiser: Pseudonymiser | None

    @property
    def identity(self) -> Json:
        """Every option that changes rows, account or quarantine, as JSON."""
        key = None if self.pseudonymiser is None else self.pseudonymiser.fingerprint
        return {
            "choices": {name: repr(value) for name, value in asdict(self.choices).items()},
            "max_invalid_ratio": self.max_invalid_ratio,
            "max_message_chars": self.max_message_chars,
            "labels_field": self.labels_field,
            "pseudonyms": key,
        }


def row_options(
    *,
    timezone: str,
    year: int | None,
    max_invalid_ratio: float,
    max_records: int | None,
    wifi_programs: Sequence[str],
    programs: Sequence[str] | None,
    labels: str | None,
    clock_reset: str,
    max_message_chars: int,
    pseudonymise: bool,
    pseudonym_key_file: str | None,
) -> RowOptions:
    """The options of the configuration group `source` that concern rows (see `FileSource`).

    Raises
    ------
    ConfigError : a value that cannot be used, by its key.
    """
    pseudonymiser = Pseudonymiser(enabled=pseudonymise, key_file=pseudonym_key_file)
    return RowOptions(
        choices=Choices(
            timezone=check_zone("source.timezone", timezone),
            year=check_year(year),
            clock_reset=check_choice("source.clock_reset", clock_reset, _CLOCK_RESETS),
            programs=() if programs is None else check_names("source.programs", programs),
            wifi_programs=check_names("source.wifi_programs", wifi_programs),
            max_records=check_limit("source.max_records", max_records),
        ),
        max_invalid_ratio=check_ratio(max_invalid_ratio),
        max_message_chars=check_count("source.max_message_chars", max_message_chars),
        labels_field=labels_field(labels),
        pseudonymiser=pseudonymiser if pseudonymise else None,
    )
