"""Artefacts that are damaged, foreign or made to hurt are refused by name, at once."""

from __future__ import annotations

import io
import json
import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.edge.made import Artefact, folder_of, refused, sound_files, zipped
from wifitrain.edge import DOCUMENT, NPZ, load_folder, read_model


def _members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(sound_files()[NPZ])) as file:
        return {name: file.read(name) for name in file.namelist()}


def _doubled() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, content in _members().items():
            file.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("left.npy", b"")
    return packed.getvalue()


def _lying_sizes() -> bytes:
    """The directory says that every member is a byte long."""
    content = bytearray(sound_files()[NPZ])
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        content[place + 24 : place + 28] = struct.pack("<I", 1)
    return bytes(content)


def _header(text: str) -> bytes:
    head = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head


_HUGE_SHAPE = _header("{'descr': '<i4', 'fortran_order': False, 'shape': (9999999999999,), }")

ZIPS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a ZIP"),
    "text": (lambda: b"model", "not a ZIP"),
    "a pickle": (lambda: b"\x80\x04cos\nsystem\n(S'touch x'\ntR.", "not a ZIP"),
    "a ZIP cut short": (lambda: sound_files()[NPZ][:-300], "not a ZIP"),
    "an empty ZIP": (lambda: zipped({}), "is missing"),
    "a bomb": (
        lambda: zipped({**_members(), "left.npy": b"\0" * 40_000_000}), "unpacks to over 32000000"
    ),
    "lying sizes": (_lying_sizes, "model.npz: "),
    "a doubled member": (_doubled, "occurs twice"),
    "a member outside": (lambda: zipped({**_members(), "/etc/x": b""}), "does not belong"),
    "an empty member": (lambda: zipped({**_members(), "left.npy": b""}), "left: must be a int32"),
    "bzip2": (lambda: zipped(_members(), method=zipfile.ZIP_BZIP2), "packed in an unusual way"),
    "lzma": (lambda: zipped(_members(), method=zipfile.ZIP_LZMA), "packed in an unusual way"),
    "a huge shape": (lambda: zipped({**_members(), "left.npy": _HUGE_SHAPE}), "must be a int32"),
    "code as a header": (
        lambda: zipped({**_members(), "left.npy": _header("__import__('os').abort()")}),
        "must be a int32",
    ),
    "a nested header": (
        lambda: zipped({**_members(), "left.npy": _header("(" * 100)}), "must be a int32"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("make", "match"), ZIPS.values(), ids=ZIPS)
def test_a_hostile_zip_is_refused(make: Callable[[], bytes], match: str) -> None:
    """Nothing is unpacked beyond its bound, unpickled or interpreted."""
    npz = make()
    refused(match, lambda: Artefact.sound().read_with(npz))


def test_a_bomb_is_not_unpacked_to_find_out() -> None:
    """150 MB of zeros in one member: reading stops at the bound."""
    npz = zipped({**_members(), "left.npy": b"\0" * 150_000_000})
    artefact = Artefact.sound()
    tracemalloc.start()
    try:
        refused("unpacks to over 32000000", lambda: artefact.read_with(npz))
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


TEXTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not strict JSON"),
    "no JSON": (b"{", "not strict JSON"),
    "no UTF-8": (b'{"format": "\xff"}', "not strict JSON"),
    "UTF-16": ('{"format": 1}'.encode("utf-16"), "not strict JSON"),
    "a list": (b"[]", "must be an object, not list"),
    "NaN": (b'{"threshold": NaN}', "NaN is not JSON"),
    "a doubled key": (b'{"format": "a", "format": "b"}', "the key 'format' occurs twice"),
    "deep nesting": (b"[" * 200_000, "nested too deep"),
    "deep objects": (b'{"a":' * 200_000, "nested too deep"),
    "a number of a million digits": (b'{"format": ' + b"9" * 10**6 + b"}", "not strict JSON"),
    "20 megabytes": (b" " * 20_000_000 + b"{}", "20000002 bytes, over"),
    "a control character": (b'{"\x1b[2J": 1}', "not strict JSON"),
}


@pytest.mark.parametrize(("text", "match"), TEXTS.values(), ids=TEXTS)
def test_hostile_json_is_refused(text: bytes, match: str) -> None:
    """In a line that shows no control character."""
    refused(match, lambda: read_model(sound_files()[NPZ], text))


def test_escape_sequences_in_keys_do_not_reach_the_terminal() -> None:
    """An unknown key is shown in ASCII."""
    artefact = Artefact.sound()
    artefact.document["\x1b[2J\u202e"] = 1
    refused("x1b", artefact.read)


def _folder(tmp_path: Path, **changes: bytes) -> Path:
    folder = folder_of(tmp_path / "package", sound_files())
    for name, content in changes.items():
        (folder / name.replace("_", ".")).write_bytes(content)
    return folder


@pytest.mark.parametrize("name", [NPZ, DOCUMENT])
def test_a_digest_is_compared_before_anything_is_parsed(tmp_path: Path, name: str) -> None:
    """A file that is not the manifest's is named."""
    folder = _folder(tmp_path)
    (folder / name).write_bytes(sound_files()[name] + b" ")
    refused(f"{name}: SHA-256 differs from deployment_manifest.json", lambda: load_folder(folder))


def test_the_two_files_belong_together(tmp_path: Path) -> None:
    """The document names the digest of its arrays."""
    npz = zipped(_members())
    folder = folder_of(tmp_path / "package", {**sound_files(), NPZ: npz})
    refused("model.npz: SHA-256 differs from model.json", lambda: load_folder(folder))


def test_files_that_are_missing_links_or_pipes_are_refused(tmp_path: Path) -> None:
    """Only regular files are opened: a pipe would be waited for without end."""
    folder = _folder(tmp_path)
    (folder / NPZ).unlink()
    refused("model.npz: No such file", lambda: load_folder(folder))
    (folder / NPZ).symlink_to("/dev/zero")
    refused("model.npz: not a regular file", lambda: load_folder(folder))
    (folder / NPZ).unlink()
    os.mkfifo(folder / NPZ)
    refused("model.npz: not a regular file", lambda: load_folder(folder))


def test_a_file_beyond_its_cap_is_not_read(tmp_path: Path) -> None:
    """Nor is it hashed."""
    folder = _folder(tmp_path)
    with open(folder / NPZ, "r+b") as file:
        file.truncate(10**9)
    refused("model.npz: over 64000000 bytes", lambda: load_folder(folder))


@pytest.mark.parametrize(
    ("manifest", "match"),
    [
        ({}, "'file_hashes' is missing"),
        ({"file_hashes": []}, "must be an object, not list"),
        ({"file_hashes": {}}, "'model.npz' is missing"),
        ({"file_hashes": {NPZ: 1, DOCUMENT: "x"}}, "model.npz must be text"),
        ({"file_hashes": {NPZ: "", DOCUMENT: ""}}, "SHA-256 differs"),
    ],
)
def test_a_manifest_that_proves_nothing_is_refused(
    tmp_path: Path, manifest: dict, match: str
) -> None:
    """No digest, no model."""
    folder = _folder(tmp_path)
    (folder / "deployment_manifest.json").write_text(json.dumps(manifest))
    refused(match, lambda: load_folder(folder))


def test_a_sound_folder_is_read(tmp_path: Path) -> None:
    """The checks above are not what refuses everything."""
    model = load_folder(_folder(tmp_path))
    assert len(model.feature_names) == 4
