import numpy as np
import pytest

from wifitrain.evaluation.ranges import Series, affiliation, volume_under_surface


def series(n: int, events, alerts=(), score=None) -> Series:
    """A series of `n` windows with events and alerts as (first, one past the last)."""
    truth, flagged = np.zeros(n, bool), np.zeros(n, bool)
    for start, stop in events:
        truth[start:stop] = True
    for start, stop in alerts:
        flagged[start:stop] = True
    return Series(
        truth=truth, score=flagged.astype(float) if score is None else score, flagged=flagged
    )


@pytest.mark.parametrize(
    ("n", "events", "buffer", "thresholds", "expected"),
    [
        (120, [(10, 18), (24, 27), (100, 120)], 12, 60, 0.8980045795661902),
        (240, [(0, 9), (60, 64), (66, 80)], 17, 250, 0.764060855428977),
    ],
)
def test_vus_pr_agrees_with_the_published_definition(
    n, events, buffer, thresholds, expected
) -> None:
    """The values were computed once with the loops of the authors' program; edges included."""
    generator = np.random.default_rng(5)
    if n == 240:
        generator.random(120)
    one = series(n, events)
    one = series(n, events, score=generator.random(n) + 0.6 * one.truth)
    assert volume_under_surface([one], buffer=buffer, thresholds=thresholds) == pytest.approx(
        expected
    )


def test_vus_pr_agrees_with_a_published_value() -> None:
    """Equals the value a public project pins for release 1.5 of TSB-AD on these scores."""
    score = np.linspace(0.02, 0.18, 64)
    score[9:16] = [0.25, 0.55, 0.72, 0.91, 0.84, 0.63, 0.31]
    score[37:45] = [0.22, 0.48, 0.68, 0.93, 0.87, 0.79, 0.56, 0.29]
    score[53] = 0.62
    one = series(64, [(10, 15), (38, 44)], score=score)
    assert volume_under_surface([one], buffer=11) == pytest.approx(0.9750688705234158, abs=1e-15)


def test_buffers_do_not_reach_another_access_point() -> None:
    """An alert at the first window of the next series is not beside an event of this one."""
    quiet = np.linspace(0.1, 0.2, 30)
    loud = quiet.copy()
    loud[0] = 0.9
    event = series(30, [(25, 30)], score=np.where(np.arange(30) >= 25, 0.8, quiet))
    apart = volume_under_surface([event, series(30, [], score=loud)], buffer=6)
    joined = series(60, [(25, 30)], score=np.append(event.score, loud))
    assert apart < volume_under_surface([joined], buffer=6)


def test_vus_pr_needs_an_event() -> None:
    """Without any event there is nothing to measure."""
    assert volume_under_surface([series(20, [], score=np.arange(20.0))], buffer=3) is None


def test_affiliation_agrees_with_the_papers_example() -> None:
    """Zone by zone (Huet et al., KDD 2022): .672 and .944 for the second event of the example."""
    # In minutes; the second event's zone runs from 30 to 120, cut here to begin at 0.
    zone = series(90, [(20, 40)], [(10, 30), (85, 90)])
    precision, recall = affiliation([zone])
    assert precision == pytest.approx(0.672222222)
    assert recall == pytest.approx(0.944444444)


def test_affiliation_by_brute_force() -> None:
    """The closed form equals averages over a fine grid of instants, for several events at once."""
    events, alerts = [(3, 9), (20, 22), (30, 45)], [(0, 4), (12, 14), (25, 33), (44, 50)]
    precision, recall = affiliation([series(50, events, alerts)])
    zones = [(0, 14.5), (14.5, 26), (26, 50)]
    t = np.arange(0, 50, 0.02) + 0.01
    covered = np.any([(t >= a) & (t < b) for a, b in alerts], axis=0)
    precisions, recalls = [], []
    for (start, stop), (low, high) in zip(events, zones, strict=True):
        zone, event = t[(t > low) & (t < high)], t[(t >= start) & (t < stop)]
        mine = t[covered & (t > low) & (t < high)]
        away = np.maximum(np.maximum(start - zone, zone - stop), 0)
        away_mine = np.maximum(np.maximum(start - mine, mine - stop), 0)
        precisions.append(np.mean([np.mean(away >= d - 1e-9) for d in away_mine]))
        nearest = np.abs(event[:, None] - mine).min(axis=1)
        recalls.append(
            np.mean(
                [np.mean(np.abs(zone - y) >= d - 1e-9) for y, d in zip(event, nearest, strict=True)]
            )
        )
    assert precision == pytest.approx(np.mean(precisions), abs=0.01)
    assert recall == pytest.approx(np.mean(recalls), abs=0.01)


def test_affiliation_without_alerts() -> None:
    """No alert: recall 0, and precision is not a number but unknown."""
    assert affiliation([series(20, [(5, 8)])]) == (None, 0.0)
    assert affiliation([series(20, [(5, 8)], [(5, 8)])]) == (1.0, 1.0)
