"""The careful step from text fields to typed rows, which names what is wrong with a record.

It is the second half of a statement whose first half (`fields`) lays out a kind of raw record.
"""

from __future__ import annotations

__all__ = ["CAREFUL"]

#: Gives columns record, id (where `seq` does not say it), device, host, time, season (where the
#: year is still unknown), level, program, interface_hint, message, label, label_text, cut (true or
#: null), code (why the record is refused, or null), reason, text (of a refused record), seq.
CAREFUL = r"""
, lines AS (
    SELECT *, regexp_extract(
        CASE WHEN is_line OR process IS NULL OR host IS NULL OR export_level(level) IS NULL
            THEN raw_message END,
        '^(?:<(\d{1,3})>)?\s*((?s:.*))$', ['pri', 'body']) AS p
    FROM fields
), stamped AS (
    SELECT *, CASE
        WHEN p.body = '' OR p.body IS NULL THEN NULL
        WHEN regexp_matches(p.body, '^1 \d{4}-\d\d-\d\dT') THEN regexp_extract(p.body,
            '^1 (\S+) ((?:\S+ ){2})\S+ \S+ (?:-|\[.*?\]) ?((?s:.*))$', ['stamp', 'front', 'rest'])
        WHEN regexp_matches(p.body, '^\d{9,10}\.\d{1,6}: ') THEN
            regexp_extract(p.body, '^(\d+\.\d+)(): +((?s:.*))$', ['stamp', 'front', 'rest'])
        WHEN p.body[1] = '[' THEN regexp_extract(p.body,
            '^\[([^\]]{10,60} [^\]]*)\]() +((?s:.*))$', ['stamp', 'front', 'rest'])
        WHEN regexp_matches(p.body, '^\d{4}-') THEN regexp_extract(p.body,
            '^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?)()'
            || '\s+((?s:.*))$',
            ['stamp', 'front', 'rest'])
        ELSE regexp_extract(p.body,
            '^((?:[^\s\d:.,]+\.?,? +)?(?:[^\s\d:.,]+|\d{1,2}月)\.? +\d{1,2} +'
            || '(?:(?:19|20)\d\d +)?\d\d:\d\d:\d\d'
            || '(?:[.,]\d+)?(?: (?:19|20)\d\d)?)():? +((?s:.*))$', ['stamp', 'front', 'rest'])
        END AS s
    FROM lines
), tagged AS (
    SELECT *, regexp_matches(s.stamp, '^\d+\.') AS bare,
        regexp_extract(CASE WHEN bare OR s.front <> '' THEN '' ELSE s.rest END,
            '^(?:(\S*[^\s:]) +)??(?:[a-z]+[0-9]?\.'
            || '(emerg|alert|crit|err|error|warn|warning|notice|info|debug):? +|'
            || '(EMERG|ALERT|CRIT|ERR|ERROR|WARN|WARNING|NOTICE|INFO|DEBUG) +)?'
            || '([^\s:\[]+)(?:\[\d+\])?: *(?:\d{9,10}\.\d{6}: )?((?s:.*))$',
            ['host', 'facility_level', 'word', 'tag', 'message']) AS t
    FROM stamped
), whole AS (
    SELECT record, text, is_line, id, device, label_text, has, code,
        coalesce(host, nullif(nullif(t.host, ''), '-'),
                 nullif(nullif(split_part(s.front, ' ', 1), ''), '-')) AS host,
        CASE WHEN is_line THEN nullif(s.stamp, '') ELSE trim(stamp) END AS stamp,
        coalesce(export_level(level), export_level(nullif(t.facility_level, '')),
            export_level(nullif(t.word, '')), export_priority(nullif(p.pri, '')),
            export_priority(nullif(regexp_extract(
                CASE WHEN export_level(level) IS NULL THEN structured END,
                '["''](?:syslog_)?priority["'']\s*:\s*"?(\d{1,3})', 1), ''))) AS level,
        coalesce(process, nullif(t.tag, ''), nullif(split_part(s.front, ' ', 2), ''),
            CASE WHEN is_line AND bare THEN CASE WHEN regexp_matches(s.rest,
                'AP-[A-Z]|IEEE 802\.1|interface state |EAPOL-4WAY|hostapd|WPA: .*handshake')
                THEN 'hostapd' ELSE 'wpa_supplicant' END END) AS process,
        rtrim(CASE WHEN NOT is_line THEN message WHEN t.tag <> '' THEN t.message
            ELSE s.rest END, E' \t\r\n') AS message,
        p.body AS body
    FROM tagged
), calendar AS (
    SELECT w.*, export_calendar(CASE WHEN stamp NOT SIMILAR TO '\d{4}-.*' THEN stamp END) AS c
    FROM whole w
), dated AS (
    SELECT k.*, TRY(make_timestamp(
            coalesce(try_cast(nullif(c.year, '') AS BIGINT), try_cast(nullif(c.last, '') AS BIGINT),
                     2000), m.month, try_cast(c.day AS BIGINT),
            CASE c.half WHEN '' THEN try_cast(c.hour AS BIGINT)
                ELSE try_cast(c.hour AS BIGINT) % 12
                    + CASE WHEN lower(c.half) = 'p' THEN 12 ELSE 0 END END,
            try_cast(c.minute AS BIGINT),
            try_cast(replace(c.second, ',', '.') AS DOUBLE))) AS naive,
        c.year || c.last = '' AS yearless, nullif(c.zone, '') AS zone, z.minutes AS minutes
    FROM calendar k LEFT JOIN export_months m ON m.name = lower(c.month)
        LEFT JOIN export_zones z ON z.name = lower(c.zone)
), timed AS (
    SELECT *, CASE
            WHEN naive IS NULL THEN export_full(stamp, $zone)
            WHEN yearless THEN NULL
            WHEN zone IS NULL THEN export_utc(naive, $zone)
            ELSE naive - to_minutes(minutes) END AS time,
        CASE WHEN yearless AND zone IS NULL THEN naive END AS season
    FROM dated
), judged AS (
    SELECT *, coalesce(code, CASE
        WHEN is_line AND stamp IS NULL THEN 'no_timestamp'
        WHEN time IS NULL AND season IS NULL THEN 'timestamp_unreadable'
        WHEN time NOT BETWEEN TIMESTAMP '1970-01-01' AND TIMESTAMP '2200-01-01'
            THEN 'timestamp_unreadable'
        WHEN trim(message) = '' THEN 'message_empty' END) AS fault,
        coalesce(' (has: ' || left(has, 200) || ')', '') AS keys
    FROM timed
)
SELECT record, nullif(nullif(id, ''), try_cast(id AS BIGINT)::VARCHAR) AS id,
    device, host, time, season, level,
    export_program(process) AS program, export_interface(process) AS interface_hint,
    left(message, $max_chars) AS message,
    CASE WHEN lower(trim(label_text)) IN ('true', '1', 'yes', 'anomaly', 'anomalous', 'attack',
            'abnormal', 'bad') THEN true
        WHEN lower(trim(label_text)) IN ('false', '0', 'no', 'normal', 'benign', 'good', 'ok')
            THEN false END AS label,
    nullif(trim(label_text), '') AS label_text,
    CASE WHEN length(message) > $max_chars THEN true END AS cut, fault AS code,
    CASE fault
        WHEN 'not_json' THEN 'the record is not valid JSON'
        WHEN 'not_an_object' THEN 'the record is not a JSON object'
        WHEN 'duplicate_keys' THEN 'a key stands twice' || keys
        WHEN 'wrong_number_of_fields' THEN 'the row has not as many fields as the header'
        WHEN 'timestamp_missing' THEN '''timestamp'' missing' || keys
        WHEN 'message_missing' THEN '''message'' missing' || keys
        WHEN 'process_missing' THEN '''process_name'' missing' || keys
        WHEN 'timestamp_not_text' THEN '''timestamp'' is not text: ' || left(stamp, 60)
        WHEN 'message_not_text' THEN '''message'' is not text: ' || left(message, 60)
        WHEN 'level_not_text' THEN 'the level is not text'
        WHEN 'process_not_text' THEN 'the process name is not text'
        WHEN 'raw_message_not_text' THEN '''raw_message'' is not text'
        WHEN 'message_empty' THEN 'the message is empty'
        WHEN 'timestamp_unreadable' THEN 'no listed form of a timestamp: ' || left(stamp, 60)
        WHEN 'no_timestamp' THEN CASE
            WHEN regexp_matches(text, '^(?:IFNAME=\S+ )?<[0-5]>')
                THEN 'a control console line, without a time'
            WHEN regexp_matches(text, '^\[\d\d:\d\d:\d\d') THEN 'a time of day without a date'
            WHEN regexp_matches(text, '^\[ *\d+\.\d+\]')
                THEN 'seconds since boot, without a date'
            ELSE 'the line begins with no listed form of a timestamp' END
    END AS reason,
    CASE WHEN fault IS NOT NULL THEN left(text, 4096) END AS text, try_cast(id AS BIGINT) AS seq
FROM judged
"""
