"""The front door lets in what is trusted, refuses the rest, and every option can be built."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from wifitrain.assembly import TRUSTED_TARGETS, TRUSTED_VARIABLE, build, config_dir, plain
from wifitrain.errors import ConfigError

GROUPS = sorted(
    path.relative_to(config_dir()).with_suffix("").as_posix()
    for path in config_dir().rglob("*.yaml")
    if path.parent != config_dir() and path.relative_to(config_dir()).parts[0] != "hydra"
)
PRIMARY = sorted(path.stem for path in config_dir().glob("*.yaml"))


def _values(config_name: str, *overrides: str) -> dict[str, Any]:
    with initialize_config_dir(str(config_dir()), version_base="1.3"):
        return plain(compose(config_name, overrides=list(overrides)))


def _primary_of(group: str) -> tuple[str, list[str]]:
    """The command that uses an option, and what it cannot do without."""
    name = group.split("/", maxsplit=1)[0]
    if name == "simulation":
        return "simulate", ["path=site.json"]
    if name == "alerts":
        return "score", ["package=models/model_x"]
    if group == "source/postgres":
        return "train", ["source.url=postgresql://reader@db/wifi"]
    if group == "source/table":
        return "train", ["source.path=features.npz"]
    return "train", []


def test_every_option_is_found() -> None:
    """The count says so when a folder is missed."""
    assert len(GROUPS) == 45
    assert PRIMARY == [
        "clear_cache",
        "compare",
        "deliver",
        "monitor",
        "report",
        "review",
        "score",
        "simulate",
        "train",
        "validate",
    ]


@pytest.mark.parametrize("option", [option for option in GROUPS if "wiring" not in option])
def test_every_option_composes_and_builds(option: str) -> None:
    """No option of any group is broken."""
    group, name = option.split("/")
    primary, needed = _primary_of(option)
    values = _values(primary, f"{group}={name}", *needed)
    parts = [node for node in values.values() if isinstance(node, dict) and "_target_" in node]
    assert parts
    for node in parts:
        assert build(node, name="part") is not None


@pytest.mark.parametrize(
    ("primary", "needed"),
    [
        ("train", []),
        ("clear_cache", []),
        ("report", ["folder=outputs/1"]),
        ("validate", []),
        ("score", ["package=models/model_x"]),
        ("monitor", ["package=models/model_x"]),
        ("deliver", []),
        ("compare", ["champion=models/model_x", "candidate=models/model_y"]),
        ("compare", ["sweep=outputs/sweeps/x"]),
        ("review", ["windows=windows.parquet"]),
        ("simulate", ["path=site.json"]),
    ],
)
def test_every_command_composes_and_builds(primary: str, needed: list[str]) -> None:
    """Each primary configuration holds one run."""
    assert hasattr(build(_values(primary, *needed)["run"], name="run"), "run")


def test_the_trusted_targets_are_those_of_the_configuration() -> None:
    """Nothing is trusted that is not used, nothing is used that is not trusted."""
    used = set()
    for path in config_dir().rglob("*.yaml"):
        used |= set(re.findall(r"_target_: (wifitrain[\w.]+)", path.read_text(encoding="utf-8")))
    assert used - {"wifitrain.cli.SweepWatcher"} == TRUSTED_TARGETS


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        ("score", ["package=models/model_x"]),
        ("review", ["action=ask", "package=models/model_x", "source.path=x.json"]),
    ],
)
def test_what_tells_lines_refuses_spark_before_it_reads(command: str, needed: list[str]) -> None:
    """Spark's rows are gone when lines are asked for."""
    values = _values(command, "engine=spark", *needed)
    with pytest.raises(ConfigError, match="tells lines and needs the embedded engine"):
        build(values["run"], name="run")


@pytest.mark.parametrize(
    "target",
    [
        "joblib.load",
        "pathlib.Path.unlink",
        "os.system",
        "wifitrain.storage.store.os.getcwd",
        "wifitrain.assembly.build",
        "wifitrain.training.Trainer ",
        "builtins.eval",
        ["wifitrain.engine.Engine"],
        {"a": 1},
        5,
    ],
)
def test_an_untrusted_target_is_refused(target: object, tmp_path: Path) -> None:
    """Nothing of it runs: not even deep inside, not even beside a trusted one."""
    victim = tmp_path / "victim"
    victim.touch()
    nested = {
        "_target_": "wifitrain.training.Trainer",
        "model": {"_target_": target, "self": str(victim)},
    }
    with pytest.raises(ConfigError, match=r"run.model._target_: .* is not a trusted target"):
        build(nested, name="run")
    assert victim.exists()


@pytest.mark.parametrize("key", ["_args_", "_partial_", "_recursive_", "_convert_"])
def test_hydras_other_special_keys_are_refused(key: str) -> None:
    """Only _target_ means something."""
    node = {"_target_": "wifitrain.engine.Engine", key: True}
    with pytest.raises(ConfigError, match=f"engine.{key} is not allowed"):
        build(node, name="engine")


def test_a_users_component_is_trusted_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the environment, never through the configuration."""
    target = "tests.conftest.make_windows"
    node = {"_target_": target, "X": np.zeros((3, 2))}
    with pytest.raises(ConfigError, match="is not a trusted target"):
        build(node, name="mine")
    monkeypatch.setenv(TRUSTED_VARIABLE, f"other.thing, {target}")
    assert len(build(node, name="mine").X) == 3


def test_unknown_and_missing_keys_are_named_together() -> None:
    """One message with all faults."""
    node = {"_target_": "wifitrain.training.ecod", "tpye": "ecod"}
    with pytest.raises(ConfigError, match="model.tpye is unknown; model.type is missing"):
        build(node, name="model")


def test_a_missing_value_is_named() -> None:
    """`???` that nobody filled in."""
    with pytest.raises(ConfigError, match="package"):
        _values("score")


def test_containers_inside_parts_are_plain() -> None:
    """No OmegaConf type reaches a part."""
    run = build(
        _values("train", 'training.exclude=[["2026-01-01","2026-01-02"]]')["run"], name="run"
    )
    assert type(run.learning.guard.ignore) is list
