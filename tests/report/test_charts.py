"""Charts are drawn without a library: scales, round numbers, moments and shapes are right."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from wifitrain.report.charts.bars import Bar, draw_bars
from wifitrain.report.charts.canvas import outline, text_width
from wifitrain.report.charts.lines import Curve, Frame, draw_curves
from wifitrain.report.charts.moments import microseconds, moments
from wifitrain.report.charts.scales import Scale, around, round_numbers


def _moments(low: str, high: str) -> tuple[list[str], str]:
    ticks, left_out = moments(*(float(microseconds(np.datetime64(at))) for at in (low, high)))
    return [words for _, words in ticks], left_out


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0, 17.7, ["0.0", "2.5", "5.0", "7.5", "10.0", "12.5", "15.0", "17.5"]),
        (0, 0.0113, ["0.000", "0.002", "0.004", "0.006", "0.008", "0.010"]),
        (-3, 3, [*(f"\N{MINUS SIGN}{n}" for n in (3, 2, 1)), "0", "1", "2", "3"]),
        (0, 31_000, ["0", "5,000", "10,000", "15,000", "20,000", "25,000", "30,000"]),
        (7, 7, ["7"]),
    ],
)
def test_round_numbers_lie_inside_and_have_the_decimals_they_need(
    low: float, high: float, told: list[str]
) -> None:
    """Multiples of 1, 2, 2.5 or 5, all with as many decimals as tell them apart."""
    ticks = round_numbers(low, high, most=8)
    assert [words for _, words in ticks] == told
    assert all(low <= value <= high for value, _ in ticks)


def test_a_logarithmic_scale_is_even_in_decades() -> None:
    """From 0.01 to 1 a tenth is in the middle, and 0 is nowhere."""
    scale = Scale(0.01, 1, log=True)
    assert scale.share([0.01, 0.1, 1]) == pytest.approx([0, 0.5, 1])
    assert not np.isfinite(scale.share(0.0))
    assert [words for _, words in Scale(0.001, 10, log=True).ticks(5)] == [
        "0.001", "0.01", "0.1", "1", "10",
    ]  # fmt: skip


@pytest.mark.parametrize("values", [[], [3.0], [0.0, 0.0], [np.nan, 2.0]])
def test_there_is_a_scale_around_whatever_there_is(values: list[float]) -> None:
    """One value, none, and none that is finite: the ends are apart."""
    for scale in (around(values), around(values, log=True)):
        assert scale.high > scale.low
        assert np.isfinite([scale.low, scale.high]).all()


def test_hours_of_a_day_are_told_as_hours_and_midnight_as_the_day() -> None:
    """What the labels leave out is the year."""
    told, left_out = _moments("2026-03-02T00:00", "2026-03-03T00:00")
    assert told[:3] == ["2 Mar", "03:00", "06:00"]
    assert (told[-1], left_out) == ("3 Mar", "2026")


def test_a_span_without_a_midnight_says_its_day() -> None:
    """Ten minutes of an afternoon: the day stands beside the axis."""
    told, left_out = _moments("2026-03-02T15:01", "2026-03-02T15:09")
    assert told[:2] == ["15:01", "15:02"]
    assert left_out == "2 Mar 2026"


@pytest.mark.parametrize("days", [0.01, 0.3, 1, 5, 40, 400, 4000, 40_000])
def test_moments_of_any_span_are_few_and_inside(days: float) -> None:
    """Between two and eleven labels, from minutes to a century."""
    low = float(microseconds(np.datetime64("2026-03-02T01:23:45")))
    ticks, _ = moments(low, low + days * 86_400e6)
    assert 2 <= len(ticks) <= 11
    assert all(low <= at <= low + days * 86_400e6 for at, _ in ticks)


def test_weeks_begin_on_mondays() -> None:
    """A month is told by its Mondays."""
    ticks, _ = moments(*(float(microseconds(np.datetime64(f"2026-0{m}-01"))) for m in (3, 5)))
    assert {datetime.fromtimestamp(at / 1e6, tz=UTC).weekday() for at, _ in ticks} == {0}


def test_a_line_is_broken_where_there_is_no_value() -> None:
    """NaN ends one stroke and begins another; points that fall together are one."""
    x, y = np.array([0, 1, 1, 2, 3, 4.0]), np.array([0, 1, 1, np.nan, 2, 3.0])
    assert outline(x, y) == "M0 0 1 1M3 2 4 3"
    assert outline(np.array([np.nan]), np.array([1.0])) == ""


def test_bars_below_nothing_go_to_the_left() -> None:
    """A negative bar ends left of where a positive one begins."""
    chart = draw_bars("b", [Bar(name="a", value=2, shown="2"), Bar(name="b", value=-1, shown="-1")],
                      label="x")  # fmt: skip
    bars = re.findall(r'd="M([^"]*)Z"', chart.body)
    first, second = ([float(n) for n in bar.split()[::2]] for bar in bars)
    assert max(second) == min(first)


def test_a_curve_without_a_value_at_a_point_is_drawn_without_it() -> None:
    """None is no number: neither a stroke nor a mark there, and no NaN in the markup."""
    curve = Curve(name="c", x=[1, 2, 3], y=[0.5, None, 0.7])  # type: ignore[list-item]
    frame = Frame(x_label="x", y_label="y")
    chart = draw_curves("c", [curve], frame=frame, width_in=4, height_in=2)
    assert "nan" not in chart.body
    assert chart.body.count("a2.1") == 4  # two dots of two arcs


def test_names_of_any_letters_have_a_width() -> None:
    """Wide letters take more room than narrow ones."""
    assert text_width("iii", size=8) < text_width("aaa", size=8) < text_width("漢字漢", size=8)
