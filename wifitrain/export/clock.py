"""Clock resets: rows stamped before the network told a booting device the time.

Rule, for each access point in arrival order. A row is *behind* when its time lies more than one
hour before the latest time of the rows before it, and *ahead* when it lies more than 30 days after
nearly all rows (95 %) and later rows fall back by more than a day. A run of such rows is a reset
if the clock returns after it. At the end of the log, where nobody knows, a run is a reset only if
it lies more than a day behind (no change of zone does that) and is shorter than what came before;
other steps back, such as a clock put right for good, are kept and counted. Rows at the start of
the log are a reset if they last 15 minutes at most and a jump follows them that leads away from
the time of another reset of this access point (within a day), from a firmware's first second
(1 January 00:00-00:15, 5 May 05:05, before 2001), or further than 30 days.

Repair: by arrival. A run keeps its own spacing and ends one second before the next good row (at
the log's end: begins one second after the last good one), never before the previous good row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["DOUBTFUL", "UNSTEADY", "ClockAccount", "repair_clocks"]

# Whatever a clock did wrong, it went back by more than an hour or jumped by more than a day. Most
# never did, which half hours tell without an order of rows: each one's rows arrived before those
# of the next but one, and nearly no day is empty.
DOUBTFUL = """
CREATE OR REPLACE TEMP TABLE export_doubtful AS
WITH halves AS (
    SELECT access_point, epoch_us(time) // 1800000000 AS half, min(seq) AS first, max(seq) AS last
    FROM export_ordered GROUP BY ALL
), steps AS (
    SELECT access_point, half - lag(half) OVER w AS step, first <= max(last) OVER (w
        RANGE BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS is_mixed
    FROM halves WINDOW w AS (PARTITION BY access_point ORDER BY half)
)
SELECT DISTINCT access_point FROM steps WHERE step >= 46 OR is_mixed
"""

UNSTEADY = """
CREATE OR REPLACE TEMP TABLE export_unsteady AS
SELECT access_point FROM (
    SELECT access_point, time, max(time) OVER (PARTITION BY access_point ORDER BY seq
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
    FROM export_ordered SEMI JOIN export_doubtful USING (access_point))
GROUP BY access_point
HAVING bool_or(time < latest - INTERVAL 1 HOUR OR time > latest + INTERVAL 1 DAY)
"""

_SUSPECTS = """
CREATE OR REPLACE TEMP TABLE export_suspects AS
WITH limits AS (
    SELECT access_point, quantile_disc(time, 0.95) + INTERVAL 30 DAY AS far
    FROM export_ordered SEMI JOIN export_unsteady USING (access_point) GROUP BY access_point
), futures AS (
    SELECT seq, access_point, time, time > far AND min(time) OVER (PARTITION BY access_point
        ORDER BY seq ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
            < time - INTERVAL 1 DAY AS ahead
    FROM export_ordered JOIN limits USING (access_point)
), marked AS (
    SELECT *, max(CASE WHEN NOT coalesce(ahead, false) THEN time END) OVER before AS latest,
        coalesce(ahead, false) OR coalesce(time < latest - INTERVAL 1 HOUR, false) AS suspect
    FROM futures WINDOW before AS (PARTITION BY access_point ORDER BY seq
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
)
SELECT seq, access_point, time, latest, suspect, coalesce(ahead, false) AS ahead,
    sum(CASE WHEN suspect THEN 0 ELSE 1 END) OVER (PARTITION BY access_point ORDER BY seq
        ROWS UNBOUNDED PRECEDING) AS good_before,
    sum(CASE WHEN suspect THEN 0 ELSE 1 END) OVER (PARTITION BY access_point) AS good
FROM marked
"""

_RUNS = """
CREATE OR REPLACE TEMP TABLE export_runs AS
WITH runs AS (
    SELECT access_point, good_before, min(seq) AS first_seq, max(seq) AS last_seq,
        min(time) AS first_time, max(time) AS last_time, count(*) AS size,
        any_value(good) AS good, min(latest) AS latest, bool_or(ahead) AS ahead
    FROM export_suspects WHERE suspect GROUP BY access_point, good_before
)
SELECT *, good_before < good OR ahead
    OR (last_time < latest - INTERVAL 1 DAY AND size < good_before) AS is_reset
FROM runs
"""

_FIRST_RUNS = """
CREATE OR REPLACE TEMP TABLE export_first_runs AS
WITH good AS (
    SELECT seq, access_point, time, lag(time) OVER w AS before,
        first_value(time) OVER w AS first_time, first_value(seq) OVER w AS first_seq
    FROM export_suspects WHERE NOT suspect WINDOW w AS (PARTITION BY access_point ORDER BY seq)
), jumps AS (
    SELECT access_point, arg_min(time, seq) AS next_time, arg_min(before, seq) AS last_time,
        min(first_time) AS first_time, min(first_seq) AS first_seq, min(seq) - 1 AS last_seq
    FROM good WHERE time > before + INTERVAL 1 DAY GROUP BY access_point
)
SELECT j.* FROM jumps j
WHERE last_time <= first_time + INTERVAL 15 MINUTE AND (
    next_time > last_time + INTERVAL 30 DAY
    OR year(first_time) < 2001
    OR (month(first_time) = 1 AND day(first_time) = 1 AND hour(first_time) = 0
        AND minute(first_time) < 15)
    OR (month(first_time) = 5 AND day(first_time) = 5 AND hour(first_time) = 5
        AND minute(first_time) BETWEEN 5 AND 20)
    OR EXISTS (SELECT 1 FROM export_runs r WHERE r.access_point = j.access_point AND r.is_reset
        AND r.first_time BETWEEN j.first_time - INTERVAL 1 DAY AND j.last_time + INTERVAL 1 DAY))
"""

_RESETS = """
CREATE OR REPLACE TEMP TABLE export_resets AS
WITH rows AS (
    SELECT seq, access_point, time, (suspect AND EXISTS (SELECT 1 FROM export_runs r
            WHERE r.is_reset AND r.access_point = s.access_point
                AND r.good_before = s.good_before))
        OR EXISTS (SELECT 1 FROM export_first_runs f WHERE f.access_point = s.access_point
            AND s.seq BETWEEN f.first_seq AND f.last_seq) AS is_reset
    FROM export_suspects s
), neighbours AS (
    SELECT *, max(CASE WHEN NOT is_reset THEN time END) OVER before AS previous_good,
        first_value(CASE WHEN NOT is_reset THEN time END IGNORE NULLS) OVER after AS next_good,
        sum(CASE WHEN is_reset THEN 0 ELSE 1 END) OVER before AS run
    FROM rows WINDOW before AS (PARTITION BY access_point ORDER BY seq ROWS UNBOUNDED PRECEDING),
        after AS (PARTITION BY access_point ORDER BY seq
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
), spaced AS (
    SELECT seq, previous_good, next_good, max(time) OVER (PARTITION BY access_point, run
            ORDER BY seq ROWS UNBOUNDED PRECEDING) AS own,
        min(time) OVER (PARTITION BY access_point, run) AS own_first,
        max(time) OVER (PARTITION BY access_point, run) AS own_last
    FROM neighbours WHERE is_reset
)
SELECT seq, coalesce(greatest(previous_good, least(next_good, CASE
    WHEN next_good IS NOT NULL THEN next_good - INTERVAL 1 SECOND - (own_last - own)
    ELSE previous_good + INTERVAL 1 SECOND + (own - own_first) END)), own) AS time
FROM spaced
"""


@dataclass(frozen=True, kw_only=True)
class ClockAccount:
    """Rows found with a reset clock, and rows of steps back that were left as they are."""

    reset_rows: int
    kept_steps: int
    examples: Sequence[str]  # the first reset rows, as file:record


def repair_clocks(connection: duckdb.DuckDBPyConnection) -> ClockAccount:
    """Find the resets of `export_ordered`; their repaired times are then in `export_resets`."""
    for statement in (DOUBTFUL, UNSTEADY, _SUSPECTS, _RUNS, _FIRST_RUNS, _RESETS):
        connection.execute(statement)
    counts = connection.execute(
        "SELECT (SELECT count(*) FROM export_resets),"
        " (SELECT coalesce(sum(size), 0) FROM export_runs WHERE NOT is_reset)"
    ).fetchone()
    examples = connection.execute(
        "SELECT path || ':' || record FROM export_ordered JOIN export_resets USING (seq)"
        " JOIN export_names USING (file) ORDER BY seq LIMIT 3"
    ).fetchall()
    reset_rows, kept_steps = counts or (0, 0)
    return ClockAccount(
        reset_rows=int(reset_rows),
        kept_steps=int(kept_steps),
        examples=[text for (text,) in examples],
    )
