"""Numbers as a reader wants them."""

from __future__ import annotations

import pytest

from wifitrain.report.wording import count, decimal, duration, interval, moment, percent, size


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [
        (count(18039), "18,039"),
        (count(None), "\N{EN DASH}"),
        (decimal(0.626006), "0.626"),
        (decimal(0.000012345), "1.23e-05"),
        (decimal(12345.6), "12,346"),
        (decimal(5.0), "5"),
        (decimal(float("nan")), "\N{EN DASH}"),
        (percent(0.0376), "3.8 %"),
        (percent(0.0005), "0.05 %"),
        (percent(1.0), "100 %"),
        (percent(0.9999), "over 99.9 %"),
        (percent(0.996, digits=0), "over 99 %"),
        (duration(0.016), "16 ms"),
        (duration(20.8), "20.8 s"),
        (duration(7200), "2 h"),
        (size(399_122_432), "399 MB"),
        (interval([0.87, 3.11]), "0.870 to 3.11"),
        (interval(None), "\N{EN DASH}"),
        (moment("2026-03-02T00:00:46"), "2026-03-02 00:00 UTC"),
    ],
)
def test_values_are_said_as_one_would_say_them(shown: str, wanted: str) -> None:
    """Three digits, units where there are any, a dash for nothing, never rounded to certainty."""
    assert shown == wanted
