"""Values of the `source` and `database` groups are checked before anything is read."""

import subprocess
import sys

import pytest

from wifitrain.errors import ConfigError
from wifitrain.export import DatabaseSettings, FileSource

BAD = [
    ({"path": None}, r"source.path must name an export.*got null"),
    ({"path": []}, r"source.path must be .* got \[\]"),
    ({"path": "-"}, r"source.path must be .* got '-'"),
    ({"path": [1]}, r"source.path must be .* got \[1\]"),
    ({"shape": "xml"}, r"source.shape must be one of auto, json_object, .* got 'xml'"),
    ({"year": 14}, r"source.year must be null or from 1990 to 2100, got 14"),
    ({"year": True}, r"source.year .* got True"),
    ({"timezone": "Mars/Base"}, r"source.timezone must be a zone .* got 'Mars/Base'"),
    ({"timezone": "../etc/passwd"}, r"source.timezone must be a zone"),
    ({"timezone": None}, r"source.timezone must be a zone .* got None"),
    ({"max_invalid_ratio": 1.5}, r"source.max_invalid_ratio must be in \[0, 1\], got 1.5"),
    ({"max_invalid_ratio": "many"}, r"source.max_invalid_ratio .* got 'many'"),
    ({"max_records": 0}, r"source.max_records .* at least 1, got 0"),
    ({"wifi_programs": []}, r"source.wifi_programs must be a list of names, got \[\]"),
    ({"wifi_programs": "hostapd"}, r"source.wifi_programs .* got 'hostapd'"),
    ({"programs": [None]}, r"source.programs must be a list of names, got \[None\]"),
    ({"labels": ""}, r"source.labels must be null, a field .* got ''"),
    ({"clock_reset": "ignore"}, r"source.clock_reset must be one of repair, .* got 'ignore'"),
    ({"max_message_chars": -1}, r"source.max_message_chars .* got -1"),
    ({"max_message_chars": None}, r"source.max_message_chars .* got None"),
    ({"pseudonymise": "no"}, r"source.pseudonymise must be true or false, got 'no'"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_bad_values_are_refused_by_key_and_value(options: dict, said: str) -> None:
    """One line, the full key, the value."""
    with pytest.raises(ConfigError, match=said):
        FileSource(**{"path": "x.json", **options})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"table_name": 'x"; drop'}, r"database.table_name must be a table .* got 'x\"; drop'"),
        ({"table_name": "a.b.c"}, r"database.table_name must be a table .* got 'a.b.c'"),
        ({"batch_size": 0}, r"database.batch_size .* at least 1, got 0"),
        ({"max_records": -1}, r"database.max_records .* got -1"),
        ({"wifi_programs": None}, r"database.wifi_programs must be a list of names, got None"),
    ],
)
def test_bad_values_of_the_database_group_are_refused_by_name(options: dict, said: str) -> None:
    """One line, the full key, the value; a table is no piece of SQL."""
    with pytest.raises(ConfigError, match=said):
        DatabaseSettings(**options)


def test_the_defaults_of_the_database_group_are_the_design_s() -> None:
    """They hold for files too."""
    settings = DatabaseSettings()
    assert settings.wifi_programs == ("hostapd", "wpa_supplicant", "wlceventd")
    assert (settings.table_name, settings.batch_size, settings.max_records) == (
        "log_entries",
        1000,
        None,
    )


def test_building_a_source_imports_nothing_heavy() -> None:
    """Help and configuration errors stay quick."""
    code = (
        "import sys; from wifitrain.export import FileSource; FileSource(path='x');"
        "print([m for m in ('duckdb', 'ibis', 'pandas', 'pyarrow', 'numpy') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
