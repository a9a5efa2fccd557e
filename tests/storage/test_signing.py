"""Signed versions: who is trusted is checked at every load, and keys stay where they are."""

from __future__ import annotations

import builtins
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.storage.made import contents
from wifitrain.errors import ConfigError, PackageError
from wifitrain.storage import ModelStore, keys, proven_files
from wifitrain.storage.console import main

pytest.importorskip("cryptography", reason="the extra signing is not installed")

SIGNATURE = "deployment_manifest.sig"


@pytest.fixture
def anna(tmp_path: Path) -> Path:
    """A private key; its public one lies beside it."""
    path = tmp_path / "keys" / "anna.key"
    path.parent.mkdir()
    keys.generate(path)
    return path


@pytest.fixture
def signing(models: Path, anna: Path) -> ModelStore:
    """A store that signs with anna's key and trusts nobody else."""
    return ModelStore(directory=str(models), signing_key=str(anna), trusted_keys=f"{anna}.pub")


def _store(models: Path, **settings: Any) -> ModelStore:
    return ModelStore(directory=str(models), **settings)


def _edit(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def test_a_signed_version_is_loaded_deployed_and_verified(signing: ModelStore) -> None:
    """By a store that requires the signature."""
    version = signing.write(contents()).version
    assert signing.verify(version) == []
    assert signing.load(version).report
    assert signing.deploy(version).state == "deployed"
    assert proven_files(signing.catalogue(), version).content


def test_an_unsigned_version_is_refused_everywhere(models: Path, anna: Path) -> None:
    """Load, deploy, verify and the files of scoring: named in one line."""
    version = _store(models).write(contents()).version
    strict = _store(models, trusted_keys=f"{anna}.pub")
    assert strict.verify(version) == [f"{SIGNATURE}: missing: signed by nobody"]
    for refused in (
        lambda: strict.load(version),
        lambda: strict.deploy(version),
        lambda: proven_files(strict.catalogue(), version),
    ):
        with pytest.raises(PackageError, match=f"{version}: {SIGNATURE}: missing"):
            refused()
    assert [model.state for model in strict.versions()] == ["available"]


def test_a_foreign_signature_is_refused_by_the_name_of_its_key(
    signing: ModelStore, models: Path, tmp_path: Path
) -> None:
    """Somebody else's key signs well, but is not trusted."""
    version = signing.write(contents()).version
    public, name = keys.generate(tmp_path / "bob.key")
    bobs = _store(models, trusted_keys=str(public))
    document = json.loads((models / version / SIGNATURE).read_text())
    assert document["key"] != name
    expected = f"signed by the key {document['key']}, which is not among the trusted ones"
    assert bobs.verify(version) == [f"{SIGNATURE}: {expected}"]


def test_a_signature_of_something_else_is_refused(signing: ModelStore, models: Path) -> None:
    """A signature moved over from another version, and a manifest that was made right again."""
    first, second = (signing.write(contents(seed)).version for seed in range(2))
    moved = (models / first / SIGNATURE).read_bytes()
    (models / second / SIGNATURE).write_bytes(moved)
    fault = f"{SIGNATURE}: is not the signature of this deployment_manifest.json"
    assert signing.verify(second) == [fault]
    _edit(
        models / first / "deployment_manifest.json", lambda document: document.pop("dependencies")
    )
    assert signing.verify(first) == [fault]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 99, b"[]", b"{}", b'{"algorithm": "none", "key": "", "signature": ""}',
     b'{"algorithm": "ed25519", "key": "0123456789abcdef", "signature": "zz"}', b"{" * 9999],
)  # fmt: skip
def test_what_is_no_signature_is_refused(signing: ModelStore, models: Path, content: bytes) -> None:
    """Whatever lies there: one line that names the file."""
    version = signing.write(contents()).version
    (models / version / SIGNATURE).write_bytes(content)
    (fault,) = signing.verify(version)
    assert fault.startswith(f"{SIGNATURE}: ")


def test_parcels_are_signed_too(signing: ModelStore, tmp_path: Path, anna: Path) -> None:
    """The signature travels in the ZIP; without it nothing is imported where it is required."""
    version = signing.write(contents()).version
    parcel = signing.export_zip(version, destination=str(tmp_path))
    there = _store(tmp_path / "there", trusted_keys=f"{anna}.pub")
    assert there.import_zip(str(parcel)).status == "imported"
    assert there.verify(version) == []
    unsigned = _store(tmp_path / "unsigned")
    bare = unsigned.export_zip(unsigned.write(contents(5)).version, destination=str(tmp_path))
    with pytest.raises(PackageError, match=f"{bare.name}: {SIGNATURE}: missing: signed by nobody"):
        there.import_zip(str(bare))


def test_the_environment_requires_signatures_of_whatever_loads(
    models: Path, anna: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One variable for every command on a machine; a store may still be told otherwise."""
    version = _store(models).write(contents()).version
    monkeypatch.setenv("WIFITRAIN_TRUSTED_KEYS", str(anna.parent))
    with pytest.raises(PackageError, match="signed by nobody"):
        _store(models).load(version)
    assert _store(models, require_signature=False).load(version).report


def test_keys_come_from_files_folders_and_variables(
    models: Path, anna: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder holds one key in a file, a variable any number of them."""
    public = anna.with_name("anna.key.pub").read_text()
    monkeypatch.setenv("ANNAS_KEY", anna.read_text())
    monkeypatch.setenv("OUR_KEYS", public + public)
    store = _store(models, signing_key="ANNAS_KEY", trusted_keys="OUR_KEYS")
    version = store.write(contents()).version
    for place in ("OUR_KEYS", str(anna.parent), f"{anna}.pub"):
        # The folder also holds the private key, which has another suffix and is not read.
        assert _store(models, trusted_keys=place).verify(version) == []


def test_a_training_misses_its_key_before_it_begins(
    models: Path, anna: Path, tmp_path: Path
) -> None:
    """check_ready names what is missing; nothing is written."""
    other, _ = keys.generate(tmp_path / "bob.key")
    empty = tmp_path / "empty"
    empty.mkdir()
    for settings, says in (
        ({"signing_key": "none.key"}, "storage.signing_key: none.key: No such file"),
        ({"signing_key": "NO_SUCH_KEY"}, "storage.signing_key: the variable NO_SUCH_KEY is not"),
        ({"signing_key": f"{anna}.pub"}, "no unencrypted Ed25519 key in PEM"),
        ({"trusted_keys": f"{anna}.pub"}, "storage.signing_key is null: nobody could load"),
        ({"signing_key": str(anna), "trusted_keys": str(other)}, "not among the trusted ones"),
        ({"signing_key": str(anna), "trusted_keys": str(anna)}, "no public key in PEM"),
        ({"signing_key": str(anna), "trusted_keys": str(empty)}, r"no \*.pub or \*.pem file in it"),
    ):
        with pytest.raises(ConfigError, match=says):
            _store(models, **settings).check_ready()
    assert not models.exists()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"require_signature": True}, "needs storage.trusted_keys, got null: whose signatures?"),
        ({"require_signature": "yes"}, "must be true, false or null, got 'yes'"),
        ({"signing_key": 7}, "storage.signing_key must be a path or the name of a variable, got 7"),
        ({"trusted_keys": ""}, "storage.trusted_keys must be a path"),
    ],
)
def test_settings_are_refused_by_name(models: Path, settings: dict[str, Any], says: str) -> None:
    """Before anything is read."""
    with pytest.raises(ConfigError, match=says.replace("?", r"\?")):
        _store(models, **settings)


def test_a_key_in_place_of_its_path_is_refused_and_not_repeated(models: Path, anna: Path) -> None:
    """Configurations are written down; keys are not."""
    pem = anna.read_text()
    with pytest.raises(ConfigError, match="not the key itself") as told:
        _store(models, signing_key=pem)
    assert pem.splitlines()[1] not in str(told.value)


def test_no_output_holds_the_private_key(
    signing: ModelStore, models: Path, anna: Path, tmp_path: Path
) -> None:
    """Neither the package, the ZIP, the index nor the history."""
    import zipfile

    secret = anna.read_text().splitlines()[1].encode()
    version = signing.write(contents()).version
    with zipfile.ZipFile(signing.export_zip(version, destination=str(tmp_path))) as parcel:
        members = [parcel.read(name) for name in parcel.namelist()]
    files = [path.read_bytes() for path in models.rglob("*") if path.is_file()]
    assert len(files) > 8
    assert not any(secret in content for content in [*files, *members])


def test_keygen_makes_a_pair_and_overwrites_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The private key is for its owner alone, and is never printed."""
    path = tmp_path / "my.key"
    assert main(["keygen", str(path), "--json"]) == 0
    said = capsys.readouterr().out
    assert json.loads(said)["public_key"] == f"{path}.pub"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().splitlines()[1] not in said
    before = path.read_bytes()
    assert main(["keygen", str(path)]) == 1
    assert "File exists" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_the_console_takes_trusted_keys(
    signing: ModelStore, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """verify, with status 1 where the signature is another's."""
    version = signing.write(contents()).version
    other, _ = keys.generate(tmp_path / "bob.key")
    assert main(["verify", "--directory", str(models), "--trusted-keys", str(other)]) == 1
    assert f"{version}: {SIGNATURE}: signed by the key" in capsys.readouterr().out


def test_without_the_library_one_line_says_what_to_install(
    models: Path, anna: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a store that neither signs nor requires works without it."""
    imported = builtins.__import__

    def without(name: str, *arguments: Any, **named: Any) -> Any:
        if name.startswith("cryptography"):
            raise ImportError(name)
        return imported(name, *arguments, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    version = _store(models).write(contents()).version
    assert _store(models).verify(version) == []
    with pytest.raises(ConfigError, match=r"pip install 'wifitrain\[signing\]'"):
        _store(models, signing_key=str(anna)).write(contents(1))
    with pytest.raises(ConfigError, match=r"pip install 'wifitrain\[signing\]'"):
        _store(models, trusted_keys=f"{anna}.pub").load(version)


def test_a_key_file_that_cannot_be_read_is_one_line(models: Path, tmp_path: Path) -> None:
    """A folder in place of a file."""
    with pytest.raises(ConfigError, match="storage.signing_key: .*: Is a directory"):
        _store(models, signing_key=str(tmp_path)).write(contents())
    assert os.listdir(tmp_path) == []  # noqa: PTH208
