"""What labels on later windows say of two versions, window by window."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from wifitrain.evaluation.paired import precision_difference

if TYPE_CHECKING:
    from wifitrain.pipeline.later import Later
    from wifitrain.records import Json

__all__ = ["precision_gain"]

_SAME = ["entity", "start", "end"]


def precision_gain(champion: Later, candidate: Later) -> dict[str, Json]:
    """`average_precision_gain`: the candidate's minus the champion's, with its paired interval.

    Nothing where the versions judge other windows, or labels of both classes are not there.
    """
    index, theirs = candidate.windows.index, champion.windows.index
    if not index[_SAME].equals(theirs[_SAME]):
        return {}
    labelled = index["label"].notna().to_numpy()
    truth = index["label"][labelled].to_numpy(dtype=int)
    if not 0 < truth.sum() < len(truth):
        return {}
    found = precision_difference(
        truth,
        first=candidate.judged.score[labelled],
        second=champion.judged.score[labelled],
        times=index["start"][labelled].to_numpy("datetime64[s]").astype("int64"),
    )
    if found is None:
        return {}
    return {"average_precision_gain": {**asdict(found), "may_be_chance": found.holds_zero}}
