"""A sweep that is started again in its folder goes on: jobs that are done are left as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.pipeline.context import Outcome
from wifitrain.pipeline.files import json_digest
from wifitrain.provenance import code_digest

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["begin_job", "finished_job"]

_ACCOUNT = "report.json"  # the last file that a training leaves
_ERROR = "error.json"  # how it ended otherwise, perhaps beside an account: a gate was closed
_LEFT = (_ACCOUNT, "report.html", "windows.parquet", "incidents.parquet", _ERROR)


def finished_job(run_dir: Path, config: Mapping[str, Json]) -> Outcome | None:
    """The outcome of a training that ended well here with this configuration and this code.

    None where there was none, or where its version is gone: then it has to be done again.
    """
    try:
        account: dict[str, Any] = json.loads((run_dir / _ACCOUNT).read_text("utf-8"))
        model, digests = account["model"], account["digests"]
        is_same = digests["config"] == json_digest(config) and digests["code"] == code_digest()
        is_well = Path(model["path"]).is_dir() and not (run_dir / _ERROR).exists()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (is_same and is_well):
        return None
    return Outcome(closing=f"done before: {model['path']} | report: {run_dir / _ACCOUNT}")


def begin_job(run_dir: Path) -> None:
    """Remove what an earlier attempt left: it must not be taken for this one's."""
    for name in _LEFT:
        (run_dir / name).unlink(missing_ok=True)
