"""Notices to people: grouped, within limits, tried again; never an end to the run that sends."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from wifitrain.log import get_logger
from wifitrain.monitoring.spool import Notice, Receiver, Spool, Waiting
from wifitrain.printable import printable

if TYPE_CHECKING:
    from wifitrain.monitoring.alerting import Alerting

__all__ = ["Courier", "Notifier"]

_log = get_logger("wifitrain")
_HOUR_S = 3_600
_MOST_DOUBLINGS = 6
_LONGEST_BODY = 4_000  # characters; chats refuse or cut longer ones


class Notifier:
    """Tells receivers through Apprise.

    A message that was sent just before a crash may be sent twice; none is lost.
    """

    def __init__(self, alerting: Alerting) -> None:
        self.alerting = alerting
        self._spool = Spool(Path(alerting.spool))

    def tell(self, notice: Notice, *, now: dt.datetime | None = None) -> None:
        """Log `notice` and keep it for every receiver; `deliver` sends it.

        A disk that takes no message is logged and ends nothing.
        """
        if not self.alerting.enabled:
            return
        _log.warning("alert", title=notice.title, group=notice.group)
        receivers = list(self.alerting.receivers())
        if receivers:
            try:
                self._spool.add(notice, receivers, now=_now(now).timestamp())
            except OSError as error:
                _log.error("alert not kept for delivery", title=notice.title, error=str(error))

    def deliver(self, *, now: dt.datetime | None = None) -> int:
        """Send what is due; the number of messages that left. Raises nothing about receivers."""
        from filelock import FileLock, Timeout

        urls, moment = self.alerting.receivers(), _now(now)
        if not urls or not self._spool.folder.is_dir():
            return 0
        try:
            # Who finds the spool taken leaves: its messages are being delivered.
            with (
                FileLock(self._spool.folder / ".lock", timeout=0),
                self._spool.receivers() as known,
            ):
                return sum(
                    self._serve(name, url, known.setdefault(name, Receiver()), moment)
                    for name, url in urls.items()
                )
        except Timeout:
            return 0
        except OSError as error:
            _log.error("alerts not delivered", error=str(error))
            return 0

    def waiting(self) -> int:
        """How many notices are not delivered to everybody yet."""
        return len(self._spool.waiting())

    def _serve(self, name: str, url: str, receiver: Receiver, moment: dt.datetime) -> int:
        """Send one receiver's groups, oldest first, until a limit or a failure."""
        now, sent = moment.timestamp(), 0
        receiver.sent = [at for at in receiver.sent if at > now - _HOUR_S]
        for group in self._groups(name, moment):
            if now < receiver.retry_at or len(receiver.sent) >= self.alerting.max_per_hour:
                break
            if not _send(url, *_message([waiting.notice for _, waiting in group])):
                receiver.failures += 1
                doublings = min(receiver.failures - 1, _MOST_DOUBLINGS)
                receiver.retry_at = now + self.alerting.retry_s * 2**doublings
                _log.warning("delivery failed", receiver=name, failures=receiver.failures)
                break
            receiver.failures, receiver.retry_at = 0, 0.0
            receiver.sent.append(now)
            sent += 1
            for path, waiting in group:
                self._spool.delivered(path, waiting, name)
        return sent

    def _groups(self, name: str, moment: dt.datetime) -> list[list[tuple[Path, Waiting]]]:
        """What is due for a receiver, by group and in parts that fit into a message."""
        quiet = self.alerting.is_quiet(moment)
        groups: dict[str, list[tuple[Path, Waiting]]] = {}
        for path, waiting in self._spool.waiting().items():
            if name in waiting.receivers and (waiting.notice.critical or not quiet):
                groups.setdefault(waiting.notice.group, []).append((path, waiting))
        ripe = moment.timestamp() - self.alerting.group_s
        return [
            part
            for group in groups.values()
            for part in _parts(group)
            if group[0][1].since <= ripe or any(waiting.notice.critical for _, waiting in group)
        ]


class Courier:
    """Delivers in a thread of its own while something else runs: ``with Courier(notifier): ...``.

    At the end of the block it delivers once more.
    """

    def __init__(self, notifier: Notifier, *, interval_s: float = 5.0) -> None:
        self._notifier = notifier
        self._interval_s = interval_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._notifier.deliver()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            self._notifier.deliver()


def _parts(group: list[tuple[Path, Waiting]]) -> list[list[tuple[Path, Waiting]]]:
    """A group in parts whose words fit into one message each, in order."""
    parts: list[list[tuple[Path, Waiting]]] = []
    room = 0
    for path, waiting in group:
        letters = len(waiting.notice.title) + len(waiting.notice.body)
        if letters > room or not parts:
            parts.append([])
            room = _LONGEST_BODY
        parts[-1].append((path, waiting))
        room -= letters
    return parts


def _message(notices: list[Notice]) -> tuple[str, str]:
    """Title and body of a group; control characters of hostile names are escaped."""
    first = notices[0]
    more = f" (+{len(notices) - 1} more)" if len(notices) > 1 else ""
    bodies = [first.body, *(f"{notice.title}\n{notice.body}" for notice in notices[1:])]
    body = "\n".join(printable(line) for line in "\n\n".join(bodies).splitlines())
    if len(notices) == 1 and len(body) > _LONGEST_BODY:
        body = f"{body[:_LONGEST_BODY]}\n... cut: {len(body)} characters"
    return printable(first.title) + more, body


def _send(url: str, title: str, body: str) -> bool:
    """One message through Apprise; its own log may hold parts of the URL and stays silent."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    try:
        sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="wifitrain"))
        known = sender.add(url)
        return bool(known and sender.notify(title=title, body=body))
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises must not end a run
        _log.warning("delivery raised", error=type(error).__name__)
        return False


def _now(now: dt.datetime | None) -> dt.datetime:
    return now or dt.datetime.now(dt.UTC)
