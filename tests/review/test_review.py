"""A queue can be filled in by people, and its verdicts say how good the model is."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wifitrain.errors import DataError
from wifitrain.review import COLUMNS, judge_queue, pick, read_queue, write_queue


def scored_windows(rng: np.random.Generator, n: int = 2_000) -> tuple[pd.DataFrame, np.ndarray]:
    """Scored windows with 3 % alerts, and which of all windows are truly anomalous."""
    truth = rng.random(n) < 0.03
    score = rng.normal(size=n) + 2.5 * truth
    start = pd.Timestamp("2026-03-02") + pd.to_timedelta(300 * np.arange(n), unit="s")
    frame = pd.DataFrame(
        {
            "entity": "ap", "start": start, "end": start + pd.Timedelta(300, unit="s"),
            "score": score, "is_anomaly": score > np.quantile(score, 0.97), "reason": "",
        }
    )  # fmt: skip
    return frame, truth


def filled_in(queue: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    """The queue after people have looked; `truth` by start of window."""
    known = queue["start"].map(truth).astype("boolean")
    return queue.assign(verdict=known, looked_at=True)


def test_the_highest_scores_are_all_looked_at_and_others_at_random() -> None:
    """Each window once, in order of time, and every stratum has someone who speaks for it."""
    frame, _ = scored_windows(np.random.default_rng(0))
    queue = pick(frame, count=100, random_share=0.5, seed=1)
    assert list(queue.columns) == list(COLUMNS)
    assert len(queue) == 100
    assert queue["start"].is_monotonic_increasing
    assert not queue["start"].duplicated().any()
    top = set(frame.nlargest(50, "score")["start"])
    assert set(queue.loc[queue["stratum"] == "top", "start"]) == top
    assert dict(queue["stratum"].value_counts()) == {"top": 50, "quiet": 40, "alerts": 10}
    assert queue.equals(pick(frame, count=100, random_share=0.5, seed=1))
    assert not queue.equals(pick(frame, count=100, random_share=0.5, seed=2))


def test_estimates_come_close_and_intervals_hold() -> None:
    """Over many sites the mean estimate is the truth, which lies in nine of ten intervals."""
    inside = {"precision": 0, "recall": 0}
    error = {"precision": 0.0, "recall": 0.0}
    sites = 100
    for number in range(sites):
        frame, truth = scored_windows(np.random.default_rng(number))
        queue = pick(frame, count=300, random_share=0.8, seed=number)
        judged = judge_queue(filled_in(queue, pd.Series(truth, index=frame["start"])))
        alerts = frame["is_anomaly"].to_numpy()
        true = {
            "precision": truth[alerts].mean(),
            "recall": (truth & alerts).sum() / truth.sum(),
        }
        for name, value in true.items():
            found = getattr(judged, name)
            inside[name] += found.low - 1e-9 <= value <= found.high + 1e-9
            error[name] += (found.value - value) / sites
    assert inside["precision"] >= 90
    assert inside["recall"] >= 90
    assert abs(error["precision"]) < 0.02
    assert abs(error["recall"]) < 0.08


def test_who_looks_at_everything_knows_everything() -> None:
    """Then there is nothing to estimate: intervals shrink to the number."""
    frame, truth = scored_windows(np.random.default_rng(3), 400)
    queue = pick(frame, count=400, random_share=0.5, seed=0)
    judged = judge_queue(filled_in(queue, pd.Series(truth, index=frame["start"])))
    assert judged.anomalies.low == judged.anomalies.high == truth.sum()
    assert judged.precision.low == judged.precision.high
    assert judged.precision.value == pytest.approx(truth[frame["is_anomaly"]].mean())


def test_quiet_windows_that_nobody_judged_leave_recall_unknown() -> None:
    """No verdict, no number."""
    frame, truth = scored_windows(np.random.default_rng(4))
    queue = filled_in(
        pick(frame, count=100, random_share=0.5, seed=0), pd.Series(truth, index=frame["start"])
    )
    queue.loc[queue["stratum"] == "quiet", "verdict"] = pd.NA
    judged = judge_queue(queue)
    assert judged.recall is None
    assert judged.precision is not None
    assert judged.unsure == 40


def test_a_file_comes_back_as_it_was_filled_in(tmp_path: Path) -> None:
    """Verdicts in any case, rows in any order, an empty cell for not looked at."""
    path = tmp_path / "review.csv"
    frame, _ = scored_windows(np.random.default_rng(0))
    frame.loc[frame["score"].idxmax(), "reason"] = '=HYPERLINK("http://example.org")'
    write_queue(pick(frame, count=20, random_share=0.5, seed=1), path)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert not any(row["reason"].startswith("=") for row in rows)
    for row, verdict in zip(rows, ["Anomaly", " normal", "unsure"], strict=False):
        row["verdict"] = verdict
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(reversed(rows))
    queue = read_queue(path).iloc[::-1].reset_index(drop=True)
    assert queue["verdict"].iloc[:2].tolist() == [True, False]
    assert queue["verdict"].isna().sum() == 18
    assert queue["looked_at"].sum() == 3


def test_verdicts_of_people_are_not_overwritten(tmp_path: Path) -> None:
    """Picking again into the same file is refused."""
    path = tmp_path / "review.csv"
    path.write_text("someone's work")
    frame, _ = scored_windows(np.random.default_rng(0))
    with pytest.raises(DataError, match="review.csv is there already"):
        write_queue(pick(frame, count=20, random_share=0.5, seed=1), path)
    assert path.read_text() == "someone's work"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("verdict", "vredict"), "columns verdict are missing"),
        (
            lambda text: "\n".join([text.splitlines()[0], "maybe" + text.splitlines()[1]]),
            "1 verdicts are none of anomaly, normal, unsure: line 2: 'maybe'",
        ),
        (lambda text: text.replace("2026-", "yesterday-"), "changed beyond its verdicts"),
        (lambda _: "", "is not a CSV text"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, change, message: str) -> None:
    """With the line, and what was expected."""
    path = tmp_path / "review.csv"
    frame, _ = scored_windows(np.random.default_rng(0))
    write_queue(pick(frame, count=20, random_share=0.5, seed=1), path)
    path.write_text(change(path.read_text()))
    with pytest.raises(DataError, match=message):
        read_queue(path)


def test_a_queue_without_verdicts_says_nothing(tmp_path: Path) -> None:
    """And says so."""
    path = tmp_path / "review.csv"
    frame, _ = scored_windows(np.random.default_rng(0))
    write_queue(pick(frame, count=20, random_share=0.5, seed=1), path)
    with pytest.raises(DataError, match="no verdict in the queue yet"):
        judge_queue(read_queue(path))
