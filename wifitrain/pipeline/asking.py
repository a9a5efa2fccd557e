"""A person at a terminal looks at the windows of a queue, with explanations and lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import DataError
from wifitrain.light.because import because
from wifitrain.light.lines import LineShelf
from wifitrain.light.model import kinds_of
from wifitrain.printable import printable
from wifitrain.review import open_windows, save_verdict

if TYPE_CHECKING:
    import numpy as np
    from rich.console import Console

    from wifitrain.edge import Judged
    from wifitrain.light import LightModel
    from wifitrain.light.because import Because
    from wifitrain.pseudonyms import Pseudonymiser
    from wifitrain.records import WindowTable

__all__ = ["Answers", "Showcase", "ask"]

_KEYS = {"y": "anomaly", "n": "normal", "u": "unsure"}
_SKIP, _QUIT = "s", "q"
_QUESTION = "anomaly? (y)es, (n)o, (u)nsure, (s)kip, (q)uit"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What came of a sitting: verdicts given, windows skipped, and windows still open."""

    given: int
    skipped: int
    left: int


@dataclass(frozen=True, kw_only=True)
class Showcase:
    """What can be shown of the windows of some logs; their lines are in the open engine."""

    model: LightModel
    windows: WindowTable
    judged: Judged
    shelf: LineShelf
    lines: int  # shown of each window, at most

    @classmethod
    def of(
        cls,
        model: LightModel,
        windows: WindowTable,
        *,
        connection: object,
        names: Pseudonymiser,
        lines: int,
    ) -> Showcase:
        """Windows whose lines are in the tables `events` and `log_rows` of `connection`."""
        shelf = LineShelf(
            connection=connection,  # type: ignore[arg-type]  # DuckDB's
            events="events",
            lines="log_rows",
            text="message",
            entity=model.features.entity,
            pseudonymiser=names,
        )
        judged = model.judge(windows)
        return cls(model=model, windows=windows, judged=judged, shelf=shelf, lines=lines)

    def knows(self, window: Mapping[str, str]) -> bool:
        """Whether a row of the queue is one of these windows."""
        return _key(window) in self._rows

    def told(self, window: Mapping[str, str]) -> Iterator[str]:
        """What is shown of a row of the queue, a line of text each."""
        row = self._rows.get(_key(window))
        if row is None:
            yield "  not in these logs: judge it by its score and reason, or skip it"
            return
        kinds, reason = self._kinds[row], self.judged.reasons[row]
        why = because(self.model, self._values[row], kinds=kinds, reason=reason)
        yield from self._because(why, kinds, row)
        start, end = (_datetime(self.windows.index[side].iat[row]) for side in ("start", "end"))
        spoken = self.shelf.spoken(
            str(self.windows.index["entity"].iat[row]),
            (start, end),
            telling=why.telling,
            most=self.lines,
        )
        yield f"  {len(spoken.lines)} of {max(spoken.total, len(spoken.lines))} lines:"
        yield from (f"    {line}" for line in spoken.lines)

    def _because(self, why: Because, kinds: Sequence[str], row: int) -> Iterator[str]:
        explained, reason = why.explanation, self.judged.reasons[row]
        if reason:
            yield f"  guard: {reason}"
        for name in why.leading:
            factor = 2 ** explained.parts[name]
            yield f"  {name} = {explained.values[name]:.4g}: score times {factor:.2f}"
        if explained.quiet is not None:
            yield f"  {explained.quiet}"
        kinship = self.model.kinship
        nearest = None if kinship is None else kinship.nearest(explained.values, kinds)
        if nearest is not None and self.judged.is_anomaly[row]:
            yield f"  {nearest.hint}"

    @cached_property
    def _rows(self) -> Mapping[tuple[str, datetime], int]:
        index = self.windows.index
        starts = index["start"].dt.to_pydatetime()
        return {
            (entity, start): row
            for row, (entity, start) in enumerate(
                zip(index["entity"].astype(str), starts, strict=True)
            )
        }

    @cached_property
    def _values(self) -> np.ndarray:
        return self.model.values(self.windows)

    @cached_property
    def _kinds(self) -> list[list[str]]:
        return kinds_of(self.windows)


def ask(queue: Path, showcase: Showcase, console: Console) -> Answers:
    """Show each window without a verdict and save what is answered, until the queue or the person
    is at the end. What was skipped comes again at the next sitting.

    Raises
    ------
    DataError : the queue cannot be read or written, or none of its windows is in these logs.
    """
    waiting = open_windows(queue)
    if waiting and not any(map(showcase.knows, waiting)):
        raise DataError(f"{queue}: none of its open windows is in these logs: give source.path")
    given = skipped = 0
    for number, window in enumerate(waiting, start=1):
        _show(console, window, f"{number} of {len(waiting)} open", showcase)
        answer = _answer(console)
        if answer == _QUIT:
            break
        if answer == _SKIP:
            skipped += 1
            continue
        save_verdict(queue, window, _KEYS[answer])
        given += 1
    return Answers(given=given, skipped=skipped, left=len(waiting) - given)


def _show(console: Console, window: Mapping[str, str], place: str, showcase: Showcase) -> None:
    alert = "alert" if window["is_anomaly"].lower() == "true" else "no alert"
    head = f"{window['entity']}, {window['start']} to {window['end']} UTC"
    score = f"score {window['score'][:6]}, {alert}"
    for line in ("", f"{head} | {score} | {place}", *showcase.told(window)):
        # Text from logs: no markup of the terminal's, and no character that acts.
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def _answer(console: Console) -> str:
    """One of the keys; the end of the input is like quitting."""
    from rich.prompt import Prompt

    try:
        return Prompt.ask(
            _QUESTION, console=console, choices=[*_KEYS, _SKIP, _QUIT], show_choices=False
        )
    except EOFError:
        return _QUIT


def _key(window: Mapping[str, str]) -> tuple[str, datetime]:
    entity = window["entity"]
    # The queue's own apostrophe, before what a spreadsheet would run.
    entity = entity[1:] if entity.startswith("'") and entity[1:2] in "=+-@\t\r" else entity
    try:
        return entity, datetime.fromisoformat(window["start"])
    except ValueError as error:
        raise DataError(f"the queue was changed beyond its verdicts: {error}") from error


def _datetime(value: object) -> datetime:
    moment: datetime = value.to_pydatetime()  # type: ignore[attr-defined]  # a pandas Timestamp
    return moment
