"""The same text fields from each kind of raw record, as the first half of a statement.

Each gives record, text, is_line, id, device, host, stamp, level, process, message, raw_message,
structured, label_text, code (why the record is refused, or null) and has (its keys, or null).
"""

from __future__ import annotations

import json

__all__ = ["COLUMN_FIELDS", "COLUMN_NAMES", "JSON_FIELDS", "JSON_STRUCTURE", "LINE_FIELDS"]

#: Fields of a row, in any of the shapes, that carry something for training.
COLUMN_NAMES: tuple[str, ...] = (
    "id", "device_id", "device_ip", "host", "hostname", "timestamp", "log_level", "level",
    "process_name", "source", "message", "raw_message", "structured_data",
)  # fmt: skip
JSON_STRUCTURE = json.dumps(dict.fromkeys(COLUMN_NAMES, "JSON"))


JSON_FIELDS = r"""
WITH keyed AS (
    SELECT record, raw, CASE WHEN json_valid(raw) AND json_type(raw) = 'OBJECT' THEN raw END AS row
    FROM export_batch
), opened AS (
    SELECT *, json_keys(row) AS keys, json_transform(row, $structure) AS j,
        CASE WHEN $label_path IS NOT NULL THEN json_extract(row, $label_path) END AS l
    FROM keyed
), fields AS (
    SELECT record, raw AS text, false AS is_line, j.id->>'$' AS id, j.device_id->>'$' AS device,
        coalesce(nullif(j.device_ip->>'$', ''), nullif(j.host->>'$', ''),
                 nullif(j.hostname->>'$', '')) AS host,
        j.timestamp->>'$' AS stamp,
        coalesce(j.log_level->>'$', j.level->>'$') AS level,
        coalesce(nullif(j.process_name->>'$', ''), nullif(j.source->>'$', '')) AS process,
        j.message->>'$' AS message, j.raw_message->>'$' AS raw_message,
        CASE json_type(j.structured_data) WHEN 'VARCHAR' THEN j.structured_data->>'$'
            ELSE j.structured_data::VARCHAR END AS structured,
        l->>'$' AS label_text,
        CASE
            WHEN row IS NULL AND json_valid(raw) THEN 'not_an_object'
            WHEN row IS NULL THEN 'not_json'
            WHEN len(keys) <> len(list_distinct(keys)) THEN 'duplicate_keys'
            WHEN json_type(j.timestamp) IS NULL OR json_type(j.timestamp) = 'NULL'
                THEN 'timestamp_missing'
            WHEN json_type(j.timestamp) <> 'VARCHAR' THEN 'timestamp_not_text'
            WHEN json_type(j.message) IS NULL OR json_type(j.message) = 'NULL'
                THEN 'message_missing'
            WHEN json_type(j.message) <> 'VARCHAR' THEN 'message_not_text'
            WHEN json_type(coalesce(j.log_level, j.level)) NOT IN ('VARCHAR', 'NULL')
                THEN 'level_not_text'
            WHEN json_type(coalesce(j.process_name, j.source)) NOT IN ('VARCHAR', 'NULL')
                THEN 'process_not_text'
            WHEN json_type(j.raw_message) NOT IN ('VARCHAR', 'NULL') THEN 'raw_message_not_text'
            WHEN j.process_name IS NULL AND j.source IS NULL AND j.raw_message IS NULL
                THEN 'process_missing'
        END AS code,
        array_to_string(keys, ', ') AS has
    FROM opened
)"""

COLUMN_FIELDS = r"""
WITH fields AS (
    SELECT record, coalesce(broken,
            concat_ws(',', id, device_id, device_ip, timestamp, message)) AS text, false AS is_line,
        nullif(id, '') AS id, nullif(device_id, '') AS device,
        coalesce(nullif(device_ip, ''), nullif(host, ''), nullif(hostname, '')) AS host,
        timestamp AS stamp, coalesce(nullif(log_level, ''), nullif(level, '')) AS level,
        coalesce(nullif(process_name, ''), nullif(source, '')) AS process, message,
        nullif(raw_message, '') AS raw_message, structured_data AS structured,
        label AS label_text,
        CASE WHEN broken IS NOT NULL THEN 'wrong_number_of_fields'
            WHEN nullif(timestamp, '') IS NULL THEN 'timestamp_missing'
            WHEN message IS NULL THEN 'message_missing' END AS code,
        NULL::VARCHAR AS has
    FROM export_batch
)"""

LINE_FIELDS = r"""
WITH fields AS (
    SELECT record, line AS text, true AS is_line, NULL::VARCHAR AS id, NULL::VARCHAR AS device,
        NULL::VARCHAR AS host, NULL::VARCHAR AS stamp, NULL::VARCHAR AS level,
        NULL::VARCHAR AS process, NULL::VARCHAR AS message, line AS raw_message,
        NULL::VARCHAR AS structured, NULL::VARCHAR AS label_text, NULL::VARCHAR AS code,
        NULL::VARCHAR AS has
    FROM export_batch
)"""
