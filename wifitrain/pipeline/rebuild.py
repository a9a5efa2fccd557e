"""Training a published version again from its own record, to see whether the same model comes out.

The record is somebody's file: it is checked for what Hydra would act on, and then goes the way of
every configuration, through the command line in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import PackageError
from wifitrain.export import FileSource
from wifitrain.pipeline.files import json_digest
from wifitrain.storage import ProvenFiles, proven_files

if TYPE_CHECKING:
    from wifitrain.records import Json
    from wifitrain.storage import ModelStore

__all__ = ["Rebuilt", "rebuild"]

_STORE = "wifitrain.storage.ModelStore"
_SOURCE = "wifitrain.export.FileSource"
_RUN = "wifitrain.pipeline.TrainingRun"
_HEAD = """defaults:
  - _self_
  - override hydra/job_logging: structlog
  - override hydra/hydra_logging: none
"""
#: What leaves the model alone: nothing is taken from a cache, evidence is not gathered again.
_LEFT_OUT: Mapping[str, Mapping[str, Any]] = {
    _STORE: {"signing_key": None, "require_signature": False, "trusted_keys": None},
    "wifitrain.cache.Cache": {"enabled": False},
    "wifitrain.evaluation.Evaluator": {
        "cross_validation": False,
        "stability_sizes": [],
        "subsample_rounds": 0,
        "importance": False,
        "profile_cost": False,
        "incidents": {"enabled": False},
        "gates": {"on_failure": "candidate"},
    },
}


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """The digests of a version as recorded, and as they come out today."""

    version: str
    recorded: Mapping[str, str]
    found: Mapping[str, str]

    @property
    def differing(self) -> list[str]:
        """Which digests differ: data, config, features, model, code, environment."""
        return [name for name, value in self.recorded.items() if self.found.get(name) != value]

    @property
    def is_same(self) -> bool:
        """The same model from the same data; code and libraries may have moved on."""
        return not set(self.differing) - {"code", "environment"}

    def told(self) -> str:
        """One line."""
        differing = ", ".join(self.differing)
        if not self.is_same:
            return f"{self.version}: not the same again: {differing} differ"
        moved = f" ({differing} differ, the model does not)" if differing else ""
        return f"{self.version}: the same again{moved}"

    def to_json(self) -> dict[str, Json]:
        """For programs."""
        digests = {
            name: {"recorded": value, "found": self.found.get(name)}
            for name, value in self.recorded.items()
        }
        return {
            "version": self.version,
            "same": self.is_same,
            "differing": list(self.differing),
            "digests": digests,
        }


def rebuild(
    store: ModelStore, version: str, *, source: str | None = None, trust_config: bool = False
) -> Rebuilt:
    """Train `version` again in a temporary folder; `source` is where its export lies now.

    Raises
    ------
    PackageError : damaged; from elsewhere and its configuration not trusted; other files than it
        was trained on; or the training fails, with its reason.
    RegistryError : no such version.
    """
    seen = store.catalogue()
    files = proven_files(seen, version)
    if not trust_config and not seen.history.written_here(version, files.manifest_sha256):
        raise PackageError(
            f"{version} was not trained in this folder, and its configuration says what is read"
            " and where to: rebuild it with --trust-config only if you trust where it comes from"
        )
    training: Mapping[str, Any] = files.model.metadata["training_info"]
    recorded = dict(training.get("digests") or {})
    config = _recorded_config(version, training, recorded)
    if source is not None:
        config = _replaced(config, {_SOURCE: {"path": source}})
    _check_data(files, config)
    with tempfile.TemporaryDirectory(prefix="wifitrain-rebuild-") as folder:
        asked = _replaced(config, _LEFT_OUT)
        asked = _replaced(asked, {_STORE: {"directory": str(Path(folder) / "models")}})
        found = _trained(version, asked, Path(folder))
    digests = dict(found["digests"])
    # The configuration is the recorded one but for what was left out on purpose.
    digests["config"] = recorded["config"] if found["config"] == asked else digests["config"]
    return Rebuilt(version=version, recorded=recorded, found=digests)


def _recorded_config(
    version: str, training: Mapping[str, Any], recorded: Mapping[str, str]
) -> dict[str, Any]:
    config = training.get("config")
    if not isinstance(config, dict) or "model" not in recorded or "config" not in recorded:
        raise PackageError(f"{version} does not record its configuration and digests")
    if json_digest(config) != recorded["config"]:
        raise PackageError(f"{version}: its configuration is not the one of its digest")
    # Hydra would build what `hydra` names, and fill in what `${...}` asks for, before any check.
    special = sorted(key for key in config if key in ("hydra", "defaults") or key.startswith("_"))
    if special or any("${" in text for text in _texts(config)):
        what = special[0] if special else "${...}"
        raise PackageError(f"{version}: {what} in its configuration: no training writes that")
    run = config.get("run")
    if not isinstance(run, dict) or run.get("_target_") != _RUN:
        raise PackageError(f"{version}: its configuration is not that of a training")
    return config


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _replaced(value: Any, changes: Mapping[str, Mapping[str, Any]]) -> Any:  # noqa: ANN401
    """The configuration with other values in the parts that `changes` names by their target."""
    if isinstance(value, list):
        return [_replaced(item, changes) for item in value]
    if not isinstance(value, dict):
        return value
    told = changes.get(str(value.get("_target_")), {})
    return {
        key: _merged(item, told[key]) if key in told else _replaced(item, changes)
        for key, item in value.items()
    }


def _merged(old: Any, new: Any) -> Any:  # noqa: ANN401 - any value of a configuration
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def _check_data(files: ProvenFiles, config: Mapping[str, Any]) -> None:
    """Where the export is in files: the same ones, byte for byte."""
    source = config.get("source", {})
    known = (files.json("report.json") or {}).get("data", {}).get("files")
    if source.get("_target_") != _SOURCE or not isinstance(known, list):
        return
    there: Any = FileSource(path=source.get("path")).identity()["files"]
    version = files.model.version
    if len(there) != len(known):
        raise PackageError(f"{version} was trained on {len(known)} files, here are {len(there)}")
    changed = [
        f"{path} (recorded as {file['path']})"
        for file, (path, digest, _) in zip(known, there, strict=True)
        if file["sha256"] != digest
    ]
    if changed:
        raise PackageError(
            f"{version} was trained on other data: {', '.join(changed[:3])}: SHA-256 differs"
        )


def _trained(version: str, config: Mapping[str, Any], folder: Path) -> Mapping[str, Any]:
    """training_info of what comes out of `config`."""
    (folder / "conf").mkdir()
    (folder / "conf" / "rebuild.yaml").write_text(_HEAD + _yaml(config), encoding="utf-8")
    command = [
        sys.executable, "-m", "wifitrain", "--config-dir", str(folder / "conf"), "-cn", "rebuild",
        f"hydra.run.dir={folder / 'run'}", "hydra.job.name=rebuild",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    published = sorted((folder / "models").glob("model_*/metadata.json"))
    if ran.returncode != 0 or len(published) != 1:
        said = ran.stderr.strip().splitlines() or ["nothing was published"]
        raise PackageError(f"{version} could not be trained again: {said[-1]}")
    training: Mapping[str, Any] = json.loads(published[0].read_text(encoding="utf-8"))[
        "training_info"
    ]
    return training


def _yaml(config: Mapping[str, Any]) -> str:
    """One key a line, each with its value as JSON, which YAML reads alike."""
    return "".join(f"{json.dumps(key)}: {json.dumps(value)}\n" for key, value in config.items())
