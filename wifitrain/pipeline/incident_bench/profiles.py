"""What each kind of incident looks like to this model: the profiles that its alerts are held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wifitrain.cache import remembered
from wifitrain.edge import BenchWindows, Kinship, OrdinaryWindows, learn_kinship, ruler_of
from wifitrain.pipeline.incident_bench.touched import kinds_of
from wifitrain.records import CALIBRATION, FIT, TEST
from wifitrain.simulation import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wifitrain.edge.kinship import Ruler
    from wifitrain.pipeline.incident_bench.injection import Played
    from wifitrain.pipeline.incident_bench.scorers import Verdicts
    from wifitrain.pipeline.incident_bench.touched import Touched
    from wifitrain.pipeline.learning import Learned
    from wifitrain.records import WindowTable

__all__ = ["kinship_of"]


def kinship_of(
    played: Sequence[Played],
    touched: Touched,
    verdicts: Verdicts,
    *,
    windows: WindowTable,
    learned: Learned,
) -> Kinship | None:
    """Profiles from the touched windows that the model alerts on; None where there is none.

    Nothing in them names an access point, a station or a line: columns, and events by their names.
    """
    alerts = verdicts.alerts["model"].touched
    if not alerts.any():
        return None
    guard = learned.guarded.guard
    watched = () if guard is None else guard.features
    columns = list(dict.fromkeys([*learned.trained.detector.feature_names, *watched]))
    trial = touched.index["trial"].to_numpy()[alerts]
    sites = {one.trial.number: one.trial.speaker.name for one in played}
    spans = touched.index.groupby("trial")
    kinds = [touched.kinds_of[row] for row in alerts.nonzero()[0].tolist()]
    known = frozenset() if guard is None else guard.kinds
    said = {kind for found in kinds for kind in found if kind.startswith("event:")}
    return learn_kinship(
        BenchWindows(
            X=touched.X.loc[alerts, columns].to_numpy("float64"),
            kinds=kinds,
            incident=touched.index["kind"].to_numpy(object)[alerts],
            trial=trial,
            site=touched.index["trial"].map(sites).to_numpy(object)[alerts],
            start=spans["start"].transform("min").to_numpy()[alerts],
            end=spans["end"].transform("max").to_numpy()[alerts],
        ),
        _ordinary(windows, learned, columns),
        unseen=set() if guard is None else said - known,
        meanings={name: kind.meaning for name, kind in KINDS.items()},
    )


def _ordinary(windows: WindowTable, learned: Learned, columns: Sequence[str]) -> OrdinaryWindows:
    parts = learned.parts
    alerts = parts.rows(TEST) & learned.scored.is_anomaly

    def measured() -> Ruler:
        seen = parts.rows(FIT) | parts.rows(CALIBRATION)
        return ruler_of(windows.X.loc[seen, columns].to_numpy("float64"), columns)

    of = (windows.X, parts)
    return OrdinaryWindows(
        ruler=remembered("incident_bench.ruler", "\0".join(columns), measured, of=of),
        alerting=windows.X.loc[alerts, columns].to_numpy("float64"),
        alerting_kinds=kinds_of(windows.kinds, alerts),
    )
