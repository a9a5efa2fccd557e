"""A job of a sweep as the choice sees it, from the files that it left."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.evaluation.choosing import Configuration
from wifitrain.pipeline.files import json_digest

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["configuration_of", "stability_target"]


def configuration_of(folder: Path, account: Mapping[str, Any]) -> Configuration:
    """The job in `folder` with its failed gates and the incidents that its model noticed."""
    evaluation = account["evaluation"]
    checks = evaluation["threshold_checks"].values()
    trials = _trials(folder / "incidents.parquet")
    told: dict[str, Any] = {}
    if trials is not None:
        told = {
            "trials_of": _digest(account, trials),
            "noticed": _noticed(trials),
        }
    return Configuration(
        job=int(folder.name),
        contamination=account["calibration"]["contamination"],
        n_estimators=account["model"].get("n_estimators"),
        stability=evaluation["stability"].get("jaccard"),
        failed=[check["name"] for check in checks if check["state"] == "failed"],
        **told,
    )


def stability_target(account: Mapping[str, Any]) -> float:
    """Agreement of seeds that the job was to reach (training.stability_target)."""
    return float(account["model"]["stability_target"])


def _trials(path: Path) -> pd.DataFrame | None:
    import pandas as pd

    if not path.is_file():
        return None
    trials = pd.read_parquet(path)
    return trials if len(trials) else None


def _digest(account: Mapping[str, Any], trials: pd.DataFrame) -> str:
    """Equal only where the same incidents were played into the same data."""
    played = trials[["incident", "intensity", "repeat", "access_point", "start"]].astype(str)
    return json_digest([account["digests"]["data"], played.to_numpy().tolist()])


def _noticed(trials: pd.DataFrame) -> dict[tuple[str, float], bool]:
    """(place, intensity) -> noticed; a place is played at every intensity."""
    columns = ["incident", "repeat", "intensity", "detected_model"]
    return {
        (f"{incident}/{repeat}", float(intensity)): bool(noticed)
        for incident, repeat, intensity, noticed in trials[columns].itertuples(index=False)
    }
