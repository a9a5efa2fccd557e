"""The guard: what a forest is blind to because it never saw it vary.

An isolation forest never splits on a column that was constant in training, and its score stops
growing beyond the training range. The guard knows, for each column, the range seen so far with a
margin from its own spread, and which events and message templates were ever seen. A window outside
is raised above every score of the calibration part, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError
from wifitrain.training.checks import check_flag, check_number

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.records import Json

__all__ = ["GuardSettings", "NoveltyGuard"]

_REASONS_SHOWN = 3
_ROWS_AT_ONCE = 8192
#: A spread is at least this share of the range: a count that was 0, 1 or 2 may well become 3.
_SPREAD_OF_RANGE = 1 / 6


class GuardSettings:
    """How the guard judges.

    Parameters
    ----------
    enabled : False shows what the estimator alone does.
    margin : standard deviations beyond the training range that are still inside, above 0.
    ignore : patterns of features that the guard leaves alone, such as the calendar's.
    """

    def __init__(
        self, *, enabled: bool = True, margin: float = 3.0, ignore: Sequence[str] = ()
    ) -> None:
        check_flag("guard.enabled", enabled)
        check_number("guard.margin", margin, above=0)
        if isinstance(ignore, str) or not all(isinstance(pattern, str) for pattern in ignore):
            raise ConfigError(f"guard.ignore must be a list of feature patterns, got {ignore!r}")
        self.enabled = enabled
        self.margin = float(margin)
        self.ignore = list(ignore)

    def watches(self, feature: str) -> bool:
        """Whether the guard looks at `feature`."""
        return not any(fnmatchcase(feature, pattern) for pattern in self.ignore)


@dataclass(frozen=True, kw_only=True)
class NoveltyGuard:
    """Ranges of columns and kinds of line seen so far.

    `low`, `high`, `spread` (standard deviation, at least a sixth of the range): shape
    (n_features,), NaN for a column without values. `kinds`: seen
    events and templates as ``event:NAME`` and ``template:TEXT``.
    """

    features: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    kinds: frozenset[str]
    settings: GuardSettings

    @classmethod
    def fit(cls, X: pd.DataFrame, kinds: pd.DataFrame, *, settings: GuardSettings) -> NoveltyGuard:
        """Learn from windows X and the `kinds` that occurred in them (WindowTable.kinds)."""
        import numpy as np

        features = tuple(name for name in X.columns if settings.watches(name))
        watched = X[list(features)]
        low, high = (extreme.to_numpy("float64") for extreme in (watched.min(), watched.max()))
        deviation = watched.std(ddof=0).to_numpy("float64")
        return cls(
            features=features,
            low=low,
            high=high,
            spread=np.fmax(deviation, (high - low) * _SPREAD_OF_RANGE),
            kinds=frozenset(kinds["kind"].unique()),
            settings=settings,
        )

    def extended(self, X: pd.DataFrame, kinds: pd.DataFrame) -> NoveltyGuard:
        """The guard that has seen these later windows too; spreads stay those of the fit."""
        import numpy as np

        watched = X[list(self.features)]
        return NoveltyGuard(
            features=self.features,
            low=np.fmin(self.low, watched.min().to_numpy("float64")),
            high=np.fmax(self.high, watched.max().to_numpy("float64")),
            spread=self.spread,
            kinds=self.kinds | frozenset(kinds["kind"].unique()),
            settings=self.settings,
        )

    def excess(self, X: pd.DataFrame, kinds: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        """How far each window lies outside, and why.

        Returns
        -------
        excess : shape (n,); 0 inside, else the largest distance beyond range and margin in
            spreads of its column; infinite for a kind or a constant column that is new.
        reasons : '' inside, else the columns and kinds that are outside.
        """
        import numpy as np

        excess = self._farthest(X)
        new = kinds[~kinds["kind"].isin(self.kinds)]
        excess[new["window"].unique()] = np.inf
        reasons = [""] * len(X)
        novelties = new["kind"].astype("str").groupby(new["window"]).agg(sorted).to_dict()
        outside = np.flatnonzero(excess > 0)
        values = X.iloc[outside][list(self.features)].to_numpy("float64")
        for window, row, distance in zip(outside, values, self._distance(values), strict=True):
            beyond = np.flatnonzero(distance > 0)
            ordered = beyond[np.argsort(-distance[beyond], kind="stable")]
            reasons[window] = _reason(
                [f"unseen {kind}" for kind in novelties.get(window, [])]
                + [self._beyond(column, row[column]) for column in ordered]
            )
        return excess, reasons

    def to_json(self) -> dict[str, Json]:
        """The guard as plain data: what the package carries."""
        columns: dict[str, Json] = {
            name: {"low": float(low), "high": float(high), "spread": float(spread)}
            for name, low, high, spread in zip(
                self.features, self.low, self.high, self.spread, strict=True
            )
            if low == low  # a column without values has no range  # noqa: PLR0124
        }
        return {"margin": self.settings.margin, "columns": columns, "kinds": sorted(self.kinds)}

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> NoveltyGuard:
        """The guard that `to_json` wrote."""
        import numpy as np

        columns: Mapping[str, Mapping[str, float]] = data["columns"]  # type: ignore[assignment]
        arrays = {
            key: np.array([column[key] for column in columns.values()], dtype=np.float64)
            for key in ("low", "high", "spread")
        }
        return cls(
            features=tuple(columns),
            kinds=frozenset(data["kinds"]),  # type: ignore[arg-type]
            settings=GuardSettings(margin=float(data["margin"])),  # type: ignore[arg-type]
            **arrays,
        )

    def _farthest(self, X: pd.DataFrame) -> np.ndarray:
        """Largest distance of each window, shape (n,); a piece of X at a time."""
        import numpy as np

        farthest = np.zeros(len(X))
        for at in range(0, len(X), _ROWS_AT_ONCE):
            piece = X.iloc[at : at + _ROWS_AT_ONCE][list(self.features)].to_numpy("float64")
            farthest[at : at + len(piece)] = self._distance(piece).max(axis=1, initial=0.0)
        return farthest

    def _distance(self, values: np.ndarray) -> np.ndarray:
        """Distance beyond range and margin in spreads, shape (n, n_features); 0 inside or NaN."""
        import numpy as np

        outside = np.fmax(self.low - values, values - self.high)
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = np.where(outside > 0, outside / self.spread - self.settings.margin, 0.0)
        inside_is_zero: np.ndarray = np.fmax(np.nan_to_num(distance, nan=0.0, posinf=np.inf), 0.0)
        return inside_is_zero

    def _beyond(self, column: int, value: float) -> str:
        low, high = self.low[column], self.high[column]
        return f"{self.features[column]} {value:.4g} outside {low:.4g}..{high:.4g}"


def _reason(parts: Sequence[str]) -> str:
    shown = "; ".join(parts[:_REASONS_SHOWN])
    more = len(parts) - _REASONS_SHOWN
    return f"{shown} (+{more} more)" if more > 0 else shown
