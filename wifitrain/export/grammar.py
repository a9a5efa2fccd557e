"""The text -> typed step as DuckDB macros: listed timestamp formats, levels, tags, syslog lines.

Nothing guesses: a text that is none of the listed forms stays null and its record is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

__all__ = ["install_grammar"]

#: Minutes east of UTC of the zone abbreviations that mean one thing.
_ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "cest": 120, "eet": 120,
    "eest": 180, "msk": 180, "jst": 540, "aest": 600, "aedt": 660, "est": -300, "edt": -240,
    "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
}  # fmt: skip

_MACROS = r"""
CREATE OR REPLACE MACRO export_level(word) AS MAP {
    'emergency': 'emergency', 'emerg': 'emergency', 'panic': 'emergency', 'alert': 'alert',
    'critical': 'critical', 'crit': 'critical', 'error': 'error', 'err': 'error',
    'warning': 'warning', 'warn': 'warning', 'notice': 'notice', 'info': 'info',
    'information': 'info', 'informational': 'info', 'debug': 'debug'}[lower(trim(word))];
CREATE OR REPLACE MACRO export_priority(pri) AS CASE WHEN try_cast(pri AS INTEGER) <= 191 THEN
    ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug']
    [try_cast(pri AS INTEGER) % 8 + 1] END;
CREATE OR REPLACE MACRO export_tag(tag) AS
    lower(regexp_extract(tag, '^\s*\(?(?:[^\s:\[(]*/)?([^\s:\[\]()/]+)', 1));
CREATE OR REPLACE MACRO export_program(tag) AS CASE
    WHEN tag IN ('hostapd', 'wpa_supplicant', 'wlceventd') THEN tag
    WHEN export_tag(tag) = 'wlceventd_proc_event' THEN 'wlceventd'
    ELSE nullif(export_tag(tag), '') END;
CREATE OR REPLACE MACRO export_interface(tag) AS
    nullif(regexp_extract(tag, '^[^:]+:\s*([A-Za-z0-9][A-Za-z0-9._-]*)', 1), '');
CREATE OR REPLACE MACRO export_utc(naive, zone) AS
    CASE WHEN zone = 'UTC' THEN naive ELSE timezone(zone, naive)::TIMESTAMP END;
CREATE OR REPLACE MACRO export_calendar(stamp) AS regexp_extract(
    regexp_replace(replace(stamp, chr(8239), ' '),
        '^(\d{1,2})\.? ([^\s\d:.,]+)\.?,? (\d{4})', '\2 \1, \3'),
    '^(?:[^\s\d:.,]+\.?,? +)?([^\s\d:.,]+|\d{1,2}月)\.? +(\d{1,2})(?:,? +(\d{4}))?,? +'
    || '(\d{1,2}):(\d\d):'
    || '(\d\d(?:[.,]\d{1,9})?)(?: (\d{4}))?(?: ?([AaPp])\.?[Mm]\.?)?(?: ([A-Za-z]+))?$',
    ['month', 'day', 'year', 'hour', 'minute', 'second', 'last', 'half', 'zone']);
CREATE OR REPLACE MACRO export_full(stamp, zone) AS CASE
    WHEN regexp_matches(stamp, '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?$')
        THEN export_utc(try_cast(replace(stamp, ',', '.') AS TIMESTAMP), zone)
    WHEN regexp_matches(stamp,
            '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d(?::?\d\d)?)$')
        THEN try_cast(replace(stamp, ',', '.') AS TIMESTAMPTZ)::TIMESTAMP
    WHEN regexp_matches(stamp, '^\d{9,10}(?:\.\d{1,6})?$')
        THEN make_timestamp((try_cast(stamp AS DECIMAL(28, 6)) * 1000000)::BIGINT) END;
"""


def install_grammar(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the macros and the tables of month names and zones on `connection`."""
    # Casts between stamps with and without a zone, on connections that are still to come too.
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(_MACROS)
    names, numbers = zip(*_month_names(), strict=True)
    connection.execute(
        "CREATE OR REPLACE TABLE export_months AS"
        " SELECT unnest(?) AS name, unnest(?)::INTEGER AS month",
        [list(names), list(numbers)],
    )
    connection.execute(
        "CREATE OR REPLACE TABLE export_zones AS"
        " SELECT unnest(?) AS name, unnest(?)::INTEGER AS minutes",
        [list(_ZONES), list(_ZONES.values())],
    )


def _month_names() -> Iterator[tuple[str, int]]:
    """Month names as strftime and browsers write them in many languages, one month a line."""
    text = files("wifitrain.export").joinpath("months.txt").read_text(encoding="utf-8")
    for number, names in enumerate(text.splitlines(), 1):
        for name in names.split():
            yield name, number
