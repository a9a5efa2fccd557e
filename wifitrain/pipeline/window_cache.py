"""Windows that were built before: found by what the source, the events and the features say."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from wifitrain.cache import recalled, remembered
from wifitrain.records import WindowTable

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.cache import Entry
    from wifitrain.records import Json

__all__ = ["Built", "made_of", "read_windows", "write_windows"]

_FRAMES = ("X", "index", "kinds")
_QUARANTINE = "quarantine.ndjson"
_KIND = "pipeline.windows"
_OWN = "wifitrain."


@runtime_checkable
class _Identified(Protocol):
    """A part that says what its result depends on, beside what goes into it."""

    def identity(self) -> Mapping[str, Json]: ...


@dataclass(frozen=True, kw_only=True)
class Built:
    """Windows without the user's labels, and the account of how they came about."""

    windows: WindowTable
    data: Mapping[str, Json]  # accounts of source and events
    data_digest: str
    x_digest: str
    has_refused: bool = False  # records, and the entry holds their file


def made_of(parts: Mapping[str, object]) -> Mapping[str, Json] | None:
    """What decides the windows; None where a part cannot say so, or is not this package's own."""
    found: dict[str, Json] = {}
    for name, part in parts.items():
        kind = type(part)
        if not isinstance(part, _Identified) or not kind.__module__.startswith(_OWN):
            return None
        found[name] = {"type": kind.__qualname__, **part.identity()}
    return found


def write_windows(entry: Entry, built: Built, *, quarantine: Path) -> Built:
    """Keep what was built and, where records were refused, their file; what is kept."""
    windows = built.windows
    about = {
        "unavailable": windows.unavailable,
        "window_s": windows.window_s,
        "windows": windows.account,
        "data": built.data,
        "data_digest": built.data_digest,
        "x_digest": built.x_digest,
    }
    frames = {name: getattr(windows, name) for name in _FRAMES}
    contents = {"about": json.dumps(about, allow_nan=False).encode()}
    contents |= {name: _parquet(frame) for name, frame in frames.items()}
    if quarantine.is_file():
        contents[_QUARANTINE] = quarantine.read_bytes()
    entry.write(contents)
    return _shared(entry, _told(contents, frames))


def read_windows(entry: Entry, *, quarantine: Path) -> Built | None:
    """What an earlier run kept, with the file of refused records in its place; or None.

    Jobs of a sweep share one table: nothing that is handed a WindowTable changes its frames.
    """
    known = None if entry.path is None else recalled(_KIND, entry.path.name)
    if isinstance(known, Built) and not known.has_refused:
        return known
    contents = entry.read()
    if contents is None:
        return None
    if _QUARANTINE in contents:
        quarantine.touch(mode=0o600)
        quarantine.write_bytes(contents[_QUARANTINE])
    return known if isinstance(known, Built) else _shared(entry, _told(contents, _frames(contents)))


def _shared(entry: Entry, built: Built) -> Built:
    """For the next job of this process: not even read again."""
    if entry.path is None:
        return built
    return remembered(_KIND, entry.path.name, lambda: built, most=1)


def _told(contents: Mapping[str, bytes], frames: Mapping[str, pd.DataFrame]) -> Built:
    """Frames with what the entry says of them."""
    about: dict[str, Any] = json.loads(contents["about"])
    windows = WindowTable(
        **frames,
        unavailable=about["unavailable"],
        window_s=about["window_s"],
        account=about["windows"],
    )
    return Built(
        windows=windows,
        data=about["data"],
        data_digest=about["data_digest"],
        x_digest=about["x_digest"],
        has_refused=_QUARANTINE in contents,
    )


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _frames(contents: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    import pandas as pd

    return {name: pd.read_parquet(io.BytesIO(contents[name])) for name in _FRAMES}
