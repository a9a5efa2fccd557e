import numpy as np
import pytest

from wifitrain.evaluation.intervals import Blocks, percentile_interval, wilson_interval


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_newcombes_table(hits, trials, low, high) -> None:
    """Wilson's interval equals the values that Newcombe (1998, table I, method 3) prints."""
    assert wilson_interval(hits, trials) == pytest.approx((low, high), abs=5e-5)


def test_no_trials_say_nothing() -> None:
    """Without a trial every share is possible."""
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(7, 7)[1] == 1.0


def test_blocks_are_a_day_where_there_are_three_days() -> None:
    """Five days of five-minute windows at two access points are resampled in blocks of a day."""
    times = np.tile(np.arange(5 * 288) * 300, 2)
    assert Blocks(times).length == 289
    assert Blocks(times).length_s == pytest.approx(86_400, rel=0.01)
    assert Blocks(times[:100]).length == 5


def test_blocks_keep_neighbours_together() -> None:
    """A burst of alerts widens the interval: alerts are not counted as if they were independent."""
    times, generator = np.arange(1000) * 60, np.random.default_rng
    burst, spread = np.zeros(1000, bool), np.zeros(1000, bool)
    burst[500:550], spread[::20] = True, True
    widths = []
    for hits in (burst, spread):
        shares = Blocks(times).resampled_shares(hits, rounds=500, generator=generator(1))
        assert shares.mean() == pytest.approx(0.05, abs=0.01)
        widths.append(np.ptp(percentile_interval(shares)))
    assert widths[0] > 2 * widths[1]


def test_resampled_rows_hold_all_entities_of_a_time() -> None:
    """A drawn time brings the windows of every access point, and blocks are consecutive."""
    times = np.array([20, 10, 0, 10, 20, 0, 30, 30])
    rows = next(iter(Blocks(times).resampled_rows(rounds=1, generator=np.random.default_rng(0))))
    drawn = times[rows].reshape(-1, 2)
    assert (drawn[:, 0] == drawn[:, 1]).all()
    assert len(rows) == 8
    assert set(np.diff(drawn[:2, 0])) == {10}
