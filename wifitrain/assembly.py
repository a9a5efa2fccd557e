"""Configuration to parts: the only place where a name becomes an object, if the name is trusted.

A `_target_` could name anything, `pathlib.Path.unlink` included, and a rule on prefixes is
bypassed by what a module happens to import. So every target is compared with an exact set before
anything is built.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from hydra.utils import get_object  # noqa: TID251 - this is the one place
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from wifitrain.errors import ConfigError, WifitrainError

__all__ = ["TRUSTED_TARGETS", "TRUSTED_VARIABLE", "build", "config_dir", "plain", "sample_export"]

#: Names of a user's own components, separated by commas: trusted from outside the configuration.
TRUSTED_VARIABLE = "WIFITRAIN_TRUSTED_TARGETS"

TRUSTED_TARGETS = frozenset(
    {
        "wifitrain.cache.Cache",
        "wifitrain.calibration.AlertBudget",
        "wifitrain.engine.Engine",
        "wifitrain.spark.SparkEngine",
        "wifitrain.evaluation.Evaluator",
        "wifitrain.events.EventExtractor",
        "wifitrain.export.DatabaseSettings",
        "wifitrain.export.FileSource",
        "wifitrain.export.PostgresSource",
        "wifitrain.export.TableSource",
        "wifitrain.features.WindowFeatures",
        "wifitrain.labels.IntervalLabels",
        "wifitrain.light.Output",
        "wifitrain.log.LoggingSettings",
        "wifitrain.monitoring.Alerting",
        "wifitrain.monitoring.Monitoring",
        "wifitrain.pipeline.ClearCacheRun",
        "wifitrain.pipeline.CompareRun",
        "wifitrain.pipeline.DeliverRun",
        "wifitrain.pipeline.Learning",
        "wifitrain.pipeline.Looking",
        "wifitrain.pipeline.MonitorRun",
        "wifitrain.pipeline.Preparation",
        "wifitrain.pipeline.ReviewRun",
        "wifitrain.pipeline.ReportRun",
        "wifitrain.pipeline.ScoreRun",
        "wifitrain.pipeline.SimulateRun",
        "wifitrain.pipeline.TrainingRun",
        "wifitrain.pipeline.ValidateRun",
        "wifitrain.pseudonyms.Pseudonymiser",
        "wifitrain.scoring.AlertSettings",
        "wifitrain.simulation.SimulateRun",
        "wifitrain.simulation.Simulator",
        "wifitrain.splitting.TimeSplit",
        "wifitrain.storage.ModelStore",
        "wifitrain.training.GuardSettings",
        "wifitrain.training.Trainer",
        "wifitrain.training.ecod",
        "wifitrain.training.elliptic_envelope",
        "wifitrain.training.hbos",
        "wifitrain.training.isolation_forest",
        "wifitrain.training.local_outlier_factor",
        "wifitrain.training.one_class_svm",
        "wifitrain.training.pca_reconstruction",
        "wifitrain.training.robust_zscore",
    }
)


def config_dir() -> Path:
    """The folder of the configuration: packaged in a wheel, else the checkout's `conf`."""
    packaged = Path(str(files("wifitrain") / "conf"))
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / "conf"


def sample_export() -> str:
    """Path of the bundled sample export: packaged in a wheel, else the checkout's."""
    name = "sample_export.json.gz"
    with as_file(files("wifitrain") / "examples" / name) as packaged:
        path = packaged if packaged.is_file() else config_dir().parent / "examples" / name
    return str(path)


OmegaConf.register_new_resolver("sample_export", sample_export, replace=True)


def plain(config: DictConfig) -> dict[str, Any]:
    """The configuration as plain containers, every value resolved.

    Raises
    ------
    ConfigError : a value is missing or an interpolation leads nowhere.
    """
    try:
        container = OmegaConf.to_container(config, resolve=True, throw_on_missing=True)
    except OmegaConfBaseException as error:
        raise ConfigError(_one_line(error)) from error
    return {str(key): value for key, value in container.items()}  # type: ignore[union-attr]


def build(section: Mapping[str, Any], *, name: str) -> Any:  # noqa: ANN401 - any part
    """Build the part that `section` (plain containers) describes, and the parts inside it.

    Raises
    ------
    ConfigError : an untrusted target, an unknown or missing key, or a value that a part refuses.
    """
    for key, node in _nodes(section, name):
        _check_node(key, node)
    return _built(section, name)


def _nodes(value: object, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every mapping below `value` with its dotted path."""
    if isinstance(value, Mapping):
        yield path, value
        for key, item in value.items():
            yield from _nodes(item, f"{path}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _nodes(item, f"{path}[{number}]")


def _check_node(path: str, node: Mapping[str, Any]) -> None:
    special = [key for key in node if str(key).startswith("_") and key != "_target_"]
    if special:
        raise ConfigError(f"{path}.{special[0]} is not allowed: only _target_ is")
    target = node.get("_target_")
    if target is None:
        return
    if not isinstance(target, str) or target not in TRUSTED_TARGETS | _trusted_by_user():
        raise ConfigError(
            f"{path}._target_: {target!r} is not a trusted target; a component of your own is"
            f" trusted by its name in the variable {TRUSTED_VARIABLE}"
        )
    _check_keys(path, node, taken=inspect.signature(get_object(target)).parameters)


def _check_keys(
    path: str, node: Mapping[str, Any], *, taken: Mapping[str, inspect.Parameter]
) -> None:
    """Every key is one that the part takes, and every key that it needs is there."""
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in taken.values()):
        return
    unknown = [f"{path}.{key}" for key in node if key != "_target_" and key not in taken]
    missing = [
        f"{path}.{name}"
        for name, parameter in taken.items()
        if parameter.default is inspect.Parameter.empty and name not in node
    ]
    if unknown or missing:
        raise ConfigError(
            "; ".join(
                [f"{key} is unknown" for key in unknown] + [f"{key} is missing" for key in missing]
            )
            + f" ({path} takes {', '.join(taken)})"
        )


def _trusted_by_user() -> set[str]:
    names = os.environ.get(TRUSTED_VARIABLE, "").split(",")
    return {name.strip() for name in names if name.strip()}


def _built(value: object, path: str) -> Any:  # noqa: ANN401 - any part
    """`value` with every part in it built, the innermost first.

    Hydra's `instantiate` would turn all of it into its own containers and back, ten times slower.
    """
    if isinstance(value, list):
        return [_built(item, f"{path}[{number}]") for number, item in enumerate(value)]
    if not isinstance(value, Mapping):
        return value
    built = {key: _built(item, f"{path}.{key}") for key, item in value.items()}
    target = built.pop("_target_", None)
    if target is None:
        return built
    try:
        return get_object(target)(**built)
    except WifitrainError:
        raise
    except Exception as error:  # a component of the user's own may raise anything
        raise ConfigError(f"{path}: {target} refuses its values: {_one_line(error)}") from error


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
