"""Combinations of values, numbered without gaps, each with a row that has it."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from wifitrain.export.combinations import combinations_of

WORDS = ["a", "b", "", None, "日本"]


@pytest.mark.parametrize("kinds", [1, 3, 400])
def test_equal_rows_have_equal_numbers_and_others_do_not(kinds: int) -> None:
    """Few kinds of values in many rows, and more possible combinations than a table could hold."""
    rng = random.Random(kinds)
    rows = [
        (rng.choice(WORDS), rng.randrange(kinds), None, str(rng.randrange(kinds)))
        for _ in range(500)
    ]
    columns = [pa.chunked_array([pa.array(column)]) for column in zip(*rows, strict=True)]
    codes, first = combinations_of(columns)
    assert [rows[first[code]] for code in codes] == rows
    assert len(first) == len(set(rows))
    assert sorted(set(codes)) == list(range(len(first)))


def test_columns_in_pieces_and_without_rows() -> None:
    """Pieces are one column; no row has no combination."""
    pieces = pa.chunked_array([pa.array(["x", "y"]), pa.array(["x"])])
    assert combinations_of([pieces])[0].tolist() == [0, 1, 0]
    codes, first = combinations_of([pa.chunked_array([], pa.string())])
    assert (len(codes), len(first)) == (0, 0)
