"""Which windows are looked at, and the CSV file in which their verdicts come back.

The highest scores are all taken; of the remaining alerts and of the quiet windows a random share
is, so that what the model missed can be estimated, too.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["COLUMNS", "VERDICTS", "pick", "read_queue", "write_queue"]

COLUMNS = (
    "verdict", "entity", "start", "end", "score", "is_anomaly", "reason", "note",
    "stratum", "stratum_windows",
)  # fmt: skip
#: What a person writes into the column `verdict`; an empty cell is not looked at yet.
VERDICTS: Mapping[str, bool | None] = {"anomaly": True, "normal": False, "unsure": None}
TOP, ALERTS, QUIET = "top", "alerts", "quiet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def pick(scored: pd.DataFrame, *, count: int, random_share: float, seed: int) -> pd.DataFrame:
    """A queue of `count` windows out of `scored` (the frame of windows.parquet), COLUMNS.

    `random_share` of them is drawn at random: from alerts and quiet windows in equal parts where
    there are enough of both; the rest are the highest scores. In order of time, so that nothing
    betrays what the model thinks of them but their score.

    Raises
    ------
    DataError : no windows.
    """
    import numpy as np
    import pandas as pd

    if scored.empty:
        raise DataError("no scored windows to choose from")
    count = min(count, len(scored))
    by_score = np.argsort(-scored["score"].to_numpy(), kind="stable")
    n_random = max(2, round(count * random_share))  # nothing stands for a stratum without any
    top, rest = by_score[: count - n_random], by_score[count - n_random :]
    alerting = scored["is_anomaly"].to_numpy(dtype=bool)[rest]
    pools = {ALERTS: rest[alerting], QUIET: rest[~alerting]}
    rng = np.random.default_rng(seed)
    drawn = {
        name: rng.choice(pools[name], size, replace=False)
        for name, size in _sizes(pools, n_random).items()
    }
    strata = {TOP: (top, len(top)), **{k: (rows, len(pools[k])) for k, rows in drawn.items()}}
    parts = [
        scored.iloc[rows].assign(stratum=name, stratum_windows=total)
        for name, (rows, total) in strata.items()
    ]
    queue = pd.concat(parts).assign(verdict="", note="")
    queue = queue.sort_values(["start", "entity"], kind="stable", ignore_index=True)
    return queue[list(COLUMNS)]


def write_queue(queue: pd.DataFrame, path: Path) -> None:
    """Write the queue as CSV that a spreadsheet opens without running anything in it.

    Raises
    ------
    DataError : the file is there already (someone's verdicts may be in it), or cannot be written.
    """
    if path.exists():
        raise DataError(f"{path} is there already: judge it with -cn review action=judge")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(
                [_cell(value) for value in row] for row in queue.itertuples(index=False)
            )
        temporary.replace(path)
    except OSError as error:
        raise DataError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def read_queue(path: Path) -> pd.DataFrame:
    """The queue with its verdicts: True, False, or None for unsure and for not looked at yet.

    Added column `looked_at`. Whatever a spreadsheet made of the order of rows does not matter.

    Raises
    ------
    DataError : no such file, not such a file, or a verdict that is none of VERDICTS; names lines.
    """
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise DataError(f"{path} is not a CSV text: {error}") from error
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise DataError(f"{path}: columns {', '.join(missing)} are missing")
    words = frame["verdict"].str.strip().str.lower()
    wrong = frame.index[~words.isin([*VERDICTS, ""])]
    if len(wrong):
        first = f"line {wrong[0] + 2}: {frame['verdict'][wrong[0]]!r}"
        raise DataError(f"{path}: {len(wrong)} verdicts are none of {', '.join(VERDICTS)}: {first}")
    return _typed(frame, words, path)


def _typed(frame: pd.DataFrame, words: pd.Series, path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        return frame.assign(
            looked_at=words.ne(""),
            verdict=words.map(VERDICTS.get).astype("boolean"),
            start=pd.to_datetime(frame["start"], format="ISO8601"),
            end=pd.to_datetime(frame["end"], format="ISO8601"),
            is_anomaly=frame["is_anomaly"].str.lower().eq("true"),
            stratum_windows=pd.to_numeric(frame["stratum_windows"]).astype("int64"),
        )
    except (ValueError, TypeError) as error:
        raise DataError(f"{path}: changed beyond its verdicts: {error}") from error


def _sizes(pools: Mapping[str, np.ndarray], total: int) -> dict[str, int]:
    """How many to draw from each pool: half and half, and what one lacks from the other."""
    alerts = min(total // 2, len(pools[ALERTS]))
    quiet = min(total - alerts, len(pools[QUIET]))
    return {ALERTS: min(total - quiet, len(pools[ALERTS])), QUIET: quiet}


def _cell(value: object) -> str:
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
