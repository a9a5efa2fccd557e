"""Usual rows in one cheap pass: rows of which nothing is odd, typed as `extraction` would.

Such a row has all its fields, of the right types, a level that is known and an ISO timestamp
without a zone. Whatever is left out here goes the careful way, which also says what is wrong.
"""

from __future__ import annotations

__all__ = ["USUAL"]

#: The statement that puts the usual rows of `export_batch` into `export_typed`. A message that
#: begins with a visible letter of ASCII is not empty: only others need the look at every space
#: that Unicode knows.
USUAL = r"""
WITH usual AS (
    SELECT record, id, nullif(device_id::VARCHAR, '') AS device,
        coalesce(nullif(device_ip, ''), nullif(host, ''), nullif(hostname, '')) AS host,
        timestamp AS stamp, coalesce(nullif(log_level, ''), nullif(level, '')) AS level,
        coalesce(nullif(process_name, ''), nullif(source, '')) AS process, message
    FROM export_batch WHERE broken IS NULL AND label IS NULL
), typed AS (
    SELECT record, nullif(id::VARCHAR, '') AS id, device, host, process,
        export_level(level) AS level,
        export_utc(try_cast(stamp AS TIMESTAMP), $zone) AS time,
        CASE WHEN ends_with(message, ' ') OR ends_with(message, chr(10))
            OR ends_with(message, chr(13)) OR ends_with(message, chr(9))
            THEN rtrim(message, E' \t\r\n') ELSE message END AS message,
        try_cast(id AS BIGINT) AS seq
    FROM usual WHERE regexp_full_match(stamp,
        '(?:19[789]|2[01]\d)\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.]\d{1,9})?')
)
INSERT INTO export_typed BY NAME
SELECT $file AS file, record, id, device, host, time, level, export_program(process) AS program,
    CASE WHEN contains(process, ':') THEN export_interface(process) END AS interface_hint,
    CASE WHEN strlen(message) <= $max_chars THEN message ELSE left(message, $max_chars) END
        AS message,
    strlen(message) > $max_chars AND length(message) > $max_chars AS cut, seq
FROM typed
WHERE host <> '' AND process <> '' AND level IS NOT NULL
    AND CASE WHEN message >= '!' AND message < chr(127) THEN true ELSE trim(message) <> '' END
    AND time BETWEEN TIMESTAMP '1970-01-01' AND TIMESTAMP '2200-01-01'
"""
