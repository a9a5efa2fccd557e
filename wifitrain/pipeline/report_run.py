"""The page of a run that is over: jobs of a sweep leave theirs to be drawn when it is wanted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.errors import WifitrainError
from wifitrain.pipeline.context import Outcome, RunContext
from wifitrain.report import write_report

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["PAGE", "ReportRun"]

#: Name of the page in the folder of its run.
PAGE = "report.html"


@dataclass(frozen=True, kw_only=True)
class ReportRun:
    """The folder of a training, alone or a job of a sweep."""

    folder: str

    def run(self, context: RunContext) -> Outcome:  # noqa: ARG002 - the page lies in its own folder
        """Draw report.html from what the training left in its folder.

        Raises
        ------
        WifitrainError : no training ended well there.
        """
        folder = Path(self.folder)
        account = _account(folder)
        write_report(
            account,
            _frame(folder / "windows.parquet"),
            folder / PAGE,
            incidents=_incidents(folder / "incidents.parquet"),
            config=_config(account),
            command=account.get("command", ""),
        )
        return Outcome(closing=f"report: {folder / PAGE}")


def _account(folder: Path) -> dict[str, Any]:
    path = folder / "report.json"
    try:
        account: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WifitrainError(
            f"{path}: {error.strerror}: folder must be that of a training that ended well"
        ) from error
    if "calibration" not in account or "evaluation" not in account:
        raise WifitrainError(f"{path}: is not the account of a training")
    return account


def _frame(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_parquet(path)
    except OSError as error:
        raise WifitrainError(f"{path}: {error.strerror or error}") from error


def _incidents(path: Path) -> pd.DataFrame | None:
    return _frame(path) if path.is_file() else None


def _config(account: Mapping[str, Any]) -> Mapping[str, Json]:
    """The configuration as the version keeps it; nothing where the version is gone."""
    path = Path(account["model"]["path"]) / "metadata.json"
    if not path.is_file():
        return {}
    config: Mapping[str, Json] = json.loads(path.read_text("utf-8"))["training_info"]["config"]
    return config
