"""Windows for people to look at, and what their verdicts say of the model."""

from wifitrain.review.answers import open_windows, save_verdict
from wifitrain.review.estimates import Estimate, Judged, judge_queue
from wifitrain.review.queue import COLUMNS, VERDICTS, pick, read_queue, write_queue

__all__ = [
    "COLUMNS",
    "VERDICTS",
    "Estimate",
    "Judged",
    "judge_queue",
    "open_windows",
    "pick",
    "read_queue",
    "save_verdict",
    "write_queue",
]
