"""Scored windows as alerts with their explanations, and those as incidents that are told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wifitrain.features import feature_of_column
from wifitrain.light.because import because
from wifitrain.light.model import kinds_of
from wifitrain.scoring import Aggregator, Window

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.edge import Explanation, Judged
    from wifitrain.light.because import Because
    from wifitrain.light.lines import LineShelf
    from wifitrain.light.model import LightModel
    from wifitrain.records import Json, WindowTable
    from wifitrain.scoring import AlertSettings, Exceptions, Notice

__all__ = ["AlertTeller"]


class AlertTeller:
    """Takes windows in the order of time and tells of incidents, each with its explanation."""

    def __init__(self, model: LightModel, settings: AlertSettings, exceptions: Exceptions) -> None:
        self._model = model
        self._settings = settings
        self._incidents = Aggregator(settings, exceptions)
        self._has_exceptions = bool(exceptions.maintenance or exceptions.allow)
        self._explained: dict[str, dict[str, dict[str, Json]]] = {}  # entity -> start -> alert

    @property
    def suppressed(self) -> Mapping[str, int]:
        """Why -> alerts that were not told."""
        return self._incidents.suppressed

    def tell(
        self, windows: WindowTable, judged: Judged, *, rows: Iterable[int], shelf: LineShelf
    ) -> Iterator[dict[str, Json]]:
        """What the windows in `rows` (numbers of rows of X, in the order of time) open or close."""
        values, kinds = self._model.values(windows), kinds_of(windows)
        for row, scored in _windows(windows, judged, rows):
            window, alert = scored, None
            if scored.alerts and self._is_needed(scored):
                window, alert = self._explain(
                    scored, values[row], kinds[row], judged.reasons[row], shelf
                )
            # A window can close one incident and open the next: the first is told with what was
            # kept for it, and only then does the window's own explanation count.
            notices = list(self._incidents.take(window))
            yield from (self._told(one) for one in notices if one.kind == "closed")
            if alert is not None and self._incidents.holds(window):
                self._keep(window, alert)
            yield from (self._told(one) for one in notices if one.kind == "opened")

    def finish(self) -> Iterator[dict[str, Json]]:
        """Close what is open: the log has ended."""
        for notice in self._incidents.finish():
            yield self._told(notice)

    def to_json(self) -> dict[str, Json]:
        """All that `restore` needs."""
        return {"incidents": self._incidents.to_json(), "explained": self._explained}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where `to_json` was called."""
        self._incidents.restore(state["incidents"])
        self._explained = dict(state["explained"])

    def _explain(
        self,
        window: Window,
        values: np.ndarray,
        kinds: Sequence[str],
        reason: str,
        shelf: LineShelf,
    ) -> tuple[Window, dict[str, Json]]:
        """The window with what led to its alert, and what is told of it."""
        why = because(self._model, values, kinds=kinds, reason=reason)
        spoken = shelf.spoken(
            window.entity,
            (window.start, window.end),
            telling=why.telling,
            most=self._settings.lines,
        )
        alert = _alert(why, reason)
        alert |= {
            "nearest": self._nearest(why.explanation, kinds),
            "lines": list(spoken.lines),
            "lines_in_window": spoken.total,
        }
        told = Window(
            entity=window.entity,
            start=window.start,
            end=window.end,
            score=window.score,
            alerts=True,
            features=tuple(why.features),
            station=spoken.station,
        )
        return told, alert

    def _keep(self, window: Window, alert: Mapping[str, Json]) -> None:
        """For the incident that the window is in, or may yet open: so many may be its peak."""
        since = self._incidents.since(window).isoformat()
        kept = {
            start: told
            for start, told in self._explained.get(window.entity, {}).items()
            if start >= since
        }
        kept[window.start.isoformat()] = {"score": window.score, **alert}
        highest = sorted(kept, key=lambda start: (-_score(kept[start]), start))
        most = self._settings.persistence_of
        self._explained[window.entity] = {start: kept[start] for start in highest[:most]}

    def _is_needed(self, window: Window) -> bool:
        """Whether an explanation could still be shown, or decides over an exception."""
        since = self._incidents.since(window).isoformat()
        kept = self._explained.get(window.entity, {})
        is_lower = sum(
            start >= since and _score(alert) >= window.score for start, alert in kept.items()
        )
        return self._has_exceptions or is_lower < self._settings.persistence_of

    def _nearest(self, explained: Explanation, kinds: Sequence[str]) -> dict[str, Json] | None:
        """The kind of incident that the window resembles; None without profiles."""
        kinship = self._model.kinship
        likeness = None if kinship is None else kinship.nearest(explained.values, kinds)
        return None if likeness is None else likeness.to_json()

    def _told(self, notice: Notice) -> dict[str, Json]:
        incident = notice.incident
        kept = self._explained.get(incident.entity, {})
        alert = dict(kept.get(incident.peak_start.isoformat(), {}))
        alert.pop("score", None)
        if notice.kind == "closed":
            self._explained.pop(incident.entity, None)
        return {
            "incident": incident.id,
            "state": notice.kind,
            "entity": incident.entity,
            "start": incident.start.isoformat(),
            "end": incident.end.isoformat(),
            "alerts": incident.alerts,
            "peak_start": incident.peak_start.isoformat(),
            "peak_score": incident.peak_score,
            "threshold": self._model.edge.threshold,
            "model": self._model.version,
            **alert,
        }


def _windows(
    windows: WindowTable, judged: Judged, rows: Iterable[int]
) -> Iterator[tuple[int, Window]]:
    """Each of `rows` with its window; whole columns are turned at once, for there may be many."""
    entities = windows.index["entity"].astype(str).tolist()
    starts, ends = (_datetimes(windows.index[side]) for side in ("start", "end"))
    for row in rows:
        yield (
            row,
            Window(
                entity=entities[row],
                start=starts[row],
                end=ends[row],
                score=float(judged.score[row]),
                alerts=bool(judged.is_anomaly[row]),
            ),
        )


def _datetimes(times: pd.Series[Any]) -> list[datetime]:
    moments: list[datetime] = times.to_numpy().astype("datetime64[us]").tolist()
    return moments


def _alert(why: Because, reason: str) -> dict[str, Json]:
    explained, shown = why.explanation, why.leading
    return {
        "raised_by": "guard" if reason else "estimator",
        "reason": reason or None,
        "estimator_score": explained.score,
        "because": [
            {
                "feature": name,
                "value": explained.values[name],
                "part": explained.parts[name],
                "unit": feature_of_column(name).unit,
            }
            for name in shown
        ],
        "base": explained.base,
        "others": sum(part for name, part in explained.parts.items() if name not in shown),
        "quiet": None if explained.quiet is None else str(explained.quiet),
    }


def _score(alert: Mapping[str, Json]) -> float:
    score = alert["score"]
    return float(score) if isinstance(score, int | float) else 0.0


def order_of_time(index: pd.DataFrame, rows: np.ndarray) -> list[int]:
    """`rows` by the end of their windows, then by entity: the order in which they are told."""
    ordered = index.iloc[rows].assign(row=rows).sort_values(["end", "entity"], kind="stable")
    return [int(row) for row in ordered["row"]]
