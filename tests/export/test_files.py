"""Files that cannot be read: missing, cut, damaged, hostile; each in one line."""

import gzip
import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest
import zstandard

from tests.export.conftest import Read, row, values, write_export
from wifitrain.engine import Engine
from wifitrain.errors import ExportError
from wifitrain.export import FileSource

EXPORT = json.dumps({"data": [row(number) for number in range(1, 200)]}).encode()


def _packed(kind: str) -> bytes:
    return gzip.compress(EXPORT) if kind == "gz" else zstandard.compress(EXPORT)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_compressed_file_that_ends_early_is_refused(
    kind: str, tmp_path: Path, read: Read
) -> None:
    """Also where the text inside could be read up to there."""
    path = tmp_path / f"e.json.{kind}"
    path.write_bytes(_packed(kind)[:-20])
    with pytest.raises(ExportError, match="cut short"):
        read(path)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_cut_compressed_log_is_not_a_shorter_log(kind: str, tmp_path: Path, read: Read) -> None:
    """A log has no closing bracket that would be missed."""
    lines = b"".join(b"Oct 11 07:%02d:47 ap hostapd: %d\n" % (n % 60, n * n) for n in range(5000))
    packed = gzip.compress(lines) if kind == "gz" else zstandard.compress(lines)
    path = tmp_path / f"x.log.{kind}"
    path.write_bytes(packed[:-9])
    with pytest.raises(ExportError, match="cut short"):
        read(path, year=2025)


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_damaged_compressed_file_is_refused(kind: str, tmp_path: Path, read: Read) -> None:
    """A flipped byte in the middle is not a row."""
    packed = bytearray(_packed(kind))
    packed[len(packed) // 2] ^= 0xFF
    path = tmp_path / f"e.json.{kind}"
    path.write_bytes(packed)
    with pytest.raises(ExportError, match=r"damaged|cut short|not valid JSON|not UTF-8"):
        read(path)


def test_missing_files_and_empty_folders_are_named(tmp_path: Path, read: Read) -> None:
    """One line each, with the path."""
    for path, said in (
        (tmp_path / "none.json", "no such file or folder"),
        (tmp_path / "*.json", "no file matches"),
        (tmp_path, "holds no export"),
    ):
        with pytest.raises(ExportError, match=said):
            read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_read_permission_is_named(tmp_path: Path, read: Read) -> None:
    """Permission denied, by name."""
    path = write_export(tmp_path / "e.json", [row(1)])
    path.chmod(0)
    with pytest.raises(ExportError, match="Permission denied"):
        read(path)


def _zip(path: Path, *names: str, link: bool = False) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if link else 0o100644) << 16
            archive.writestr(info, EXPORT)
    return path


@pytest.mark.parametrize("name", ["../data.json", "/etc/data.json", "a/../../x.json", "C:\\x.json"])
def test_zips_that_point_outside_are_refused(name: str, tmp_path: Path, read: Read) -> None:
    """No name may lead out of the archive."""
    with pytest.raises(ExportError, match="outside of itself"):
        read(_zip(tmp_path / "e.zip", "data.json", name))


def test_hostile_zips_are_refused(tmp_path: Path, read: Read) -> None:
    """Links, names that stand twice, bombs, archives in archives, no archive at all."""
    with pytest.raises(ExportError, match="holds a link"):
        read(_zip(tmp_path / "link.zip", "data.json", link=True))
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = _zip(tmp_path / "twice.zip", "data.json", "data.json")
    with pytest.raises(ExportError, match="a name twice"):
        read(twice)
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", b" " * (70 << 20))
    with pytest.raises(ExportError, match="beyond reason"):
        read(bomb)
    nested = tmp_path / "nested.zip"
    with zipfile.ZipFile(nested, "w") as archive:
        archive.write(_zip(tmp_path / "inner.zip", "data.json"), "data.zip")
    with pytest.raises(ExportError, match="zip inside a zip"):
        read(nested)
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ExportError, match="not a readable zip"):
        read(tmp_path / "no.zip")


def test_a_zip_without_data_json_gives_its_first_file(tmp_path: Path, read: Read) -> None:
    """Users zip what they have, folders and all."""
    assert len(values(read(_zip(tmp_path / "e.zip", "logs/part1.json")), "record")) == 199


def test_the_account_names_each_file_with_its_digest(tmp_path: Path, read: Read) -> None:
    """Digest and size are those of the bytes on disk."""
    path = tmp_path / "e.json.gz"
    path.write_bytes(_packed("gz"))
    (file,) = read(path).account["files"]
    assert file == {
        "path": str(path),
        "shape": "json_object",
        "bytes": path.stat().st_size,
        "rows": 199,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def test_the_digest_follows_the_content_alone(tmp_path: Path, read: Read) -> None:
    """Another name, the same digest; another byte, another digest."""
    one = write_export(tmp_path / "a.json", [row(1)])
    same = write_export(tmp_path / "b.json", [row(1)])
    other = write_export(tmp_path / "c.json", [row(2)])
    assert read(one).digest == read(same).digest != read(other).digest


def test_a_quarantine_that_cannot_be_written_ends_in_one_line(
    tmp_path: Path, engine: Engine
) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "blocked").write_text("")
    source = FileSource(
        path=str(write_export(tmp_path / "e.json", [row(1), row(2, message=1)])),
        max_invalid_ratio=0.5,
    )
    with pytest.raises(ExportError, match="cannot write the quarantine"):
        source.read(engine, quarantine=tmp_path / "blocked" / "q.ndjson")


def test_an_engine_without_room_ends_in_one_line(tmp_path: Path) -> None:
    """A scratch disk that is full, or too little memory: one line, not a traceback."""
    rows = [row(number, message=f"eth5: {number} " + "x" * 900) for number in range(30_000)]
    path = write_export(tmp_path / "e.json", rows)
    with Engine(memory_limit="20MB", threads=1) as engine:
        engine.connection.execute("SET max_temp_directory_size = '1MB'")
        with pytest.raises(ExportError, match="no room to read it") as raised:
            FileSource(path=str(path)).read(engine, quarantine=tmp_path / "q.ndjson")
    assert "\n" not in str(raised.value)
