"""The order in which lines arrived, years for stamps without one, and duplicates by `id`.

`id` is the arrival order where rows have it; else it is the file's order, turned round where the
file runs newest first. Everything here is one window expression after another over typed rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.export.repeats import count_repeats

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["order_rows"]

_ORDERED = """
CREATE OR REPLACE VIEW export_ordered AS FROM export_valid WHERE seq IS NOT NULL;
CREATE OR REPLACE VIEW export_contents AS
SELECT v.*, x.said, hash(v.time, v.season, v.level, x.said, v.label) AS content
FROM export_valid v JOIN (
    SELECT text_id, hash(program, interface_hint, message) AS said FROM export_texts
) x USING (text_id)
"""

_NUMBERED = """
SELECT count(*), count(seq), count(season) FROM export_valid
"""

_RANKS = """
CREATE OR REPLACE TEMP TABLE export_ranks AS
WITH valid AS (
    SELECT file, record, id, device, access_point, content, time IS NULL AS yearless,
        try_cast(id AS HUGEINT) AS number, coalesce(time, season) AS stamp
    FROM export_contents
), steps AS (
    SELECT file, number, yearless,
        stamp - lag(stamp) OVER (PARTITION BY file ORDER BY record) AS step
    FROM valid
), turned AS (
    SELECT *, yearless AND abs(epoch(step)) > 183 * 86400 AS is_new_year FROM steps
), files AS (
    SELECT file, count(number) = count(*) AS numbered,
        count(*) FILTER (CASE WHEN is_new_year THEN epoch(step) > 0 ELSE epoch(step) < 0 END)
            > count(*) FILTER (CASE WHEN is_new_year THEN epoch(step) < 0 ELSE epoch(step) > 0 END)
            AS newest_first
    FROM turned GROUP BY file
), total AS (SELECT bool_and(numbered) AS all_numbered FROM files)
SELECT v.* EXCLUDE (stamp, yearless, number), row_number() OVER (ORDER BY
        CASE WHEN all_numbered THEN 0 ELSE v.file END,
        CASE WHEN numbered THEN number
            WHEN newest_first THEN -record ELSE record END,
        v.file, record) - 1 AS seq
FROM valid v JOIN files USING (file) CROSS JOIN total
"""

_RANKS_TO_ROWS = """
UPDATE export_typed t SET seq = r.seq
FROM (SELECT v.file, v.record, r.seq FROM export_typed v LEFT JOIN export_ranks r
    ON r.file = v.file AND r.record = v.record) r
WHERE r.file = t.file AND r.record = t.record
"""

# A step of more than six months back in a year-less series is a New Year, one forward a New Year
# undone. A device that boots with its firmware's date steps back too, and forward again later to
# where it had been: a year that ends so is none, unless it is the jitter of a New Year's night (an
# hour at most). Nor does a first run count from which the rest of the series stays away.
_YEARS = """
CREATE OR REPLACE TEMP TABLE export_years AS
WITH steps AS (
    SELECT seq, series, season, lag(season) OVER (PARTITION BY series ORDER BY seq) AS before
    FROM export_ordered JOIN export_files USING (file) WHERE season IS NOT NULL
), crossings AS (
    SELECT *, CASE WHEN season < before - INTERVAL 183 DAY THEN 1
            WHEN season > before + INTERVAL 183 DAY THEN -1 ELSE 0 END AS crossing,
        before - season >= INTERVAL 366 DAY - INTERVAL 1 HOUR AS is_night
    FROM steps
), numbered AS (
    SELECT *, sum(abs(crossing)) OVER (PARTITION BY series ORDER BY seq
        ROWS UNBOUNDED PRECEDING) AS run
    FROM crossings
), runs AS (
    SELECT series, run, arg_min(crossing, seq) AS crossing, arg_min(is_night, seq) AS is_night,
        arg_min(season, seq) AS first_season, arg_max(season, seq) AS last_season
    FROM numbered GROUP BY series, run
), excursions AS (
    SELECT *, coalesce(crossing = 1 AND NOT is_night AND lead(crossing) OVER w = -1
        AND lead(first_season) OVER w >= lag(last_season) OVER w - INTERVAL 1 HOUR, false)
        AS is_excursion
    FROM runs WINDOW w AS (PARTITION BY series ORDER BY run)
), levels AS (
    SELECT *, sum(crossing) OVER (PARTITION BY series ORDER BY run ROWS UNBOUNDED PRECEDING)
        - is_excursion::INTEGER AS level
    FROM excursions
), settled AS (
    SELECT *, max(CASE WHEN run > 0 THEN level END) OVER (PARTITION BY series) AS later,
        CASE WHEN run = 0 AND later < 0 THEN later ELSE level END AS own
    FROM levels
), offsets AS (
    SELECT series, run, own - first_value(own) OVER (PARTITION BY series ORDER BY run) AS years
    FROM settled
), counted AS (
    SELECT seq, series, season, years FROM numbered JOIN offsets USING (series, run)
), ends AS (
    SELECT series, arg_max(years, seq) AS last_years, arg_max(season, seq) AS last_season
    FROM counted GROUP BY series
), bases AS (
    SELECT series, coalesce(any_value(first_year), max(year(modified)
        - CASE WHEN last_season + to_years((year(modified) - 2000)::INTEGER)
            > modified + INTERVAL 1 DAY THEN 1 ELSE 0 END - last_years)) AS base
    FROM export_files JOIN ends USING (series)
    GROUP BY series
)
SELECT seq, export_utc(season + to_years((base + years - 2000)::INTEGER), $zone) AS time
FROM counted JOIN bases USING (series)
"""

_SEASONS_TO_TIMES = """
UPDATE export_typed t SET time = y.time FROM export_years y WHERE y.seq = t.seq
"""

_REPEATED_IDS = """
SELECT count(id) > count(DISTINCT (device, access_point, id)) FROM export_ranks
"""

_DUPLICATES = """
CREATE OR REPLACE TEMP TABLE export_duplicates AS
SELECT file, record, id, seq, content <> first_value(content) OVER w AS differs
FROM export_ranks WHERE id IS NOT NULL
WINDOW w AS (PARTITION BY device, access_point, id ORDER BY seq)
QUALIFY row_number() OVER w > 1
"""

_REFUSE_DIFFERENT = """
INSERT INTO export_refused
SELECT file, record, 'id_conflict',
    'the id ' || left(d.id, 40) || ' stands on another record with other content',
    left(message, 4096)
FROM export_duplicates d JOIN export_typed USING (file, record) JOIN export_texts USING (text_id)
WHERE differs;
DELETE FROM export_typed t USING export_duplicates d
WHERE d.differs AND d.file = t.file AND d.record = t.record
"""


def order_rows(
    connection: duckdb.DuckDBPyConnection, files: pa.Table, *, timezone: str
) -> tuple[int, int]:
    """Give every valid typed row its place `seq` in the order of arrival, and a time.

    They are then in the view `export_ordered`. Where every row has a number of its own as `id`,
    those are the places; else rows are ranked. `files` has the columns file, series, first_year
    (configured, or null) and modified (UTC).

    Returns
    -------
    (year_less, duplicates) : rows whose year was inferred, and rows left out because an equal row
    has the same id. Rows with an id that another row has with other content are refused.
    """
    connection.register("export_files_arrow", files)
    connection.execute("CREATE OR REPLACE TEMP TABLE export_files AS FROM export_files_arrow")
    connection.unregister("export_files_arrow")
    connection.execute(_ORDERED)
    rows, numbers, year_less = connection.execute(_NUMBERED).fetchone() or (0, 0, 0)
    is_numbered = rows == numbers and count_repeats(connection, "seq", of="export_typed") == 0
    duplicates = 0 if is_numbered else _rank(connection)
    if year_less:
        connection.execute(_YEARS, {"zone": timezone})
        connection.execute(_SEASONS_TO_TIMES)
    return year_less, duplicates


def _rank(connection: duckdb.DuckDBPyConnection) -> int:
    """Put ranks into `seq`; the number of rows without one, since they stand there already."""
    connection.execute(_RANKS)
    duplicates = 0
    if _number(connection, _REPEATED_IDS):
        connection.execute(_DUPLICATES)
        connection.execute(_REFUSE_DIFFERENT)
        connection.execute(
            "DELETE FROM export_ranks USING export_duplicates d WHERE d.seq = export_ranks.seq"
        )
        duplicates = _number(connection, "SELECT count(*) FROM export_duplicates WHERE NOT differs")
    connection.execute(_RANKS_TO_ROWS)
    connection.execute("DROP TABLE export_ranks")
    return duplicates


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0
