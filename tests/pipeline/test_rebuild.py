"""verify --rebuild: the same model from the same record, or a word on what differs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wifitrain.errors import ExportError, PackageError
from wifitrain.models import main
from wifitrain.pipeline.files import json_digest
from wifitrain.pipeline.rebuild import rebuild
from wifitrain.simulation import Simulator, write_export
from wifitrain.storage import ModelStore, manifest, strict_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with export.json and a models folder of one version."""
    folder = tmp_path_factory.mktemp("trained")
    simulator = Simulator(
        days=2, access_points=1, stations_per_access_point=5,
        dialects=["hostapd_openwrt"], quiet=True, seed=4,
    )  # fmt: skip
    write_export(simulator, folder / "export.json", "E1")
    command = [
        sys.executable, "-m", "wifitrain", "source.path=export.json", "experiment=smoke",
        "evaluation.gates.on_failure=candidate",
    ]  # fmt: skip
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture
def folder(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, where the test runs."""
    copy = shutil.copytree(trained, tmp_path / "copy")
    monkeypatch.chdir(copy)
    return copy


@pytest.fixture
def store(folder: Path) -> ModelStore:
    """Its models."""
    return ModelStore(directory=str(folder / "models"))


@pytest.fixture
def version(store: ModelStore) -> str:
    """The one version in it."""
    (model,) = store.versions()
    return model.version


def _rewrite(folder: Path, version: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change training_info.config, and make every digest right, as a forger would."""
    path = folder / "models" / version / "metadata.json"
    metadata = json.loads(path.read_text())
    training = metadata["training_info"]
    change(training["config"])
    training["digests"]["config"] = json_digest(training["config"])
    path.write_bytes(strict_json.dumps(metadata))
    listing = json.loads(path.with_name(manifest.MANIFEST).read_text())
    listing["metadata_sha256"] = manifest.metadata_digest(metadata)
    path.with_name(manifest.MANIFEST).write_bytes(strict_json.dumps(listing))


def test_a_version_comes_out_the_same_again(
    folder: Path, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 0 and all six digests; nothing is left behind, nothing is published."""
    before = sorted(path.name for path in folder.iterdir())
    assert main(["verify", version, "--rebuild", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["same"] is True
    assert told["digests"].keys() == {
        "data", "config", "features", "model", "code", "environment",
    }  # fmt: skip
    assert set(told["differing"]) <= {"code"}  # an editable installation may have moved on
    assert sorted(path.name for path in folder.iterdir()) == before
    assert len(ModelStore(directory="models").versions()) == 1


def test_another_seed_is_another_model(
    folder: Path, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A record that does not lead to the model that lies beside it: status 1, and what differs."""

    def reseed(config: dict[str, Any]) -> None:
        config["model"]["random_state"] = 7
        config["run"]["learning"]["trainer"]["model"]["random_state"] = 7

    _rewrite(folder, version, reseed)
    assert main(["verify", version, "--rebuild", "--trust-config"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{version}: not the same again: ")
    assert "model" in said.split("again: ")[1]
    assert "data" not in said.split("again: ")[1]


def test_another_export_is_named(folder: Path, store: ModelStore, version: str) -> None:
    """Before anything is trained; an export that moved is found by --source."""
    export = folder / "export.json"
    export.rename(folder / "moved.json")
    with pytest.raises(ExportError, match=r"export\.json"):
        rebuild(store, version)
    (folder / "other.json").write_bytes((folder / "moved.json").read_bytes() + b"\n")
    says = r"trained on other data: .*other\.json \(recorded as .*export\.json\): SHA-256 differs"
    with pytest.raises(PackageError, match=says):
        rebuild(store, version, source="other.json")


def test_a_configuration_from_elsewhere_is_not_run(
    folder: Path, store: ModelStore, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The forger's manifest is not the one that this folder's history knows."""
    _rewrite(folder, version, lambda config: config["source"].update(path="/etc/passwd"))
    with pytest.raises(PackageError, match="was not trained in this folder"):
        rebuild(store, version)
    assert main(["verify", version, "--rebuild"]) == 1
    assert "--trust-config only if you trust" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hydra": {"callbacks": {"x": {"_target_": "os.system"}}}}, "hydra in its configuration"),
        ({"defaults": [{"source": "file"}]}, "defaults in its configuration"),
        ({"_target_": "os.system"}, "_target_ in its configuration"),
        ({"note": ["${oc.env:HOME}"]}, r"\$\{\.\.\.\} in its configuration"),
        ({"run": {"_target_": "wifitrain.pipeline.ClearCacheRun"}}, "not that of a training"),
        ({"evil": {"_target_": "os.system", "command": "touch evil"}}, "is not a trusted target"),
    ],
)
def test_a_trusted_configuration_is_still_checked(
    folder: Path, store: ModelStore, version: str, change: dict[str, Any], says: str
) -> None:
    """What Hydra would act on by itself is refused here, targets by the entry point."""
    _rewrite(folder, version, lambda config: config.update(change))
    with pytest.raises(PackageError, match=says):
        rebuild(store, version, trust_config=True)
    assert not (folder / "evil").exists()


def test_a_damaged_version_is_not_rebuilt(folder: Path, store: ModelStore, version: str) -> None:
    """Digests first."""
    (folder / "models" / version / "report.json").write_text("{}")
    with pytest.raises(PackageError, match="report.json: SHA-256 differs"):
        rebuild(store, version)
