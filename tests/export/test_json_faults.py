"""Faulty JSON ends in one line that says what and where; sound JSON of any layout is read."""

import json
from pathlib import Path

import pytest

from tests.export.conftest import Read, row, values, write_export
from wifitrain.errors import ExportError
from wifitrain.export.json_records import JsonArrayReader

HEAD = b'{"export_metadata": {"format": "json"}, "data": ['
ONE = json.dumps(row(1)).encode()
TWO = json.dumps(row(2)).encode()

FAULTS = {
    "empty file": (b"", "is empty"),
    "blanks only": (b" \n ", "is empty"),
    "not JSON": (b"hello", r"is not JSON: found b'hello'"),
    "a number": (b"42", "is not JSON"),
    "cut in a record": (HEAD + ONE + b"," + TWO[:40], r"cut short.*after record 0|cut short"),
    "cut after a record": (HEAD + ONE, "cut short"),
    "cut before the brace": (HEAD + ONE + b"]", r"after the array: the file is cut short"),
    "trailing garbage": (HEAD + ONE + b"]} x", "after the array.*trailing characters"),
    "trailing comma": (HEAD + ONE + b",]}", "trailing comma"),
    "two documents": (HEAD + ONE + b"]}" + HEAD + ONE + b"]}", "trailing characters"),
    "NaN": (HEAD + ONE[:-1] + b', "x": NaN}]}', r"invalid character \(byte \d+, after record 0\)"),
    "Infinity": (HEAD + ONE[:-1] + b', "x": -Infinity}]}', "invalid"),
    "single quotes": (HEAD + b"{'message': 1}]}", "expected"),
    "control character": (HEAD + b'{"message": "a\x01"}]}', "invalid character"),
    "bad UTF-8": (HEAD + ONE + b', {"message": "\xff"}]}', r"is not UTF-8 \(byte \d+\)"),
    "deep nesting": (b"[" * 100_000, "nested too deeply"),
    "deep record": (HEAD + b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}]}", "too deeply"),
    "no array": (b'{"rows": [], "x": 1}', r'no "data" or "logs" array \(has: rows, x\)'),
    "data is an object": (b'{"data": {"logs": [1]}}', r'no "data" or "logs" array'),
    "data in a string": (b'{"x": "\\"data\\": ["}', r'no "data" or "logs" array'),
    "two arrays": (HEAD + ONE + b'], "logs": []}', 'second array of records, "logs"'),
    "no records": (HEAD + b"]}", "holds no records"),
    "no rows in an array": (b"[]", "holds no records"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_json_is_refused_with_file_and_place(fault: str, tmp_path: Path, read: Read) -> None:
    """The message names the file and what is wrong with it, in one line."""
    content, said = FAULTS[fault]
    path = tmp_path / "export.json"
    path.write_bytes(content)
    with pytest.raises(ExportError, match=said) as raised:
        read(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_the_place_of_a_fault_is_its_byte_in_the_file(tmp_path: Path, read: Read) -> None:
    """The byte offset counts from the start of the file, not of a chunk."""
    content = HEAD + ONE + b", " + TWO + b", {'x': 1}]}"
    path = tmp_path / "export.json"
    path.write_bytes(content)
    with pytest.raises(ExportError, match=rf"byte {content.index(b'{' + bytes([39])) + 1}, "):
        read(path)


def _fed(document: bytes, size: int, *, enveloped: bool = True) -> tuple[list, JsonArrayReader]:
    reader = JsonArrayReader(name="x.json", enveloped=enveloped)
    batches = []
    for at in range(0, len(document), size):
        batches += reader.feed(document[at : at + size])
    batches += reader.finish()
    tables = [batch.raws() if kind == "json_rows" else batch for kind, batch in batches]
    numbers = [number for table in tables for number in table["record"].to_pylist()]
    assert numbers == list(range(1, len(numbers) + 1))
    return [json.loads(raw) for table in tables for raw in table["raw"].to_pylist()], reader


TRICKY = [
    {"message": '} ] , { " \\', "structured_data": {"a": {"b": [{}, {"c": 1}]}}},
    {"message": '"data": [', "x": []},
    {"message": "ü€😀", "x": None},
    {},
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
@pytest.mark.parametrize("indent", [None, 2])
def test_cuts_anywhere_give_the_same_records(size: int, indent: int | None) -> None:
    """Chunks of any size, records of any content: the same records come out."""
    document = json.dumps({"m": {"data": 1}, "data": TRICKY, "z": {"a": [{}]}}, indent=indent)
    assert _fed(document.encode(), size)[0] == TRICKY
    array = json.dumps(TRICKY, indent=indent).encode()
    assert _fed(array, size, enveloped=False)[0] == TRICKY


@pytest.mark.parametrize("document", [b'[{"a":1},]', b'[{"a":1} {"a":1}]', b'[{"a":1}'])
def test_faults_between_chunks_are_found(document: bytes) -> None:
    """A comma too many, or one too few, where one chunk ends and the next begins."""
    with pytest.raises(ExportError, match=r"trailing comma|expected ','|cut short"):
        _fed(document, 1, enveloped=False)


def test_memory_stays_near_the_chunk() -> None:
    """Thousands of records never pile up: the buffer holds a chunk and the record cut by it."""
    document = json.dumps({"data": [row(number) for number in range(2000)]}).encode()
    records, reader = _fed(document, 4096)
    assert len(records) == 2000
    assert reader.largest_buffer < 3 * 4096


def test_a_record_beyond_the_cap_ends_the_read() -> None:
    """A record that never ends is not gathered without limit."""
    reader = JsonArrayReader(name="x.json", enveloped=False, max_record_bytes=10_000)
    reader.feed(b'[{"message": "')
    with pytest.raises(ExportError, match="record 1 is longer than"):
        reader.feed(b"x" * 20_000)


def test_a_ten_megabyte_message_is_cut_and_counted(tmp_path: Path, read: Read) -> None:
    """The message is kept up to its first 4096 characters."""
    path = write_export(tmp_path / "e.json", [row(1, message="x" * 10_000_000), row(2)])
    log = read(path)
    assert len(values(log, "message")[0]) == 4096
    assert log.account["cut_messages"] == 1


def test_a_byte_order_mark_is_a_warning(tmp_path: Path, read: Read) -> None:
    """Windows tools write one; the export is read all the same."""
    path = write_export(tmp_path / "e.json", [row(1)])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    log = read(path)
    assert "bom" in {warning["code"] for warning in log.account["warnings"]}
