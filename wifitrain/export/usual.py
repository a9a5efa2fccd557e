"""Usual rows in one cheap pass: rows of which nothing is odd, typed as `extraction` would.

Such a row has all its fields, of the right types, a level that is known and an ISO timestamp
without a zone. Whatever is left out here goes the careful way, which also says what is wrong.
"""

from __future__ import annotations

__all__ = ["RAW_HEAD", "RAW_TEXT", "USUAL", "USUAL_HEADS", "USUAL_STAMP", "USUAL_TEXTS"]

#: What a usual stamp matches; some such stamps are no dates.
USUAL_STAMP = r"^(?:19[789]|2[01]\d)\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.]\d{1,9})?$"

#: Columns of `export_batch` that say who speaks how loud, and what is said.
RAW_HEAD = ("device_id", "device_ip", "host", "hostname", "log_level", "level")
RAW_TEXT = ("process_name", "source", "message")

#: Usual ones among the heads of `export_batch`, which have a `number`.
USUAL_HEADS = r"""
WITH heads AS (
    SELECT number AS head_id, nullif(device_id::VARCHAR, '') AS device,
        coalesce(nullif(device_ip, ''), nullif(host, ''), nullif(hostname, '')) AS host,
        export_level(coalesce(nullif(log_level, ''), nullif(level, ''))) AS level
    FROM export_batch
)
INSERT INTO export_heads BY NAME FROM heads WHERE host IS NOT NULL AND level IS NOT NULL
RETURNING head_id
"""

#: Usual ones among the texts of `export_batch`. A message that begins with a visible letter of
#: ASCII is not empty: only others need the look at every space that Unicode knows.
USUAL_TEXTS = r"""
WITH texts AS (
    SELECT number AS text_id, coalesce(nullif(process_name, ''), nullif(source, '')) AS process,
        CASE WHEN ends_with(message, ' ') OR ends_with(message, chr(10))
            OR ends_with(message, chr(13)) OR ends_with(message, chr(9))
            THEN rtrim(message, E' \t\r\n') ELSE message END AS message
    FROM export_batch
)
INSERT INTO export_texts BY NAME
SELECT text_id, export_program(process) AS program,
    CASE WHEN contains(process, ':') THEN export_interface(process) END AS interface_hint, message
FROM texts
WHERE process IS NOT NULL AND length(message) <= $max_chars
    AND CASE WHEN message >= '!' AND message < chr(127) THEN true ELSE trim(message) <> '' END
RETURNING text_id
"""

#: Rows of `export_batch`, whose stamps, heads and texts are usual, that have real times. Whoever
#: fills in the list of columns says whether `id` is more than a number.
USUAL = r"""
WITH usual AS (
    SELECT $file AS file, record{id}, head_id, text_id, try_cast(id AS BIGINT) AS seq,
        export_utc(try_cast(timestamp AS TIMESTAMP), $zone) AS time
    FROM export_batch
)
INSERT INTO export_typed BY NAME
FROM usual WHERE time BETWEEN TIMESTAMP '1970-01-01' AND TIMESTAMP '2200-01-01'
"""
