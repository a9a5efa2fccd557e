"""ZIPs: there and back, and every trick refused with nothing left behind."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.storage.made import WINDOWS, contents, estimator
from wifitrain.errors import PackageError, RegistryError
from wifitrain.storage import ModelStore

Files = dict[str, bytes]
Build = Callable[[zipfile.ZipFile, Files], None]


@pytest.fixture
def parcel(tmp_path: Path) -> Path:
    """A sound deployment ZIP from another store."""
    other = ModelStore(directory=str(tmp_path / "other"))
    return other.export_zip(other.write(contents()).version, destination=str(tmp_path))


def _rebuilt(parcel: Path, build: Build) -> Path:
    """The ZIP written anew by `build` from its files."""
    with zipfile.ZipFile(parcel) as old:
        files = {name: old.read(name) for name in old.namelist()}
    path = parcel.with_name("hostile.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        build(new, files)
    return path


def _write(new: zipfile.ZipFile, files: Files) -> None:
    for name, content in files.items():
        new.writestr(name, content)


def test_there_and_back(store: ModelStore, parcel: Path) -> None:
    """Status imported, origin noted, same scores - once its pickle is trusted."""
    model = store.import_zip(str(parcel), by="anna")
    assert (model.status, model.state) == ("imported", "available")
    assert model.metadata["import_info"]["imported_by"] == "anna"
    assert model.metadata["import_info"]["source"] == parcel.name
    assert store.verify(model.version) == []
    with pytest.raises(PackageError, match="not trained in this folder, and its pickle is code"):
        store.load(model.version)
    package = store.load(model.version, trust_pickle=True)
    assert (package.estimator.score_samples(WINDOWS) == estimator().score_samples(WINDOWS)).all()


def test_the_same_package_gives_the_same_bytes(store: ModelStore, tmp_path: Path) -> None:
    """Also after it was deployed: the ZIP says available, for nobody deployed it there."""
    version = store.write(contents()).version
    first = store.export_zip(version, destination=str(tmp_path)).read_bytes()
    store.deploy(version)
    assert store.export_zip(version, destination=str(tmp_path)).read_bytes() == first


def test_a_version_that_is_here_is_not_imported_twice(store: ModelStore, parcel: Path) -> None:
    """Nothing is overwritten."""
    version = store.import_zip(str(parcel)).version
    with pytest.raises(RegistryError, match=f"{version} is in .* already"):
        store.import_zip(str(parcel))


def _outside(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "../../evil.py": b"x"})


def _absolute(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "/etc/evil": b"x"})


def _folder(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "sub/": b""})


def _windows(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "C:evil.py": b"x"})


def _link(new: zipfile.ZipFile, files: Files) -> None:
    entry = zipfile.ZipInfo("link.txt")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    _write(new, files)
    new.writestr(entry, "/etc/passwd")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def _doubled(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, files)
    new.writestr("MODEL.joblib", b"x")


def _bomb(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, files)
    new.writestr("zeros.bin", bytes(401_000_000), compresslevel=1)


def _many(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, **{f"f{n}": b"" for n in range(100)}})


def _changed(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "model.joblib": files["model.joblib"][:-1] + b"x"})


def _stranger(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "scaler.joblib": b"x"})


def _headless(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {name: content for name, content in files.items() if name != "metadata.json"})


def _renamed(new: zipfile.ZipFile, files: Files) -> None:
    metadata = json.loads(files["metadata.json"])
    metadata["model_info"]["version"] = "model_../../evil"
    _write(new, {**files, "metadata.json": json.dumps(metadata).encode()})


def _boasting(new: zipfile.ZipFile, files: Files) -> None:
    metadata = json.loads(files["metadata.json"])
    metadata["evaluation_info"]["basic_metrics"] = {"f1_score": 1.0}
    _write(new, {**files, "metadata.json": json.dumps(metadata).encode()})


def _not_a_number(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "metadata.json": b'{"model_info": NaN}'})


def _weak_manifest(new: zipfile.ZipFile, files: Files) -> None:
    _write(new, {**files, "deployment_manifest.json": b'{"file_hashes": {}}'})


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (_outside, "'../../evil.py': must be a plain file name"),
        (_absolute, "'/etc/evil': must be a plain file name"),
        (_folder, "'sub/': must be a plain file name"),
        (_windows, "'C:evil.py': must be a plain file name"),
        (_link, "'link.txt': must be a regular file, not a link"),
        (_doubled, "MODEL.joblib occurs twice"),
        (_bomb, "'zeros.bin': unpacks to over 400000000 bytes"),
        (_many, "110 members, over 100"),
        (_changed, "model.joblib: missing, or not what deployment_manifest.json says"),
        (_stranger, "scaler.joblib: not listed in"),
        (_headless, "metadata.json missing"),
        (_renamed, "at model_info.version"),
        (_boasting, "metadata.json and deployment_manifest.json do not belong together"),
        (_not_a_number, "not strict JSON: NaN is not JSON"),
        (_weak_manifest, "'file_hashes' must be an object that names model.joblib"),
    ],
)
def test_a_trick_is_refused_and_nothing_is_left(
    store: ModelStore, models: Path, parcel: Path, build: Build, says: str
) -> None:
    """One line that names the member, and the models folder is not even made."""
    with pytest.raises(PackageError, match=f"hostile.zip: .*{says}"):
        store.import_zip(str(_rebuilt(parcel, build)))
    assert not models.exists()


def test_no_prefix_of_a_zip_is_taken_for_one(store: ModelStore, models: Path, parcel: Path) -> None:
    """Cut anywhere, flipped anywhere: refused in one line, or (unused bits) imported whole."""
    content = parcel.read_bytes()
    cut = parcel.with_name("cut.zip")
    for end in range(0, len(content), 997):
        cut.write_bytes(content[:end])
        with pytest.raises(PackageError, match=r"cut\.zip: "):
            store.import_zip(str(cut))
    assert not models.exists()
    for place in range(0, len(content), 499):
        cut.write_bytes(content[:place] + bytes([content[place] ^ 0x10]) + content[place + 1 :])
        try:
            version = store.import_zip(str(cut)).version
        except PackageError:
            continue
        assert store.verify(version) == []
        (models / version).rename(parcel.with_name(f"taken{place}"))


def test_what_is_no_zip_is_refused(store: ModelStore, tmp_path: Path) -> None:
    """A missing file, text, and a file over 100 MB."""
    path = tmp_path / "x.zip"
    with pytest.raises(PackageError, match=r"x\.zip: no such file"):
        store.import_zip(str(path))
    path.write_text("hello")
    with pytest.raises(PackageError, match=r"x\.zip: not a ZIP that can be read"):
        store.import_zip(str(path))
    with path.open("wb") as file:
        file.truncate(100_000_001)
    with pytest.raises(PackageError, match="100000001 bytes, over 100000000"):
        store.import_zip(str(path))


def test_a_damaged_version_is_not_exported(store: ModelStore, tmp_path: Path) -> None:
    """What verify would refuse never leaves."""
    version = store.write(contents()).version
    (store.directory / version / "report.json").write_text("{}")
    with pytest.raises(PackageError, match=r"report\.json: SHA-256 differs"):
        store.export_zip(version, destination=str(tmp_path))
    assert not list(tmp_path.glob("*.zip"))
