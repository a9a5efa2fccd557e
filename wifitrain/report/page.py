"""The page of one run: evidence in, one HTML file out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.report.blocks import Badge
from wifitrain.report.rendering import Page, render, write_whole
from wifitrain.report.run import Run
from wifitrain.report.sections import SECTIONS

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["render_report", "write_report"]

_STATUS = {
    "available": Badge("available", "good"),
    "candidate": Badge("candidate", "open"),
}


def write_report(
    account: Mapping[str, Any],
    windows: pd.DataFrame,
    path: Path,
    *,
    incidents: pd.DataFrame | None = None,
    config: Mapping[str, Json] | None = None,
    command: str = "",
) -> None:
    """Write the page of a run to `path`, whole or not at all.

    Parameters
    ----------
    account : the content of report.json. What was not measured is not on the page. Optional keys
        beside the usual ones: ``features.distributions`` (of `summarise_features`), ``environment``
        (name -> version).
    windows : the frame of windows.parquet.
    incidents : the frame of incidents.parquet (access_point, start, detected_model; one row for
        each injected incident), drawn below the scores.
    config : resolved configuration, listed at the end; passwords are not.
    command : what would start the run again; without passwords, too.

    Raises
    ------
    WifitrainError : the file cannot be written.
    """
    page = render_report(account, windows, incidents=incidents, config=config, command=command)
    write_whole(path, page)


def render_report(
    account: Mapping[str, Any],
    windows: pd.DataFrame,
    *,
    incidents: pd.DataFrame | None = None,
    config: Mapping[str, Json] | None = None,
    command: str = "",
) -> str:
    """The page as text; the same arguments give the same bytes."""
    run = Run(
        account=account,
        windows=windows,
        incidents=incidents,
        config=config or {},
        command=command,
    )
    model = run.part("model")
    status = model.get("status") or run.part("evaluation").get("storable_as")
    kind = model.get("type", "")
    trees = f", {model['n_estimators']} trees" if model.get("n_estimators") else ""
    page = Page(
        title=str(model.get("version", "Training report")),
        subtitle=f"Training report: {kind}{trees}",
        headline=str(run.part("evaluation").get("verdict") or "Nothing was evaluated."),
        badge=_STATUS.get(status, Badge(str(status))) if status else None,
        sections=[section for make in SECTIONS if (section := make(run)) is not None],
    )
    return render(page)
