"""Whether this export can feed a feature, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.features.vocabulary import LOGGABLE

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.features.feature import Feature

__all__ = ["Survey", "survey_of", "why_unavailable"]

_SURVEYED = (
    "level",
    "station",
    "station_is_local",
    "bssid",
    "ssid",
    "signal_dbm",
    "tx_rate_kbps",
    "auth_algorithm",
    "frequency_mhz",
)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What occurs in an export: programs with WiFi lines, event names, filled columns."""

    programs: frozenset[str]
    events: frozenset[str]
    filled: frozenset[str]


def survey_of(rows: ir.Table) -> Survey:
    """One look at the rows of all entities."""
    kinds = rows.select("program", "event", "wifi").distinct().to_pandas()
    wifi = rows.filter(rows.wifi)
    counts = wifi.agg(**{name: wifi[name].count() for name in _SURVEYED}).to_pandas().iloc[0]
    return Survey(
        programs=frozenset(kinds.loc[kinds["wifi"], "program"].dropna()),
        events=frozenset(kinds["event"]),
        filled=frozenset(name for name in _SURVEYED if counts[name] > 0),
    )


def why_unavailable(features: Iterable[Feature], *, survey: Survey) -> Mapping[str, str]:
    """Name -> reason of those of `features` that nothing in the export can feed."""
    reasons = {one.name: _reason(one, survey) for one in features}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(feature: Feature, survey: Survey) -> str:
    inputs = ", ".join(feature.inputs)
    occurs = not survey.events.isdisjoint(feature.inputs)
    if feature.feed == "never":
        return f"no program logs it ({feature.meaning})"
    if feature.feed == "column" and survey.filled.isdisjoint(feature.inputs):
        return f"no WiFi line of this export carries {inputs}"
    if feature.feed == "occurs" and not occurs:
        return f"this export has no line of {inputs}"
    if feature.feed == "possible" and not occurs and not _is_loggable(feature, survey):
        programs = ", ".join(sorted(survey.programs)) or "none"
        return f"the programs of this export ({programs}) do not log {inputs}"
    return ""


def _is_loggable(feature: Feature, survey: Survey) -> bool:
    return any(
        not LOGGABLE.get(program, frozenset()).isdisjoint(feature.inputs)
        for program in survey.programs
    )
