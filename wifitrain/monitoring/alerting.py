"""The configuration of who is told, and when; where they are is a secret of the environment."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wifitrain.errors import ConfigError
from wifitrain.monitoring.checks import check_count, check_flag, check_number

__all__ = ["Alerting"]

#: Key -> the variable with its Apprise URL and an example; a URL holds a password or a token.
_CHANNELS: Mapping[str, tuple[str, str]] = {
    "email": ("WIFITRAIN_EMAIL_URL", "mailtos://user:password@smtp.example.org?to=me@example.org"),
    "slack": ("WIFITRAIN_SLACK_URL", "https://hooks.slack.com/services/..."),
    "other": ("WIFITRAIN_ALERT_URLS", "jsons://example.org/hook ntfys://topic"),
}


class Alerting:
    """Who is told. The log always is.

    Parameters
    ----------
    enabled : False tells nobody, not even the log.
    email_notifications, slack_notifications, other_notifications : send to the Apprise URL in
        WIFITRAIN_EMAIL_URL, WIFITRAIN_SLACK_URL, or to the URLs (separated by blanks) in
        WIFITRAIN_ALERT_URLS: a webhook is ``jsons://host/path``.
    spool : folder where messages wait until they are delivered.
    group_s : seconds that a message waits for others of its kind, to leave as one; 0: none.
    max_per_hour : most messages an hour to each receiver; the rest waits and leaves as one.
    quiet_hours : two times of day such as ["22:00", "06:30"] between which only what is critical
        is sent, or None.
    timezone : the zone of `quiet_hours`.
    retry_s : seconds until a failed delivery is tried again, doubled each time up to 64 times it.

    Raises
    ------
    ConfigError : a value out of range, or a channel that is on without its variable.
    """

    def __init__(
        self,
        *,
        enabled: bool = True,
        email_notifications: bool = False,
        slack_notifications: bool = False,
        other_notifications: bool = False,
        spool: str = "monitoring/spool",
        group_s: float = 0,
        max_per_hour: int = 12,
        quiet_hours: Sequence[str] | None = None,
        timezone: str = "UTC",
        retry_s: float = 60,
    ) -> None:
        wanted = {
            "email": email_notifications,
            "slack": slack_notifications,
            "other": other_notifications,
        }
        check_flag("alerting.enabled", enabled)
        for channel, value in wanted.items():
            check_flag(f"alerting.{channel}_notifications", value)
        if not isinstance(spool, str) or not spool:
            raise ConfigError(f"monitoring.alerting.spool must be a folder, got {spool!r}")
        self.enabled = enabled
        self.channels = [channel for channel, value in wanted.items() if value and enabled]
        self.spool = spool
        self.group_s = 0.0 if group_s == 0 else check_number("alerting.group_s", group_s)
        self.max_per_hour = check_count("alerting.max_per_hour", max_per_hour)
        self.retry_s = check_number("alerting.retry_s", retry_s)
        self._zone = _zone(timezone)
        self._quiet = _quiet(quiet_hours)
        self.receivers()

    def receivers(self) -> dict[str, str]:
        """Name -> Apprise URL, read from the environment now; the names alone may be shown."""
        found: dict[str, str] = {}
        for channel in self.channels:
            variable, example = _CHANNELS[channel]
            urls = os.environ.get(variable, "").split()
            if not urls:
                raise ConfigError(
                    f"monitoring.alerting.{channel}_notifications=true needs the variable"
                    f" {variable}, such as {example}"
                )
            for number, url in enumerate(urls, start=1):
                found[channel if len(urls) == 1 else f"{channel}-{number}"] = url
        if found and find_spec("apprise") is None:
            raise ConfigError(
                "monitoring.alerting sends through Apprise, which is not installed:"
                " pip install 'wifitrain[alerts]'"
            )
        return found

    def is_quiet(self, now: dt.datetime) -> bool:
        """Whether `now` (with a zone) lies within the quiet hours."""
        if self._quiet is None:
            return False
        begins, ends = self._quiet
        time = now.astimezone(self._zone).time()
        return begins <= time < ends if begins < ends else time >= begins or time < ends


def _zone(name: object) -> ZoneInfo:
    try:
        return ZoneInfo(name)  # type: ignore[arg-type]
    except (ZoneInfoNotFoundError, TypeError, ValueError) as error:
        raise ConfigError(
            f"monitoring.alerting.timezone must be such as Europe/Berlin, got {name!r}"
        ) from error


def _quiet(hours: object) -> tuple[dt.time, dt.time] | None:
    if hours is None:
        return None
    try:
        begins, ends = (dt.time.fromisoformat(text) for text in hours)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise ConfigError(
            "monitoring.alerting.quiet_hours must be null or two times such as"
            f' ["22:00", "06:30"], got {hours!r}'
        ) from error
    return begins, ends
