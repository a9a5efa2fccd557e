"""Scores over time at each access point, and how they are distributed in each part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.report.blocks import Block, Figure, Key, Prose, Section, Table
from wifitrain.report.charts.histograms import draw_score_histogram
from wifitrain.report.charts.palette import ACCENT, ALERT, CSS_VARIABLES, INK, TRUTH
from wifitrain.report.charts.scores import INCIDENT_KEYS, SCORE_KEYS, Scores, draw_scores
from wifitrain.report.wording import count, decimal

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.report.run import Run

__all__ = ["timeline"]

_ENTITIES = 12
_PARTS = ("fit", "calibration", "test")
Span = tuple[np.datetime64, np.datetime64]


def timeline(run: Run) -> Section | None:
    """One chart for each access point, those with most alerts first."""
    frame = run.windows
    if frame.empty:
        return None
    flagged = frame["is_anomaly"].groupby(frame["entity"].astype(str)).sum()
    names = sorted(flagged.index, key=lambda name: (-int(flagged[name]), name))
    span, y_range, parts = _span(frame), _y_range(frame), _parts(frame)
    blocks: list[Block] = []
    for i, name in enumerate(names[:_ENTITIES]):
        own = frame[frame["entity"].astype(str) == name]
        scores = _scores(own, parts, _injected(run, name))
        keys = _keys(run) if i == 0 else ()
        blocks.append(_figure(f"scores-{i}", (own, scores), (span, y_range), keys=keys))
    if len(names) > _ENTITIES:
        told = f"{len(names) - _ENTITIES} access points with fewer alerts are not drawn."
        blocks.append(Prose((f"{told} Their windows are in windows.parquet.",)))
    blocks.append(_histogram(run))
    return Section(
        id="scores",
        title="Scores over time",
        lead="The line is the score of the estimator alone, higher is more anomalous. Alerts of the"
        " guard stand in the lane above, whatever their score. Shaded: not fitted.",
        blocks=blocks,
    )


def _scores(
    frame: pd.DataFrame, parts: dict[str, Span], injected: tuple[np.ndarray, np.ndarray]
) -> Scores:
    frame = frame.sort_values("start", kind="stable")
    flagged = frame["is_anomaly"].to_numpy(bool)
    above = frame["estimator_score"].to_numpy(float) > frame["threshold"].to_numpy(float)
    return Scores(
        start=frame["start"].to_numpy(),
        score=frame["estimator_score"].to_numpy(float),
        by_estimator=flagged & above,
        by_guard=flagged & frame["reason"].str.startswith("guard").to_numpy(bool),
        threshold=float(frame["threshold"].iloc[0]),
        window_s=(frame["end"] - frame["start"]).iloc[0].total_seconds(),
        parts=parts,
        truth=_truth(frame),
        noticed=injected[0],
        missed=injected[1],
    )


def _figure(
    chart: str,
    found: tuple[pd.DataFrame, Scores],
    ranges: tuple[Span, tuple[float, float]],
    *,
    keys: Sequence[Key],
) -> Figure:
    frame, scores = found
    return Figure(
        chart=draw_scores(chart, scores, span=ranges[0], y_range=ranges[1]),
        title=str(frame["entity"].iloc[0]),
        text=_told(scores),
        keys=keys,
        table=_by_part(frame),
    )


def _keys(run: Run) -> list[Key]:
    """The legend of all charts, above the first."""
    labelled = any(label is True for label in _plain(run.windows["label"]))
    injected = run.incidents is not None and len(run.incidents) > 0
    return [
        *(SCORE_KEYS if labelled else SCORE_KEYS[:-1]),
        *(INCIDENT_KEYS if injected else ()),
    ]


def _injected(run: Run, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Starts of the incidents injected at one access point: noticed by the model, and not."""
    nothing = np.array([], dtype="datetime64[us]")
    if run.incidents is None:
        return nothing, nothing
    own = run.incidents[run.incidents["access_point"] == name]
    noticed = own["detected_model"].to_numpy(bool)
    return own["start"].to_numpy()[noticed], own["start"].to_numpy()[~noticed]


def _told(scores: Scores) -> str:
    own, guard = scores.by_estimator, scores.by_guard
    by = (int((own & ~guard).sum()), int((guard & ~own).sum()), int((own & guard).sum()))
    return (
        f"{len(own):,} windows; {sum(by)} alerts in all parts: {by[0]} by the estimator, {by[1]} by"
        f" the guard, {by[2]} by both. The threshold is {decimal(scores.threshold)}."
    )


def _by_part(frame: pd.DataFrame) -> Table:
    rows = []
    for part in _PARTS:
        found = frame[frame["part"] == part]
        if len(found):
            scores = found["estimator_score"]
            numbers = map(decimal, (scores.min(), scores.median(), scores.max()))
            rows.append([part, count(len(found)), *numbers, count(found["is_anomaly"].sum())])
    head = ("part", "windows", "lowest score", "median", "highest", "alerts")
    return Table(caption="Scores by part", head=head, rows=rows)


def _parts(frame: pd.DataFrame) -> dict[str, Span]:
    by_part = {part: frame[frame["part"] == part] for part in _PARTS}
    return {part: _span(found) for part, found in by_part.items() if len(found)}


def _span(frame: pd.DataFrame) -> Span:
    return frame["start"].to_numpy().min(), frame["end"].to_numpy().max()


def _truth(frame: pd.DataFrame) -> list[Span]:
    """Runs of windows labelled anomalous, as spans."""
    marked = np.array([label is True or label == 1 for label in _plain(frame["label"])], dtype=bool)
    begins = np.flatnonzero(np.diff(marked.astype(int), prepend=0) == 1)
    ends = np.flatnonzero(np.diff(marked.astype(int), append=0) == -1)
    starts, stops = frame["start"].to_numpy(), frame["end"].to_numpy()
    return [(starts[i], stops[j]) for i, j in zip(begins, ends, strict=True)]


def _plain(labels: pd.Series) -> list[object]:
    return labels.astype(object).where(labels.notna(), None).tolist()


def _y_range(frame: pd.DataFrame) -> tuple[float, float]:
    """From the lowest to the highest score of the estimator, with room for the threshold."""
    scores, threshold = frame["estimator_score"], float(frame["threshold"].iloc[0])
    low, high = min(float(scores.min()), threshold), max(float(scores.max()), threshold)
    margin = 0.06 * (high - low) or 0.1
    return low - margin, high + margin


def _histogram(run: Run) -> Figure:
    frame = run.windows
    scores = {
        part: frame.loc[frame["part"] == part, "estimator_score"].to_numpy(float)
        for part in _PARTS
        if (frame["part"] == part).any()
    }
    threshold = float(frame["threshold"].iloc[0])
    found = run.part("evaluation", "advanced_metrics", "score_distribution")
    variables = {"fit": ACCENT, "calibration": TRUTH, "test": ALERT}
    return Figure(
        chart=draw_score_histogram("histogram", scores, threshold=threshold, width_in=8.8),
        title="Distribution of the scores",
        text="Share of windows by score of the estimator in each part. Parts that lie apart mean"
        f" that the network changed. The threshold is {decimal(threshold)}.",
        keys=(
            *(
                Key(CSS_VARIABLES[variables[part]], "area" if part == "fit" else "line", part)
                for part in scores
            ),
            Key(CSS_VARIABLES[INK], "dash", "threshold"),
        ),
        table=_percentiles(found) if found else None,
    )


def _percentiles(found: dict[str, Any]) -> Table:
    points = list(next(iter(found.values()))["percentiles"])
    rows = [
        [
            part,
            count(one["n"]),
            *(decimal(one[key]) for key in ("mean", "std", "min")),
            *(decimal(one["percentiles"][point]) for point in points),
            decimal(one["max"]),
        ]
        for part, one in found.items()
    ]
    head = ("part", "windows", "mean", "std", "lowest", *(f"{p} %" for p in points), "highest")
    caption = "Scores with the guard, by part"
    return Table(caption=caption, head=head, rows=rows)
