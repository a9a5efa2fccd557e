"""A ready feature table instead of logs: one row is one window, whatever it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from wifitrain.errors import ConfigError, ExportError
from wifitrain.export.ready_columns import features_of, labels_of, times_of
from wifitrain.export.ready_files import read_frame
from wifitrain.records import WindowTable

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["ReadyTable", "TableSource"]

_ENTITY = "table"
_FORMATS = (".npz", ".csv", ".parquet")
_MADE_UP = {
    "code": "made_up_time",
    "message": "rows carry no time: one a minute from 1 January 2000 in the order of the file, so"
    " that parts by time are parts by row",
}


@dataclass(frozen=True, kw_only=True)
class ReadyTable:
    """Windows as they came, the account of them, and the SHA-256 of the file."""

    windows: WindowTable
    account: Mapping[str, Json]
    digest: str


class TableSource:
    """Reads an npz (arrays X and y), CSV or Parquet file of numbers. There are no lines behind it.

    Parameters
    ----------
    path : the file. Needed.
    time : column of ISO times in UTC, or of seconds since 1970; None makes times up from the order
        of rows, and says so.
    labels : column of labels (1 or true: anomalous, missing: unknown); None takes `y` where there
        is one. The name of a CSV file of intervals is left to those who lay them over windows.
    shuffle_seed : seed to shuffle rows with that carry no time, where their order means something
        that it should not (all anomalies last); None keeps the order.
    """

    def __init__(
        self,
        *,
        path: str | None = None,
        time: str | None = None,
        labels: str | None = None,
        shuffle_seed: int | None = None,
    ) -> None:
        if not isinstance(path, str) or Path(path).suffix.lower() not in _FORMATS:
            formats = ", ".join(_FORMATS)
            raise ConfigError(f"source.path must be a file that ends in {formats}, got {path!r}")
        for key, value in (("time", time), ("labels", labels)):
            if value is not None and (not isinstance(value, str) or not value):
                raise ConfigError(f"source.{key} must be null or a column, got {value!r}")
        if isinstance(shuffle_seed, bool) or not isinstance(shuffle_seed, int | None):
            raise ConfigError(f"source.shuffle_seed must be null or a seed, got {shuffle_seed!r}")
        if shuffle_seed is not None and (time is not None or shuffle_seed < 0):
            raise ConfigError(
                f"source.shuffle_seed is for rows without source.time, and not below 0:"
                f" got {shuffle_seed!r}"
            )
        self.path = Path(path)
        self.time = time
        self.labels = None if labels is not None and labels.endswith(".csv") else labels
        self.shuffle_seed = shuffle_seed

    def read_table(self) -> ReadyTable:
        """The rows as windows, in the order of time.

        Raises
        ------
        ExportError : the file cannot be read, or a column is not what it should be.
        """
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise ExportError(f"{self.path}: {error.strerror}") from error
        frame = read_frame(self.path, content)
        if self.shuffle_seed is not None:
            frame = frame.sample(frac=1, random_state=self.shuffle_seed, ignore_index=True)
        windows = self._windows(frame)
        return ReadyTable(
            windows=windows,
            account=self._account(windows),
            digest=hashlib.sha256(content).hexdigest(),
        )

    def read(self, *_: object, **__: object) -> NoReturn:
        """Refused: there are no lines."""
        raise ConfigError("source=table has no log lines: only a training can use it")

    validate = read

    def _windows(self, frame: Any) -> WindowTable:  # noqa: ANN401 - a frame
        import pandas as pd

        label = labels_of(frame, self.labels, name=self.path)
        start, window_s = times_of(frame, self.time, name=self.path)
        left_out = [one for one in (self.time, self.labels or "y") if one in frame.columns]
        X = features_of(frame.drop(columns=left_out), name=self.path)
        index = pd.DataFrame(
            {
                "entity": _ENTITY,
                "start": start,
                "end": start + pd.Timedelta(seconds=window_s),
                "n_events": 1,
                "label": label,
            }
        )
        order = start.argsort(kind="stable")
        kinds = pd.DataFrame({"window": [], "kind": [], "count": []})
        return WindowTable(
            X=X.iloc[order].reset_index(drop=True),
            index=index.iloc[order].reset_index(drop=True),
            kinds=kinds.astype({"window": "int64", "kind": "object", "count": "int64"}),
            unavailable={},
            window_s=window_s,
            account={"window_s": window_s, "entity": _ENTITY},
        )

    def _account(self, windows: WindowTable) -> dict[str, Json]:
        start, end = windows.index["start"], windows.index["end"]
        first, last = start.iloc[0], end.iloc[-1]
        return {
            "source": "table",
            "rows": len(windows.X),
            "labelled_rows": int(windows.index["label"].notna().sum()),
            "first_time": first.isoformat(),
            "last_time": last.isoformat(),
            "span_days": (last - first).total_seconds() / 86_400,
            "warnings": [] if self.time else [{**_MADE_UP, "count": len(windows.X)}],
        }
