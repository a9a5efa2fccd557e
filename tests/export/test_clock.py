"""Clock resets: found by rule, placed by arrival; honest steps of a clock are left alone."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.export.conftest import Read, row, times, values, write_export
from wifitrain.engine import Engine
from wifitrain.export.clock import DOUBTFUL, UNSTEADY

START = datetime(2025, 6, 23, 10)  # noqa: DTZ001  # naive, as the exports are


def _export(folder: Path, minutes: Sequence[float], *, host: str = "ap-one") -> Path:
    """Rows at so many minutes after START, in order of arrival."""
    rows = [
        row(number, timestamp=(START + timedelta(minutes=at)).isoformat(), device_ip=host)
        for number, at in enumerate(minutes, 1)
    ]
    return write_export(folder / f"{host}.json", rows)


def _minutes(read: Read, path: Path, **options: str) -> list[float]:
    log = read(path, **options)
    return [(time - START) / timedelta(minutes=1) for time in values(log, "time")]


JUMP = ((0, 0), (1, 1441), (2, 1430))  # minutes
WEEKS = -7 * 7 * 24 * 60  # minutes: a firmware's date, seven weeks back
SECOND = 1 / 60


def test_a_burst_of_early_rows_is_placed_before_the_next_good_row(
    tmp_path: Path, read: Read
) -> None:
    """Own spacing kept, ending one second before the next row; the flag says which."""
    path = _export(tmp_path, [0, 1, WEEKS, WEEKS + 0.5, WEEKS + 0.75, 5, 6])
    log = read(path)
    assert _minutes(read, path) == pytest.approx(
        [0, 1, 5 - 0.75 - SECOND, 5 - 0.25 - SECOND, 5 - SECOND, 5, 6]
    )
    assert values(log, "clock_reset") == [False, False, True, True, True, False, False]
    assert log.account["clock_reset_rows"] == 3
    assert log.account["span_days"] == pytest.approx(6 / 1440)


def test_a_placed_row_never_precedes_the_last_good_one(tmp_path: Path, read: Read) -> None:
    """A burst longer than the gap it falls into is squeezed into it."""
    path = _export(tmp_path, [0, 1, WEEKS, WEEKS + 30, 5, 6])
    assert _minutes(read, path) == pytest.approx([0, 1, 1, 5 - SECOND, 5, 6])


def test_two_boots_in_a_row_stay_in_order(tmp_path: Path, read: Read) -> None:
    """The second boot starts the firmware's clock anew."""
    path = _export(tmp_path, [0, WEEKS, WEEKS + 0.5, WEEKS, WEEKS + 0.25, 9])
    placed = _minutes(read, path)
    assert placed == sorted(placed)
    assert placed[-2] == pytest.approx(9 - SECOND)


def test_a_burst_at_the_end_follows_the_last_good_row(tmp_path: Path, read: Read) -> None:
    """The export was made before the clock came back."""
    path = _export(tmp_path, [0, 1, 2, WEEKS, WEEKS + 0.5])
    assert _minutes(read, path) == pytest.approx([0, 1, 2, 2 + SECOND, 2.5 + SECOND])


@pytest.mark.parametrize(
    "minutes",
    [
        [WEEKS, WEEKS + 0.5, 5, 6, 7],  # farther than 30 days
        [-3000, -2999.5, 5, 6, -3000, -2999, 9],  # where another burst is
    ],
)
def test_a_burst_at_the_start_is_found(minutes: list[float], tmp_path: Path, read: Read) -> None:
    """No good row comes before it: the jump, or another burst, gives it away."""
    path = _export(tmp_path, minutes)
    log = read(path)
    assert values(log, "clock_reset")[:3] == [True, True, False]
    assert _minutes(read, path)[1] == pytest.approx(5 - SECOND)


def test_a_first_quarter_of_an_hour_on_may_5th_is_a_firmware_s_date(
    tmp_path: Path, read: Read
) -> None:
    """05:05 on 5 May, and the first minutes of a year, are where devices begin."""
    path = tmp_path / "x.log"
    path.write_text(
        "May  5 05:05:12 ap hostapd: a\nMay  5 05:05:20 ap hostapd: b\n"
        "May  8 20:00:00 ap hostapd: c\n"
    )
    assert times(read(path, year=2024))[0] == "2024-05-08T19:59:51"


@pytest.mark.parametrize(
    ("minutes", "kept_steps"),
    [
        ([0, 1, 2, -20, -19, 5], 0),  # minutes back: a clock without a battery
        ([0, 60, 61, 1, 2, 70], 0),  # an hour back: summer time ends
        ([0, 1, 130, 131, 9, 10, 11, 12, 13, 14], 6),  # two hours back for good: a zone was set
        ([0, 3000, 6000], 0),  # silence
        ([0, 0, 0, 0], 0),  # all in one second
        ([5], 0),  # one row
    ],
)
def test_honest_steps_are_left_alone(
    minutes: list[float], kept_steps: int, tmp_path: Path, read: Read
) -> None:
    """A clock that is put right for good is no reset; it is counted as a warning."""
    path = _export(tmp_path, minutes)
    log = read(path)
    assert _minutes(read, path) == pytest.approx(minutes)
    assert log.account["clock_reset_rows"] == 0
    counts = {warning["code"]: warning["count"] for warning in log.account["warnings"]}
    assert counts.get("clock_went_back", 0) == kept_steps


def test_one_row_far_ahead_does_not_condemn_the_rest(tmp_path: Path, read: Read) -> None:
    """A stamp of 2036 is placed by arrival, the rows after it stay."""
    minutes = [*range(20), 6_000_000.0, *range(20, 40)]
    log = read(_export(tmp_path, minutes))
    assert log.account["clock_reset_rows"] == 1
    assert log.account["span_days"] == pytest.approx(39 / 1440)


def test_each_access_point_has_its_own_clock(tmp_path: Path, read: Read) -> None:
    """Rows of another access point, days earlier, are no reset."""
    one, other = _export(tmp_path, [9000, 9001]), _export(tmp_path, [0, 1], host="ap-two")
    log = read([str(one), str(other)])
    assert log.account["clock_reset_rows"] == 0


def test_resets_can_be_put_into_quarantine(tmp_path: Path, read: Read, refused) -> None:
    """The rows leave the table and stand in the quarantine with their time."""
    log = read(_export(tmp_path, [0, 1, WEEKS, 5]), clock_reset="quarantine")
    assert values(log, "record") == [1, 2, 4]
    assert [entry["code"] for entry in refused()] == ["clock_reset"]
    assert log.account["quarantined"] == log.account["clock_reset_rows"] == 1
    assert log.account["invalid"] == 0


def test_resets_can_be_kept(tmp_path: Path, read: Read) -> None:
    """Counted, but neither moved nor flagged."""
    path = _export(tmp_path, [0, 1, WEEKS, 5])
    log = read(path, clock_reset="keep")
    assert _minutes(read, path, clock_reset="keep") == [0, 1, WEEKS, 5]
    assert not any(values(log, "clock_reset"))
    assert log.account["clock_reset_rows"] == 1


@pytest.mark.parametrize("seed", range(4))
def test_no_clock_is_taken_for_steady_by_halves_of_hours_that_is_not(
    engine: Engine, seed: int
) -> None:
    """What is looked at row by row holds every clock that went back an hour or jumped a day."""
    chance = random.Random(seed)
    connection = engine.connection
    connection.execute("CREATE OR REPLACE TABLE clock_rows (access_point VARCHAR, seq INT, m INT)")
    rows = []
    for host in range(60):
        at = 0
        for place in range(30):
            at += chance.choice([1, 5, 20, 29, 45, -10] + [-40, -59, -61, 1439, 1441] * (host % 2))
            rows.append((f"ap-{host}", host * 100 + place, at))
    rows += [("a jump, then less than an hour back", place, at) for place, at in JUMP]
    connection.executemany("INSERT INTO clock_rows VALUES (?, ?, ?)", rows)
    connection.execute(
        "CREATE OR REPLACE VIEW export_ordered AS SELECT access_point, seq,"
        " TIMESTAMP '2025-06-23 10:00:00' + to_minutes(m) AS time FROM clock_rows"
    )
    connection.execute(DOUBTFUL)
    connection.execute(UNSTEADY)
    found = connection.execute("FROM export_unsteady ORDER BY 1").fetchall()
    connection.execute("INSERT INTO export_doubtful SELECT DISTINCT access_point FROM clock_rows")
    connection.execute(UNSTEADY)
    assert found == connection.execute("FROM export_unsteady ORDER BY 1").fetchall()
    assert 1 < len(found) < 60
    assert ("a jump, then less than an hour back",) in found
