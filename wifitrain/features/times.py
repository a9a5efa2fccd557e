"""When the lines of a window were logged: time of day, weekday, time between lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Feature, Formula
from wifitrain.features.rows import MILLISECONDS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["TIME_FEATURES"]


def _on_circle(name: str, prefix: str, meaning: str) -> Feature:
    """A circular mean as the two coordinates of its direction: 23:59 and 00:01 are neighbours."""

    def coordinate(axis: str) -> Formula:
        def formula(facts: ir.Table) -> ir.Value:
            sine = facts[f"{prefix}_sine"].cast("float64")
            cosine = facts[f"{prefix}_cosine"].cast("float64")
            return facts[f"{prefix}_{axis}"].cast("float64") / (
                (sine * sine + cosine * cosine).sqrt().nullif(0.0)
            )

        return formula

    return Feature(
        name=name,
        group="temporal",
        meaning=meaning,
        unit="coordinate on the unit circle",
        range="[-1, 1]",
        feed="lines",
        inputs=(),
        facts=(f"{prefix}_sine", f"{prefix}_cosine"),
        columns={f"{name}_sin": coordinate("sine"), f"{name}_cos": coordinate("cosine")},
    )


def _mean_gap(facts: ir.Table) -> ir.Value:
    """The mean of n - 1 gaps is their sum, last - first, by their number."""
    gaps = (facts.n_events - 1).cast("float64").nullif(0.0)
    return (facts.last_event_ms - facts.first_event_ms).cast("float64") / gaps / MILLISECONDS


TIME_FEATURES = (
    _on_circle("mean_hour_of_day", "day", "circular mean of the time of day (UTC) of WiFi lines"),
    _on_circle("mean_day_of_week", "weekday", "circular mean of the weekday (UTC) of WiFi lines"),
    Feature(
        name="mean_time_between_events",
        group="temporal",
        meaning="mean time between successive WiFi lines; undefined below two lines",
        unit="s",
        range="[0, window_s)",
        feed="lines",
        inputs=(),
        facts=("first_event_ms", "last_event_ms", "n_events"),
        columns={"mean_time_between_events": _mean_gap},
    ),
)
