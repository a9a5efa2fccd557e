"""The examples beside this file are the room's specification: a line and what it must become."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.events.reference import understand
from wifitrain.events import event_names
from wifitrain.records import EVENT_COLUMNS

EXAMPLES = Path(__file__).parent / "examples"
PASSED_ON = {"arrival", "access_point", "time", "level", "program", "event", "category", "label"}
VALUES = [name for name in EVENT_COLUMNS if name not in PASSED_ON | {"template"}]
WIFI = {"hostapd", "wpa_supplicant", "wlceventd"}


def examples() -> list[dict[str, Any]]:
    """Every example of every file."""
    found = []
    for path in sorted(EXAMPLES.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            found += [{**row, "values": json.loads(row["values"])} for row in rows]
    return found


@pytest.fixture(scope="module")
def events(extract: Callable[..., Any]) -> list[dict[str, Any]]:
    """What the examples become."""
    rows, _ = extract([{"program": e["program"], "message": e["message"]} for e in examples()])
    return rows


def test_every_example_becomes_its_event_with_exactly_its_values(
    events: list[dict[str, Any]],
) -> None:
    """A line's event and all of its values are those of the example, and no value is invented."""
    wrong = [
        (example["message"], example["event"], event["event"], example["values"], found)
        for example, event in zip(examples(), events, strict=True)
        if (found := {name: event[name] for name in VALUES if event[name] is not None})
        != example["values"]
        or event["event"] != example["event"]
    ]
    assert wrong == []


def test_the_category_is_the_one_of_the_event_name(events: list[dict[str, Any]]) -> None:
    """Category and name cannot disagree."""
    assert {event["event"]: event["category"] for event in events} == dict(event_names())


def test_every_event_name_has_an_example() -> None:
    """No name exists that nobody has shown a line for."""
    assert {example["event"] for example in examples()} == set(event_names())


def test_the_plain_reference_agrees_with_every_example() -> None:
    """The tables mean the same without an engine."""
    for example in examples():
        if example["program"] in WIFI:
            found = understand(example["message"])
            assert found["event"] == example["event"], example["message"]
            values = {name: found[name] for name in VALUES if found[name] is not None}
            assert values == example["values"], example["message"]


def test_only_unknown_lines_have_a_template(events: list[dict[str, Any]]) -> None:
    """A line that is understood needs no template, one that is not always has one."""
    for event in events:
        assert (event["template"] is not None) == (event["event"] == "unknown"), event
