"""Records decoded into columns: a key twice is noticed however it is written, and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.conftest import row, without
from wifitrain.export.json_rows import ROW_COLUMNS, RowDecoder
from wifitrain.export.quotes import QuoteCounter

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='a"\\:{}[], é\n'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(alphabet='a"\\:'), inner),
    max_leaves=20,
)


@given(value=VALUES, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]))
def test_quotes_are_two_for_each_string(
    value: object, ascii_only: bool, indent: int | None
) -> None:
    """Escaped quotes are none, escaped backslashes before a quote do not escape it."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    counter = QuoteCounter()
    assert counter.count(text.encode()) == 2 * len(STRING.findall(text))
    assert counter.count(b'["a"]') == 2  # what was counted before has left nothing behind


def _array(*texts: str) -> bytes:
    return ("[" + ", ".join(texts) + "]").encode()


def _text(number: int = 1, **changes: Any) -> str:
    return json.dumps(row(number, **changes))


@pytest.mark.parametrize(
    "again",
    [
        '"message": "again"',
        '"message" : "again"',
        '"mess\\u0061ge": "again"',
        '"raw_message": null',
        '"id": 7',
        '"pushed_to_ai": true',
        '"message": "ends with a backslash \\\\"',
        '"structured_data": {"a": ["\\"", "b"]}',
    ],
)
def test_a_key_twice_is_odd_however_it_is_written(again: str) -> None:
    """With blanks or escapes in it, with any value, and where other rows make up for it."""
    twice = _text(2)[:-1] + f", {again}}}"
    assert RowDecoder().columns(_array(_text(1), twice)) is None
    assert (
        RowDecoder().columns(_array(json.dumps(without(row(1), "id", "log_level")), twice)) is None
    )
    quoted = _text(3, message='said "\\u0022"', structured_data='{"a": "\\"\\\\"}')
    assert RowDecoder().columns(_array(quoted, twice, quoted)) is None
    assert RowDecoder().columns(_array(quoted, _text(2), quoted)) is not None


def test_columns_hold_what_the_records_say() -> None:
    """Numbers as numbers, texts unescaped, null where a record has null."""
    rows = [
        row(1, message='a "b" \\ é'),
        row(2, log_level=None),
        row(3, structured_data={"x": "y"}),
    ]
    for some in (rows[:2], rows[2:]):
        columns = RowDecoder().columns(_array(*map(json.dumps, some)))
        assert columns is not None
        assert columns.to_pylist() == [{key: one.get(key) for key in ROW_COLUMNS} for one in some]


def test_records_need_not_all_have_the_same_keys() -> None:
    """What is left out is null; an object may stand where another record has text."""
    rows = [row(1), without(row(2), "id", "raw_message"), row(3, structured_data={"a": {"b": "c"}})]
    rows.append(row(4, pushed_at=None, push_attempts=None, pushed_to_ai="yes"))
    columns = RowDecoder().columns(_array(*map(json.dumps, rows)))
    assert columns is not None
    assert columns.to_pylist() == [{key: one.get(key) for key in ROW_COLUMNS} for one in rows]


def test_a_decoder_learns_anew_where_records_change() -> None:
    """The form of the last piece is tried first, and is no promise for the next one."""
    decoder = RowDecoder()
    for some in ([row(1)], [without(row(2), "id")], [{**row(3), "extra": [1]}], [row(4, id="x")]):
        columns = decoder.columns(_array(*map(json.dumps, some)))
        assert columns is not None
        assert columns["id"].to_pylist() == [some[0].get("id")]


@pytest.mark.parametrize("text", ["[1]", "[[]]", "[{}]", "[null]", "{}", "[", '[{"message": "a"}]'])
def test_what_is_no_array_of_records_is_odd(text: str) -> None:
    """Odd, not an error: the careful way says what it is."""
    assert RowDecoder().columns(text.encode()) is None


@pytest.mark.parametrize("key", ['a"b', "net\\if", "tab\t", "", "é", "value_0", "gc"])
def test_any_key_may_stand_beside_ours(key: str) -> None:
    """What cannot be the name of a field is left to the careful way, and is no error."""
    columns = RowDecoder().columns(_array(_text(1), json.dumps({**row(2), key: 1})))
    assert columns is None
    alone = RowDecoder().columns(_array(json.dumps({**row(2), key: 1})))
    assert (alone is None) == (key in {'a"b', "net\\if", "tab\t"})


def test_lines_that_are_not_one_record_each_are_odd() -> None:
    """A line broken inside a text or a list, and one that holds two: none makes up for another."""
    whole = [_text(number).encode() for number in range(1, 5)]
    in_text = _text(5, message="one two").encode().split(b" two")
    assert len(in_text) == 2
    in_list = json.dumps({**row(6), "extra": [[1, 2]]}).encode().split(b", 2")
    halves = [in_list[0], b"2" + in_list[1]]
    both = whole[0] + b"],[" + whole[1]
    sealed = whole[0] + b",7]\n,[" + whole[1]
    for odd in (
        [in_text[0], b" two" + in_text[1]],
        halves,
        [both],
        [sealed],
        [*halves, both],
        [*halves, sealed],
    ):
        assert RowDecoder().columns_of([*whole, *odd]) is None
        assert RowDecoder().columns_of([*odd, *whole]) is None
    assert RowDecoder().columns_of(whole) is not None
