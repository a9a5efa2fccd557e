"""Event table -> feature matrix: the room's one component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError, FeatureError
from wifitrain.features.availability import survey_of, why_unavailable
from wifitrain.features.catalogue import catalogue
from wifitrain.features.choice import chosen_features
from wifitrain.features.facts import Facts, Span, facts_of_windows
from wifitrain.features.kinds import kinds_of_windows
from wifitrain.features.rows import ENTITIES, rows_of_entities
from wifitrain.records import WindowTable

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.features.feature import Feature
    from wifitrain.records import EventTable, Json

__all__ = ["WindowFeatures"]

_DAY_S = 86_400
_INDEX = ("entity", "start", "end", "n_events", "label")


class WindowFeatures:
    """Builds windows and their features, as one Ibis expression after another.

    Parameters
    ----------
    window_s : length of a window in seconds, 1 to 86400; windows start at multiples of it (UTC).
    entity : what a window belongs to: `access_point`, `interface` or `station`.
    numeric, categorical, temporal, derived, counts : names of the catalogue, each in the list of
        its group; the columns of X come in this order. Those of `counts` are never dropped.
    unavailable : `drop` leaves out features that the export cannot feed, `error` refuses them.
    max_silence_s : a longer silence says nothing of the access point: those windows do not exist.
    profile : name of this choice of features, for the account.
    """

    def __init__(
        self,
        *,
        window_s: int = 300,
        entity: str = "access_point",
        numeric: Sequence[str] = (),
        categorical: Sequence[str] = (),
        temporal: Sequence[str] = (),
        derived: Sequence[str] = (),
        counts: Sequence[str] = (),
        unavailable: str = "drop",
        max_silence_s: int = _DAY_S,
        profile: str = "custom",
    ) -> None:
        self.window_s = _whole("window_s", window_s, 1, _DAY_S)
        self.max_silence_s = _whole("max_silence_s", max_silence_s, self.window_s, 366 * _DAY_S)
        self.entity = _one_of("entity", entity, ENTITIES)
        self.unavailable = _one_of("unavailable", unavailable, ("drop", "error"))
        if not isinstance(profile, str) or not profile:
            raise ConfigError(f"features.profile must be a name, got {profile!r}")
        self.profile = profile
        self.features = chosen_features(
            {
                "numeric": numeric,
                "categorical": categorical,
                "temporal": temporal,
                "derived": derived,
                "counts": counts,
            },
            catalogue=catalogue(),
        )
        self._kept = frozenset(counts)

    @property
    def columns(self) -> Sequence[str]:
        """Columns of X when every chosen feature is available."""
        return [column for one in self.features for column in one.columns]

    def build(
        self, engine: Engine, events: EventTable, *, columns: Sequence[str] | None = None
    ) -> WindowTable:
        """Windows of `events`, shape (n_windows, n_features), in the order of (entity, start).

        `columns` asks for exactly these columns, as a model that is already trained needs them:
        what this export cannot feed is then zero for a count and NaN for the rest. Raises
        FeatureError where no window or no feature is left, where `unavailable` is `error` and a
        feature cannot be fed, and where a name of `columns` is not a column of the features.
        """
        rows = rows_of_entities(events.table, entity=self.entity, window_s=self.window_s)
        survey = survey_of(rows)
        if not survey.programs:
            raise FeatureError(self._why_empty(events.table))
        reasons = {} if columns is not None else why_unavailable(self.features, survey=survey)
        used = [one for one in self.features if one.name in self._kept or one.name not in reasons]
        wanted = {fact for one in used for fact in one.facts}
        span = Span(window_s=self.window_s, max_silence_s=self.max_silence_s)
        facts = facts_of_windows(engine, rows, wanted=wanted, span=span)
        X, index = self._matrix(facts.table, used)
        if columns is None:
            undefined = _undefined(X, [one for one in used if one.name not in self._kept])
            reasons = self._refuse({**reasons, **undefined})
            X = X[[c for one in used if one.name not in undefined for c in one.columns]]
        else:
            X = _exactly(X, columns)
        if X.shape[1] == 0:
            raise FeatureError(f"this export can feed none of the features: {'; '.join(reasons)}")
        return WindowTable(
            X=X,
            index=index,
            kinds=kinds_of_windows(engine, rows, facts=facts.table),
            unavailable={name: why for name, why in reasons.items() if name not in self._kept},
            window_s=self.window_s,
            account=self._account(facts, index, _rows(events.table) - _rows(rows)),
        )

    def _matrix(
        self, facts: ir.Table, features: Sequence[Feature]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        import pandas as pd

        formulas: dict[str, object] = {
            f"x_{column}": formula(facts).cast("float64")
            for one in features
            for column, formula in one.columns.items()
        }
        keys = ("entity", "window", "n_events", "label")
        frame = facts.order_by("entity", "window").select(*keys, **formulas).to_pandas()
        start = pd.to_datetime(frame["window"] * self.window_s, unit="s").astype("datetime64[us]")
        index = pd.DataFrame(
            {
                "entity": frame["entity"],
                "start": start,
                "end": start + pd.Timedelta(seconds=self.window_s),
                "n_events": frame["n_events"].astype("int64"),
                "label": frame["label"].astype("Int64").astype("boolean"),
            }
        )
        X = frame[list(formulas)].astype("float64")
        return X.rename(columns=lambda name: name.removeprefix("x_")), index[list(_INDEX)]

    def _refuse(self, reasons: Mapping[str, str]) -> Mapping[str, str]:
        if reasons and self.unavailable == "error":
            named = "; ".join(f"{name}: {why}" for name, why in reasons.items())
            raise FeatureError(
                f"{len(reasons)} features unavailable (features.unavailable=error): {named}"
            )
        return reasons

    def _why_empty(self, events: ir.Table) -> str:
        if events.filter(events.event != "other").count().to_pandas() == 0:
            return "no line of a WiFi program in this export: nothing to build windows from"
        return f"no WiFi line names its {self.entity}: use features.entity=access_point"

    def _account(self, facts: Facts, index: pd.DataFrame, left_out: int) -> Mapping[str, Json]:
        return {
            "profile": self.profile,
            "entity": self.entity,
            "window_s": self.window_s,
            "total": len(index),
            "entities": int(index["entity"].nunique()),
            "empty_windows": int((index["n_events"] == 0).sum()),
            "gap_windows": facts.gap_windows,
            "rows_without_entity": left_out,
        }


def _rows(table: ir.Table) -> int:
    return int(table.count().to_pandas())


def _undefined(X: pd.DataFrame, features: Sequence[Feature]) -> Mapping[str, str]:
    empty = X.isna().all()
    return {
        one.name: "undefined in every window of this export"
        for one in features
        if all(empty[column] for column in one.columns)
    }


def _exactly(X: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    missing = [name for name in columns if name not in X.columns]
    if missing:
        raise FeatureError(
            f"these columns are not among the configured features: {', '.join(missing)}"
        )
    return X[list(columns)]


def _whole(key: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ConfigError(
            f"features.{key} must be a whole number in [{low}, {high}], got {value!r}"
        )
    return value


def _one_of(key: str, value: object, allowed: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise ConfigError(f"features.{key} must be one of {', '.join(allowed)}, got {value!r}")
    return value
