"""Event table -> feature matrix: the room's one component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError, FeatureError
from wifitrain.features.availability import survey_of, why_unavailable
from wifitrain.features.catalogue import catalogue
from wifitrain.features.choice import chosen_features, one_of, whole
from wifitrain.features.collected import CollectedWindows, Questions
from wifitrain.features.facts import facts_of_windows
from wifitrain.features.grid import Span
from wifitrain.features.groups import GROUP_WEIGHT, ONE_GROUP_ROWS, groups_of
from wifitrain.features.kinds import kinds_of_windows
from wifitrain.features.mapped import MappedValues
from wifitrain.features.matrix import matrix_of
from wifitrain.features.rows import ENTITIES, rows_of_entities
from wifitrain.features.stage import Scratch

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd
    import pyarrow as pa

    from wifitrain.engine import Engine
    from wifitrain.features.feature import Feature
    from wifitrain.features.stage import Stage
    from wifitrain.records import EventTable, Json, WindowTable

__all__ = ["WindowFeatures"]

_DAY_S = 86_400


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
        self.window_s = whole("window_s", window_s, 1, _DAY_S)
        self.max_silence_s = whole("max_silence_s", max_silence_s, self.window_s, 366 * _DAY_S)
        self.entity = one_of("entity", entity, ENTITIES)
        self.unavailable = one_of("unavailable", unavailable, ("drop", "error"))
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

    @property
    def is_service_profile(self) -> bool:
        """Whether all that is computed are raw counts for the service."""
        return all(one.name in self._kept for one in self.features)

    def identity(self) -> Mapping[str, Json]:
        """What windows and features depend on beside the events."""
        return {
            "window_s": self.window_s,
            "max_silence_s": self.max_silence_s,
            "entity": self.entity,
            "unavailable": self.unavailable,
            "profile": self.profile,
            "features": [one.name for one in self.features],
            "kept": sorted(self._kept),
        }

    def build(
        self, engine: Engine, events: EventTable, *, columns: Sequence[str] | None = None
    ) -> WindowTable:
        """Windows of `events`, shape (n_windows, n_features), in the order of (entity, start).

        `columns` asks for exactly these columns, as a model that is already trained needs them:
        what this export cannot feed is then zero for a count and NaN for the rest. Raises
        FeatureError where no window or no feature is left, where `unavailable` is `error` and a
        feature cannot be fed, and where a name of `columns` is not a column of the features.
        """
        rows = self._rows_of(events.table)
        survey = survey_of(rows)
        if not survey.programs:
            raise FeatureError(self._why_empty(events.table))
        reasons: dict[str, str] = {}
        if columns is None:
            reasons |= self._refuse(why_unavailable(self._droppable(self.features), survey=survey))
        used = [one for one in self._feeding(columns) if one.name not in reasons]
        asked_for = columns if columns is not None else [c for one in used for c in one.columns]
        left_out = _rows(events.table) - (n_rows := _rows(rows))
        collected = self._collected(engine, events.table, asked_for, n_rows=n_rows)
        if columns is None:
            reasons |= self._refuse(collected.drop_undefined(self._droppable(used)))
        windows = collected.table()
        account = self._account(windows.index, collected.gap_windows, left_out=left_out)
        return replace(windows, unavailable=reasons, account=account)

    def _collected(
        self, engine: Engine, events: ir.Table, columns: Sequence[str], *, n_rows: int
    ) -> CollectedWindows:
        """The answers for all rows: at once, or by groups where many rows are in this process."""
        import pyarrow as pa

        if n_rows <= ONE_GROUP_ROWS or engine.embedded is not engine:
            return self._added(engine, events, columns)
        rows = self._rows_of(events)
        groups = groups_of(
            engine, rows, entity=self.entity, max_silence_s=self.max_silence_s, most=GROUP_WEIGHT
        )
        shape = (len(columns), groups.n_windows)
        collected = CollectedWindows(
            columns,
            n_windows=groups.n_windows,
            window_s=self.window_s,
            values=MappedValues(shape, directory=engine.directory),
        )
        engine.reserve(collected.nbytes)
        for some in groups.events(engine, rows):
            self._added(engine, some, columns, to=collected)
            pa.default_memory_pool().release_unused()  # of what was made of the answers
        return collected

    def _added(
        self,
        engine: Engine,
        events: ir.Table,
        columns: Sequence[str],
        *,
        to: CollectedWindows | None = None,
    ) -> CollectedWindows:
        """The answers for `events` beside those that are there."""
        stage = Scratch(engine)
        asked = self.questions(stage, events, columns=columns)
        matrix = asked.matrix.to_pyarrow()
        if to is None:
            to = CollectedWindows(columns, n_windows=len(matrix), window_s=self.window_s)
            engine.reserve(to.nbytes)  # before the kinds come, and X is filled
        kinds, gap_windows = asked.kinds.to_pyarrow(), int(asked.gap_windows.to_pandas())
        stage.drop()
        to.add(matrix, kinds, gap_windows=gap_windows)
        engine.reserve(to.nbytes)
        return to

    def questions(self, stage: Stage, events: ir.Table, *, columns: Sequence[str]) -> Questions:
        """What `build` asks of `events` for these columns, for a plan that asks it many times."""
        return self._asked(stage, self._rows_of(events), self._feeding(columns))

    def windows_of(
        self, matrix: pa.Table, kinds: pa.Table, *, columns: Sequence[str]
    ) -> WindowTable:
        """The windows that the answers to `questions` make, without an account.

        Raises
        ------
        FeatureError : a name of `columns` is not a column of the features.
        """
        windows = CollectedWindows(columns, n_windows=len(matrix), window_s=self.window_s)
        windows.add(matrix, kinds)
        return windows.table()

    def _rows_of(self, events: ir.Table) -> ir.Table:
        return rows_of_entities(events, entity=self.entity, window_s=self.window_s)

    def _feeding(self, columns: Sequence[str] | None) -> Sequence[Feature]:
        """The features that `columns` belong to; None: all."""
        if columns is None:
            return self.features
        return [one for one in self.features if not one.columns.keys().isdisjoint(columns)]

    def _asked(self, stage: Stage, rows: ir.Table, features: Sequence[Feature]) -> Questions:
        wanted = {fact for one in features for fact in one.facts}
        span = Span(window_s=self.window_s, max_silence_s=self.max_silence_s)
        facts = facts_of_windows(stage, rows, wanted=wanted, span=span)
        return Questions(
            matrix=matrix_of(facts.table, features=features),
            kinds=kinds_of_windows(rows, windows=facts.windows),
            gap_windows=facts.gap_windows,
        )

    def _droppable(self, features: Sequence[Feature]) -> Sequence[Feature]:
        return [one for one in features if one.name not in self._kept]

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

    def _account(
        self, index: pd.DataFrame, gap_windows: int, *, left_out: int
    ) -> Mapping[str, Json]:
        return {
            "profile": self.profile,
            "entity": self.entity,
            "window_s": self.window_s,
            "total": len(index),
            "entities": int(index["entity"].nunique()),
            "empty_windows": int((index["n_events"] == 0).sum()),
            "gap_windows": gap_windows,
            "rows_without_entity": left_out,
        }


def _rows(table: ir.Table) -> int:
    return int(table.count().to_pandas())
