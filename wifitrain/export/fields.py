"""The same text fields from each kind of raw record, as the first half of a statement.

Each gives record, text, is_line, id, device, host, stamp, level, process, message, raw_message,
structured, label_text, code (why the record is refused, or null) and has (its keys, or null).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

__all__ = [
    "COLUMN_FIELDS",
    "COLUMN_NAMES",
    "JSON_FIELDS",
    "JSON_PARAMETERS",
    "LINE_FIELDS",
]

#: Fields of a row, in any of the shapes, that carry something for training.
COLUMN_NAMES: tuple[str, ...] = (
    "id", "device_id", "device_ip", "host", "hostname", "timestamp", "log_level", "level",
    "process_name", "source", "message", "raw_message", "structured_data",
)  # fmt: skip
#: Constants of the JSON statement: each field as raw JSON, which shows its type, and as text.
JSON_PARAMETERS: Mapping[str, str | list[str]] = {
    "json_structure": json.dumps(dict.fromkeys(COLUMN_NAMES, "JSON")),
    "text_structure": json.dumps(dict.fromkeys(COLUMN_NAMES, "VARCHAR")),
    "names": list(COLUMN_NAMES),
}


JSON_FIELDS = r"""
WITH keyed AS (
    SELECT record, raw, CASE WHEN json_valid(raw) AND json_type(raw) = 'OBJECT' THEN raw END AS row
    FROM export_batch
), opened AS (
    SELECT *, json_keys(row) AS keys, json_transform(row, $json_structure) AS j,
        json_transform(row, $text_structure) AS v,
        CASE WHEN $label_path IS NOT NULL THEN json_extract(row, $label_path) END AS l
    FROM keyed
), fields AS (
    SELECT record, raw AS text, false AS is_line, v.id AS id, nullif(v.device_id, '') AS device,
        coalesce(nullif(v.device_ip, ''), nullif(v.host, ''), nullif(v.hostname, '')) AS host,
        v.timestamp AS stamp, coalesce(nullif(v.log_level, ''), nullif(v.level, '')) AS level,
        coalesce(nullif(v.process_name, ''), nullif(v.source, '')) AS process,
        v.message AS message, v.raw_message AS raw_message, v.structured_data AS structured,
        l->>'$' AS label_text,
        CASE
            WHEN row IS NULL AND json_valid(raw) THEN 'not_an_object'
            WHEN row IS NULL THEN 'not_json'
            WHEN len(keys) <> list_unique(keys)
                AND len(list_filter(keys, lambda key: list_contains($names, key)))
                    <> list_unique(list_filter(keys, lambda key: list_contains($names, key)))
                THEN 'duplicate_keys'
            WHEN j.timestamp IS NULL THEN 'timestamp_missing'
            WHEN NOT starts_with(j.timestamp, '"') THEN 'timestamp_not_text'
            WHEN j.message IS NULL THEN 'message_missing'
            WHEN NOT starts_with(j.message, '"') THEN 'message_not_text'
            WHEN NOT starts_with(coalesce(j.log_level, j.level), '"') THEN 'level_not_text'
            WHEN NOT starts_with(coalesce(j.process_name, j.source), '"') THEN 'process_not_text'
            WHEN NOT starts_with(j.raw_message, '"') THEN 'raw_message_not_text'
            WHEN NOT list_has_any(keys, ['process_name', 'source', 'raw_message'])
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
