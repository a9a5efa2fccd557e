"""What the engine is asked; its answers -> frames of all windows, group after group.

Each value is written once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.errors import FeatureError
from wifitrain.features.kinds import CollectedKinds, coded
from wifitrain.features.matrix import PREFIX
from wifitrain.records import WindowTable

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from wifitrain.features.feature import Feature
    from wifitrain.features.mapped import MappedValues

__all__ = ["CollectedWindows", "Questions"]


@dataclass(frozen=True, kw_only=True)
class Questions:
    """What makes windows: the rows of X with its index, the kinds of line, and gaps left out."""

    matrix: ir.Table
    kinds: ir.Table
    gap_windows: ir.Value


class CollectedWindows:
    """X and index of `n_windows` windows, and their kinds, filled by one group after another.

    Parameters
    ----------
    columns : of X, in this order.
    n_windows : of all groups together.
    window_s : length of a window in seconds.
    values : room for X, a row for each column, that is not in memory; None makes it there.
    """

    def __init__(
        self,
        columns: Sequence[str],
        *,
        n_windows: int,
        window_s: int,
        values: MappedValues | None = None,
    ) -> None:
        import numpy as np

        self.columns = list(columns)
        self.window_s = window_s
        # A row for each column of X: what pandas keeps inside, so that the frame is no copy.
        self._mapped = values
        self._values = np.empty((len(self.columns), n_windows)) if values is None else values.array
        self._is_defined = np.zeros(len(self.columns), dtype=bool)
        self._window = np.empty(n_windows, dtype="int64")
        self._n_events = np.empty(n_windows, dtype="int64")
        self._label = np.empty(n_windows, dtype="int8")
        self._entity = np.empty(n_windows, dtype="int32")
        self._entities: list[str] = []
        self._kinds = CollectedKinds()
        self._filled = 0
        self.gap_windows = 0

    @property
    def nbytes(self) -> int:
        """Bytes in memory of X and index when they are full, and of kinds as far as they came."""
        arrays = (self._window, self._n_events, self._label, self._entity)
        values = self._values.nbytes if self._mapped is None else self._mapped.nbytes
        return values + sum(array.nbytes for array in arrays) + self._kinds.nbytes

    def add(self, matrix: pa.Table, kinds: pa.Table, *, gap_windows: int = 0) -> None:
        """The next group's answers (`matrix_of`, `kinds_of_windows`), and its windows in gaps.

        Raises
        ------
        FeatureError : `matrix` has not all of the columns.
        """
        import numpy as np

        self._check(matrix)
        place = matrix["row"].to_numpy() + self._filled
        for row, column in enumerate(self.columns):
            values = matrix[PREFIX + column].to_numpy()
            self._values[row, place] = values
            self._is_defined[row] |= not np.isnan(values).all()
        self._release()
        self._window[place] = matrix["window"].to_numpy()
        self._n_events[place] = matrix["n_events"].to_numpy()
        self._label[place] = matrix["label"].fill_null(-1).to_numpy()
        names, codes = coded(matrix["entity"])
        self._entity[place] = codes + len(self._entities)
        self._entities += names
        self._kinds.add(kinds, first=self._filled)
        self._filled += len(matrix)
        self.gap_windows += gap_windows

    def _check(self, matrix: pa.Table) -> None:
        has = set(matrix.column_names)
        missing = [name for name in self.columns if PREFIX + name not in has]
        if missing:
            raise FeatureError(f"not among the configured features: {', '.join(missing)}")

    def drop_undefined(self, features: Iterable[Feature]) -> Mapping[str, str]:
        """Leave out those of `features` that are undefined in every window; name -> why."""
        defined = dict(zip(self.columns, self._is_defined, strict=True))
        reasons = {
            one.name: "undefined in every window of this export"
            for one in features
            if not any(defined[column] for column in one.columns)
        }
        dropped = {column for one in features if one.name in reasons for column in one.columns}
        kept = [row for row, column in enumerate(self.columns) if column not in dropped]
        for row, kept_row in enumerate(kept):
            if row != kept_row:
                self._values[row] = self._values[kept_row]
                self._release()
        self.columns = [self.columns[row] for row in kept]
        self._values = self._values[: len(kept)]
        return reasons

    def _release(self) -> None:
        if self._mapped is not None:
            self._mapped.release()

    def table(self) -> WindowTable:
        """The windows, without an account; to be asked for once, when all groups were added.

        Raises
        ------
        FeatureError : no column is left.
        """
        import pandas as pd

        if not self.columns:
            raise FeatureError("this export can feed none of the configured features")
        return WindowTable(
            X=pd.DataFrame(self._values.T, columns=self.columns, copy=False),
            index=self._index(),
            kinds=self._kinds.frame(),
            unavailable={},
            window_s=self.window_s,
        )

    def _index(self) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa

        start = self._window * (self.window_s * 1_000_000)
        names = pa.array(self._entities, "large_string").take(pa.array(self._entity))
        return pd.DataFrame(
            {
                "entity": pd.Series(names, dtype="str"),
                "start": start.view("datetime64[us]"),
                "end": (start + self.window_s * 1_000_000).view("datetime64[us]"),
                "n_events": self._n_events,
                "label": pd.arrays.BooleanArray(self._label > 0, self._label < 0),
            }
        )
