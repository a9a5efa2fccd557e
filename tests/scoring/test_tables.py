"""Text that goes into a spreadsheet or a pipe is harmless there."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from wifitrain.scoring import csv_text, json_lines


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", " =1"])
def test_no_cell_begins_as_a_formula(text):
    """What a spreadsheet would run is led by an apostrophe."""
    row = list(csv.reader(io.StringIO(csv_text([{"a": text}], columns=["a"]))))[1]
    assert row[0].startswith("'")


def test_ordinary_cells_stay_as_they_are():
    """Numbers keep their sign, undefined is empty, control characters are escaped."""
    rows = [{"a": -1.5, "b": math.nan, "c": "line\nbreak \x1b[31m", "d": True, "e": ["x"]}]
    text = csv_text(rows, columns=["a", "b", "c", "d", "e"])
    assert next(csv.reader(io.StringIO(text.split("\n", 1)[1]))) == [
        "-1.5", "", "line\\nbreak \\x1b[31m", "true", '["x"]',
    ]  # fmt: skip


def test_json_lines_are_strict():
    """Undefined and infinite values are null, at any depth."""
    text = json_lines([{"a": math.nan, "b": [math.inf, {"c": 1.0}]}])
    assert json.loads(text, parse_constant=pytest.fail) == {"a": None, "b": [None, {"c": 1.0}]}
