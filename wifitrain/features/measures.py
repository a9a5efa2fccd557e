"""What a client measures: signal strength and data rate, from integer sums of its samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.features.feature import Feature, Formula, ratio

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["SIGNAL_FEATURES", "SIGNAL_TREND"]


def _measured(
    name: str, meaning: str, unit: str, *, column: str, facts: tuple[str, ...], formula: Formula
) -> Feature:
    return Feature(
        name=name,
        group="derived" if name == "signal_strength_trend" else "numeric",
        meaning=meaning,
        unit=unit,
        range="(-inf, inf)" if unit != "kbit/s" else "[0, inf)",
        feed="column",
        inputs=(column,),
        facts=facts,
        columns={name: formula},
    )


def _deviation(facts: ir.Table) -> ir.Value:
    """Sample standard deviation from n, sum and sum of squares (integers, hence exact)."""
    n, total = facts.signal_n.cast("float64"), facts.signal_sum.cast("float64")
    spread = facts.signal_squares.cast("float64") - total * total / n.nullif(0.0)
    return (_not_below_zero(spread) / (n - 1).nullif(0.0)).sqrt()


def _not_below_zero(value: ir.Value) -> ir.Value:
    import ibis

    return ibis.ifelse(value < 0, 0.0, value)


def _slope(facts: ir.Table) -> ir.Value:
    """Least-squares slope of the signal over time, undefined where all samples share one time."""
    import ibis

    n = facts.signal_n.cast("float64")
    ms, signal = facts.signal_ms.cast("float64"), facts.signal_sum.cast("float64")
    above = n * facts.signal_by_ms.cast("float64") - ms * signal
    below = n * facts.signal_ms_squares.cast("float64") - ms * ms
    spread_in_time = facts.signal_last_ms > facts.signal_first_ms
    return ibis.ifelse(spread_in_time, above / below.nullif(0.0) * 1000, ibis.null("float64"))


SIGNAL_FEATURES = (
    _measured(
        "mean_signal_strength",
        "mean signal strength where a client logs it",
        "dBm",
        column="signal_dbm",
        facts=("signal_sum", "signal_n"),
        formula=ratio("signal_sum", "signal_n"),
    ),
    _measured(
        "std_signal_strength",
        "sample standard deviation of the signal strength; undefined below two samples",
        "dB",
        column="signal_dbm",
        facts=("signal_n", "signal_sum", "signal_squares"),
        formula=_deviation,
    ),
    _measured(
        "mean_data_rate",
        "mean transmit rate where a client logs it",
        "kbit/s",
        column="tx_rate_kbps",
        facts=("rate_sum", "rate_n"),
        formula=ratio("rate_sum", "rate_n"),
    ),
)

SIGNAL_TREND = _measured(
    "signal_strength_trend",
    "slope of the signal strength over the window (least squares)",
    "dB/s",
    column="signal_dbm",
    facts=(
        *("signal_n", "signal_sum", "signal_ms", "signal_ms_squares", "signal_by_ms"),
        *("signal_first_ms", "signal_last_ms"),
    ),
    formula=_slope,
)
