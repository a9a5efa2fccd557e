"""The windows that an incident touches, and whether untouched copies came out as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from wifitrain.evaluation.incidents import ContextCheck

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.pipeline.incident_bench.contexts import Spans
    from wifitrain.pipeline.incident_bench.injection import Played
    from wifitrain.records import WindowTable

__all__ = ["Touched", "check_controls", "kinds_of", "touched_windows"]

_TRIAL = r"#bench-(\d{6})"


@dataclass(frozen=True, kw_only=True)
class Touched:
    """Windows that overlap an incident: X, their kinds of line, and whose trial they are.

    `index` has trial, start, end, kind: one row for each row of X; `kinds` is numbered by them.
    """

    X: pd.DataFrame
    kinds: pd.DataFrame
    index: pd.DataFrame

    @cached_property
    def kinds_played(self) -> Sequence[str]:
        """Names of the incidents, each once."""
        return sorted(self.index["kind"].unique())

    @cached_property
    def kinds_of(self) -> Sequence[set[str]]:
        """The kinds of line of each window."""
        import numpy as np

        return kinds_of(self.kinds, np.ones(len(self.X), dtype=bool))

    def rows_of(self, kind: str) -> np.ndarray:
        """Which windows belong to trials of `kind`, shape (n,)."""
        mine: np.ndarray = (self.index["kind"] == kind).to_numpy()
        return mine


def kinds_of(kinds: pd.DataFrame, rows: np.ndarray) -> list[set[str]]:
    """The kinds of line of each window where `rows`, shape (n_windows,), is true."""
    chosen = kinds[rows[kinds["window"].to_numpy("int64")]]
    found = chosen["kind"].astype("str").groupby(chosen["window"]).agg(set)
    return [found.get(row, set()) for row in rows.nonzero()[0]]


def touched_windows(rebuilt: WindowTable, played: Sequence[Played], *, spans: Spans) -> Touched:
    """The windows of trials that overlap their incident, in the order of (trial, entity, start)."""
    import numpy as np

    marked = _marked(rebuilt.index, spans, [one for one in played if not one.trial.is_control])
    names = {one.trial.number: one.trial.kind for one in played}
    rows = marked.index.to_numpy()
    position = np.full(len(rebuilt.X), -1)
    position[rows] = np.arange(len(rows))
    kinds = rebuilt.kinds.assign(window=position[rebuilt.kinds["window"].to_numpy("int64")])
    index = marked[["trial", "start", "end"]].reset_index(drop=True)
    return Touched(
        X=rebuilt.X.iloc[rows].reset_index(drop=True),
        kinds=kinds[kinds["window"] >= 0].reset_index(drop=True),
        index=index.assign(kind=index["trial"].map(names)),
    )


def check_controls(
    rebuilt: WindowTable, windows: WindowTable, played: Sequence[Played], *, spans: Spans
) -> ContextCheck:
    """Windows of copies without an incident against the same windows of the full run."""
    import numpy as np

    controls = [one for one in played if one.trial.is_control]
    marked = _marked(rebuilt.index, spans, controls)
    hosts = {one.trial.host: one.trial.speaker.name for one in controls}
    entity = marked["entity"].astype(str)
    copied = entity.str.extract(rf"^(.*{_TRIAL})", expand=True)[0]
    original = copied.map(hosts) + entity.str.replace(rf"^.*{_TRIAL}", "", regex=True)
    lookup = windows.index[["entity", "start"]].reset_index(names="row")
    pairs = (
        marked.assign(entity=original, copy=marked.index)
        .merge(lookup, on=["entity", "start"], how="left")
        .dropna(subset="row")
    )
    left = rebuilt.X.iloc[pairs["copy"].to_numpy("int64")].to_numpy("float64")
    right = windows.X.iloc[pairs["row"].to_numpy("int64")].to_numpy("float64")
    same = (left == right) | (np.isnan(left) & np.isnan(right))
    equal = zip(rebuilt.X.columns, same.all(axis=0), strict=True)
    differing = [str(name) for name, good in equal if not good]
    return ContextCheck(
        hours=spans.hours,
        compared=len(marked),
        equal=int(same.all(axis=1).sum()),
        differing=tuple(differing),
    )


def _marked(index: pd.DataFrame, spans: Spans, played: Sequence[Played]) -> pd.DataFrame:
    """Rows of `index` that overlap the incident of their trial, with its number."""
    numbers = [one.trial.number for one in played]
    chosen = spans.frame[spans.frame["trial"].isin(numbers)].set_index("trial")
    trial = index["entity"].astype(str).str.extract(_TRIAL, expand=False).astype("int64")
    mine = index.assign(trial=trial)[trial.isin(numbers)]
    first, last = mine["trial"].map(chosen["start"]), mine["trial"].map(chosen["end"])
    overlap = mine[(mine["start"] < last) & (mine["end"] > first)]
    return overlap.sort_values(["trial", "entity", "start"], kind="stable")
