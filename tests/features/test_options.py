"""The constructor is the schema: each value checked, each message with its key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from wifitrain.errors import ConfigError, FeatureError
from wifitrain.events import event_names
from wifitrain.features import WindowFeatures, catalogue, feature_of_column, features_page
from wifitrain.features.vocabulary import COUNTED, ENDS, HANDSHAKES, LOGGABLE, STARTS

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {path.stem: path for path in (ROOT / "conf/features").glob("*.yaml")}
NUMERIC = {"numeric": ["n_events"]}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window_s": 0}, r"features\.window_s must be a whole number in \[1, 86400\], got 0"),
        ({"window_s": True}, r"features\.window_s .*got True"),
        ({"window_s": 60.0}, r"features\.window_s .*got 60\.0"),
        ({"max_silence_s": 60}, r"features\.max_silence_s .* in \[300, .*got 60"),
        ({"entity": "room"}, r"features\.entity must be one of access_point, .*got 'room'"),
        ({"unavailable": "zero"}, r"features\.unavailable must be one of drop, error, got 'zero'"),
        ({"profile": ""}, r"features\.profile must be a name, got ''"),
        ({"numeric": "n_events"}, r"features\.numeric must be a list .*got 'n_events'"),
        ({"numeric": [3]}, r"features\.numeric must hold feature names, got 3"),
        ({"numeric": ["n_event"]}, r"'n_event', which is no feature; did you mean n_events"),
        ({"numeric": ["qqq"]}, r"'qqq', which is no feature$"),
        ({"derived": ["beacon_ratio"]}, r"features\.derived .* belongs in features\.numeric"),
        ({"counts": ["silence_s"]}, r"features\.counts .* belongs in features\.derived"),
        ({"numeric": ["n_events", "n_events"]}, r"features\.numeric names 'n_events', .*already"),
        ({"numeric": []}, "names no feature: every list is empty"),
    ],
)
def test_wrong_value_is_refused_by_key_and_value(options: dict, message: str) -> None:
    """One line, before any data is read."""
    with pytest.raises(ConfigError, match=message):
        WindowFeatures(**{**NUMERIC, **options})


def test_all_five_groups_are_there() -> None:
    """One file for each choice."""
    assert sorted(GROUPS) == ["design", "minimal", "service_39", "service_5", "wifi"]


@pytest.mark.parametrize("name", ["design", "minimal", "service_39", "service_5", "wifi"])
def test_group_builds_and_names_itself(name: str) -> None:
    """Every option file is a valid constructor call, complete and under its own name."""
    options = yaml.safe_load(GROUPS[name].read_text())
    assert options.pop("_target_") == "wifitrain.features.WindowFeatures"
    assert WindowFeatures(**options).profile == name
    keys = ("window_s", "entity", "unavailable", "max_silence_s", "profile")
    lists = ("numeric", "categorical", "temporal", "derived", "counts")
    assert sorted(options) == sorted((*keys, *lists))


def test_serving_profiles_have_the_services_columns() -> None:
    """Five and thirty-nine columns, in the service's order."""
    columns = {
        name: WindowFeatures(**_options(name)).columns for name in ("service_5", "service_39")
    }
    assert len(columns["service_5"]) == 5
    codes = [f"{kind}_code_{code}" for kind in ("reason", "status") for code in range(1, 18)]
    firsts = ["auth_failures", "deauth_count", "beacon_count"]
    assert columns["service_39"] == [*firsts, "unique_mac_count", "unique_ssid_count", *codes]


def _options(name: str) -> dict:
    options = yaml.safe_load(GROUPS[name].read_text())
    return {key: value for key, value in options.items() if key != "_target_"}


def test_columns_of_the_catalogue_are_all_different() -> None:
    """No two features share a column."""
    columns = [column for one in catalogue().values() for column in one.columns]
    assert len(columns) == len(set(columns))


def test_page_of_features_is_up_to_date() -> None:
    """docs/features.md is what `python -m wifitrain.features` writes."""
    assert (ROOT / "docs/features.md").read_text(encoding="utf-8") == features_page()


def test_page_names_every_feature() -> None:
    """Each feature has its row."""
    page = features_page()
    assert all(f"| `{name}`" in page for name in catalogue())


def test_column_leads_back_to_its_feature() -> None:
    """A model knows columns; their meaning stands in the catalogue."""
    assert feature_of_column("mean_hour_of_day_sin").name == "mean_hour_of_day"
    with pytest.raises(FeatureError, match="'nothing' is no column of any feature"):
        feature_of_column("nothing")


def test_every_event_that_features_count_is_one_that_grammars_give() -> None:
    """A misspelt event name would be a count that is always zero."""
    counted = {event for events in COUNTED.values() for event in events}
    loggable = {event for events in LOGGABLE.values() for event in events}
    known = {*event_names(), "unknown", "other"}
    assert {*counted, *loggable, *STARTS, *ENDS, *HANDSHAKES} - known == set()


def test_every_event_input_of_the_catalogue_is_known() -> None:
    """What docs/features.md names as fed by events exists."""
    known = {*event_names(), "unknown", "other"}
    fed = [one for one in catalogue().values() if one.feed in ("possible", "occurs")]
    assert {event for one in fed for event in one.inputs} - known == set()
