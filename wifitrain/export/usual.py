"""Usual rows in one cheap pass: rows of which nothing is odd, typed as `extraction` would.

Such a row has all its fields, of the right types, a level that is known and an ISO timestamp
without a zone. Whatever is left out here goes the careful way, which also says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from wifitrain.export.fields import USUAL_KEYS

__all__ = ["USUAL_COLUMNS", "USUAL_JSON", "USUAL_JSON_PARAMETERS"]

_TEXTS = ("timestamp", "log_level", "process_name", "message")
USUAL_JSON_PARAMETERS: Mapping[str, str | list[str]] = {
    "json_structure": json.dumps(dict.fromkeys((*_TEXTS, "raw_message"), "JSON")),
    "text_structure": json.dumps(
        dict.fromkeys(("id", "device_id", "device_ip", *_TEXTS), "VARCHAR")
    ),
    "usual_keys": list(USUAL_KEYS),
}

_JSON_ROWS = r"""
WITH opened AS (
    SELECT record, json_transform(raw, $json_structure) AS j,
        json_transform(raw, $text_structure) AS v
    FROM export_batch WHERE starts_with(raw, '{') AND json_keys(raw) = $usual_keys
), usual AS (
    SELECT record, v.id AS id, v.device_id AS device, v.device_ip AS host, v.timestamp AS stamp,
        v.log_level AS level, v.process_name AS process, v.message AS message
    FROM opened WHERE starts_with(j.timestamp, '"') AND starts_with(j.message, '"')
        AND starts_with(j.log_level, '"') AND starts_with(j.process_name, '"')
        AND coalesce(starts_with(j.raw_message, '"'), true)
)"""

_COLUMN_ROWS = r"""
WITH usual AS (
    SELECT record, id, nullif(device_id, '') AS device,
        coalesce(nullif(device_ip, ''), nullif(host, ''), nullif(hostname, '')) AS host,
        timestamp AS stamp, coalesce(nullif(log_level, ''), nullif(level, '')) AS level,
        coalesce(nullif(process_name, ''), nullif(source, '')) AS process, message
    FROM export_batch WHERE broken IS NULL AND label IS NULL
)"""

_TYPED = r"""
, timed AS MATERIALIZED (
    SELECT record, id, device, host, level, process,
        CASE WHEN regexp_matches(stamp, '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.]\d{1,9})?$')
            THEN export_utc(try_cast(stamp AS TIMESTAMP), $zone) END AS time,
        CASE WHEN ends_with(message, ' ') OR ends_with(message, chr(10))
            OR ends_with(message, chr(13)) OR ends_with(message, chr(9))
            THEN rtrim(message, E' \t\r\n') ELSE message END AS message
    FROM usual
), levels AS (
    SELECT level, export_level(level) AS named FROM (SELECT DISTINCT level FROM timed)
), programs AS (
    SELECT process, export_program(process) AS program, export_interface(process) AS interface_hint
    FROM (SELECT DISTINCT process FROM timed)
)
INSERT INTO export_typed
SELECT $file, record, nullif(id, ''), device, host, time, NULL, named, program, interface_hint,
    CASE WHEN strlen(message) <= $max_chars THEN message ELSE left(message, $max_chars) END, NULL,
    NULL, strlen(message) > $max_chars AND length(message) > $max_chars, NULL, NULL, NULL
FROM timed JOIN levels USING (level) JOIN programs USING (process)
WHERE host <> '' AND process <> '' AND named IS NOT NULL AND message <> ''
    AND time BETWEEN TIMESTAMP '1970-01-01' AND TIMESTAMP '2200-01-01'
"""

#: Statements that put the usual rows of `export_batch` into `export_typed`.
USUAL_JSON = _JSON_ROWS + _TYPED
USUAL_COLUMNS = _COLUMN_ROWS + _TYPED
