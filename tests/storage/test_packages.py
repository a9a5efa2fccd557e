"""What becomes a package, what is refused, and what never leaves the house."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import numpy as np
import pytest

from tests.storage.made import WINDOWS, contents, estimator
from wifitrain.errors import PackageError, RegistryError
from wifitrain.pseudonyms import KEY_VARIABLE
from wifitrain.storage import ModelStore
from wifitrain.storage.metadata import schema

if TYPE_CHECKING:
    from wifitrain.records import Json

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "metadata.schema.json"


class Home:
    """Stands for a class that no installed package provides."""


def test_metadata_obeys_the_published_schema(store: ModelStore) -> None:
    """docs/metadata.schema.json is the schema of the types, and a real file satisfies it."""
    published = json.loads(PUBLISHED.read_text())
    assert published == schema()
    metadata = json.loads((Path(store.write(contents()).path) / "metadata.json").read_text())
    jsonschema.Draft202012Validator(published).validate(metadata)
    metadata["evaluation_info"]["basic_metrics"] = {"f1_score": None}
    with pytest.raises(jsonschema.ValidationError, match="None is not of type 'number'"):
        jsonschema.Draft202012Validator(published).validate(metadata)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (float("nan"), "metadata.training_info.x: nan is not JSON"),
        (np.int64(3), "metadata.training_info.x: int64 is not JSON"),
        ({1: 2}, "metadata.training_info.x: the key 1 is not text"),
        ([0, b"x"], r"metadata.training_info.x\[1\]: bytes is not JSON"),
        ("\ud800", "metadata.training_info.x: text with half a surrogate pair"),
    ],
)
def test_what_is_not_json_is_refused_by_its_place(
    store: ModelStore, models: Path, value: object, says: str
) -> None:
    """Nothing is turned into text in silence, and nothing is left behind."""
    bad: Json = {"training_samples": 1, "n_samples": 1, "x": value}  # type: ignore[dict-item]
    with pytest.raises(PackageError, match=says):
        store.write(contents(metadata={"training_info": bad}))
    assert not models.exists()


@pytest.mark.parametrize(
    ("sections", "says"),
    [
        ({}, "required field training_samples - at training_info"),
        (
            {"training_info": {"training_samples": 0, "n_samples": 1}},
            ">= 1 - at training_info.training_samples",
        ),
        (
            {
                "training_info": {"training_samples": 1, "n_samples": 1},
                "evaluation_info": {"basic_metrics": {"f1_score": None}},
            },
            r"got null - at evaluation_info.basic_metrics",
        ),
        (
            {"training_info": {"training_samples": 1, "n_samples": 1, "feature_names": ["x"]}},
            "feature_names: differ from the features' names",
        ),
    ],
)
def test_metadata_that_the_service_could_not_read_is_refused(
    store: ModelStore, models: Path, sections: dict[str, Json], says: str
) -> None:
    """The message names the place; no folder is left, not even a staged one."""
    with pytest.raises(PackageError, match=says):
        store.write(contents(metadata=sections))
    assert not models.exists() or not list(models.glob("*model_*"))


def test_an_estimator_that_nobody_could_load_again_is_refused(store: ModelStore) -> None:
    """A class of no installed package is named; an unpicklable one too."""
    with pytest.raises(PackageError, match="a class of tests, which no installed package"):
        store.write(contents(estimator=Home()))
    with pytest.raises(PackageError, match="cannot be pickled"):
        store.write(contents(estimator=lambda: None))


def test_a_pickle_of_more_than_stock_scikit_learn_says_so(store: ModelStore) -> None:
    """An estimator of our own is stored, pinned, and marked as unfit for the service."""
    from wifitrain.pseudonyms import Pseudonymiser

    path = Path(store.write(contents(estimator=Pseudonymiser(enabled=False))).path)
    metadata = json.loads((path / "metadata.json").read_text())
    assert metadata["model_info"]["service_loadable"] is False
    assert "wifitrain==" in (path / "requirements.txt").read_text()


def test_addresses_and_keys_never_enter_a_package(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A MAC address is masked in the report, refused in the guard; the key is refused anywhere."""
    address = "AA:bb:cc:00:11:22"
    path = Path(
        store.write(contents(report={"entities": {address: 3}, "note": f"x{address}"})).path
    )
    assert json.loads((path / "report.json").read_text())["entities"] == {"[address]": 3}
    with pytest.raises(
        PackageError, match=r"guard.json: a MAC address in clear: 'template:.masked."
    ):
        store.write(contents(guard={"kinds": [f"template:{address}"]}))
    monkeypatch.setenv("WIFITRAIN_PSEUDONYM_KEY", "s3cret-s3cret-s3cret")
    with pytest.raises(PackageError, match=r"report.json: the pseudonym key: 'is .masked.'"):
        store.write(contents(report={"note": "is s3cret-s3cret-s3cret"}))


def test_a_page_names_its_version_and_no_address(
    store: ModelStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made when the version has its name, under the same rules as all else."""
    page = contents(pages={"report.html": lambda version: f"{version}: 02:00:00:aa:bb:cc"})
    stored = store.write(page)
    assert (Path(stored.path) / "report.html").read_text() == f"{stored.version}: [address]"
    assert store.verify(stored.version) == []
    with pytest.raises(PackageError, match="it is taken"):
        store.write(contents(pages={"report.json": str}))
    monkeypatch.setenv(KEY_VARIABLE, "a secret key")
    with pytest.raises(PackageError, match="the pseudonym key"):
        store.write(contents(pages={"report.html": lambda _: "by a secret key"}))
    assert [model.version for model in store.versions()] == [stored.version]


def test_model_card_escapes_what_came_from_logs(store: ModelStore) -> None:
    """A hostile access-point name is text in the README, not markup or a terminal command."""
    report = {"data": {"access_point": "<script>|x|\x1b[2J\u202e"}}
    text = (Path(store.write(contents(report=report)).path) / "README.md").read_text()
    assert r"\<script\>\|x\|" in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_package_is_the_same_to_the_byte_but_for_name_and_time(store: ModelStore) -> None:
    """Two writes of one model have equal model.joblib, guard, features and report."""
    first, second = (Path(store.write(contents()).path) for _ in range(2))
    assert first.name != second.name
    for name in ("model.joblib", "guard.json", "features.json", "report.json", "requirements.txt"):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_compression_can_be_switched_off(models: Path) -> None:
    """storage.compression=false writes a larger file that loads all the same."""
    sizes = {}
    for compression in (True, False):
        store = ModelStore(directory=str(models), compression=compression)
        version = store.write(contents()).version
        sizes[compression] = (models / version / "model.joblib").stat().st_size
        assert store.load(version).estimator.predict(WINDOWS[:1]) in (1, -1)
    assert sizes[False] > 2 * sizes[True]


def test_load_gives_back_what_was_written(store: ModelStore) -> None:
    """Estimator, guard, features and report come back equal."""
    given = contents()
    package = store.load(store.write(given).version)
    np.testing.assert_array_equal(
        package.estimator.score_samples(WINDOWS), estimator().score_samples(WINDOWS)
    )
    assert (package.guard, package.features, package.report) == (
        given.guard,
        given.features,
        given.report,
    )


@pytest.mark.parametrize(
    "name", ["model.joblib", "guard.json", "report.json", "validate_model.py", "README.md"]
)
def test_a_flipped_bit_is_refused_before_any_parser_sees_it(store: ModelStore, name: str) -> None:
    """Verify names the file; load and deploy refuse."""
    version = store.write(contents()).version
    path = store.directory / version / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert store.verify(version) == [f"{name}: SHA-256 differs from deployment_manifest.json"]
    with pytest.raises(PackageError, match=f"{version}: {name}: SHA-256 differs"):
        store.load(version)
    with pytest.raises(PackageError, match=f"{version}: {name}: SHA-256 differs"):
        store.deploy(version)


def test_verify_finds_what_is_missing_added_linked_or_rewritten(store: ModelStore) -> None:
    """Each in one line; the consumer's own change of deployment_info is no fault."""
    version = store.write(contents()).version
    folder = store.directory / version
    metadata = json.loads((folder / "metadata.json").read_text())
    metadata["deployment_info"]["status"] = "deployed"
    metadata["import_info"] = {"by": "the service"}
    (folder / "metadata.json").write_text(json.dumps(metadata, indent=4))
    assert store.verify(version) == []
    metadata["training_info"]["training_samples"] = 10**6
    (folder / "metadata.json").write_text(json.dumps(metadata))
    (folder / "scaler.joblib").write_bytes(b"")
    (folder / "guard.json").unlink()
    (folder / "README.md").rename(folder.parent / "elsewhere.md")
    (folder / "README.md").symlink_to(folder.parent / "elsewhere.md")
    assert store.verify(version) == [
        "README.md: not a regular file",
        "guard.json: missing",
        "scaler.joblib: not listed in deployment_manifest.json",
        "metadata.json: model_info, training_info, evaluation_info are not what was published",
    ]


def test_a_model_of_another_scikit_learn_is_refused(store: ModelStore) -> None:
    """Another minor version loads with a warning only: policy is to refuse."""
    version = store.write(contents()).version
    path = store.directory / version / "deployment_manifest.json"
    manifest = json.loads(path.read_text())
    manifest["dependencies"]["scikit-learn"] = "0.24.2"
    path.write_text(json.dumps(manifest))
    with pytest.raises(PackageError, match=r"trained with scikit-learn 0\.24\.2, here is"):
        store.load(version, trust_pickle=True)


def test_a_version_is_found_by_its_name_only(store: ModelStore) -> None:
    """A path is no version: nothing outside of the folder is ever looked at."""
    store.write(contents())
    with pytest.raises(RegistryError, match="there is none in this folder"):
        store.load("../models")
