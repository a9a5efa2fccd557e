"""Windows for people to look at, and what their verdicts say of the model."""

from wifitrain.review.estimates import Estimate, Judged, judge_queue
from wifitrain.review.queue import COLUMNS, VERDICTS, pick, read_queue, write_queue

__all__ = [
    "COLUMNS",
    "VERDICTS",
    "Estimate",
    "Judged",
    "judge_queue",
    "pick",
    "read_queue",
    "write_queue",
]
