"""Alerts arrive at real servers, wait while those are down, and keep to the limits."""

from __future__ import annotations

import datetime as dt
import email
from collections.abc import Iterator
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.loopback import Web, free_port, mail_server, web_server
from wifitrain.errors import ConfigError
from wifitrain.monitoring import Alerting, Courier, Notice, Notifier

#: A plugin of Apprise imports it on Pythons that still have it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def a_notice(number: int = 1, **changed: Any) -> Notice:
    """A notice of group `office`."""
    return Notice(
        **{"group": "office", "title": f"alert {number}", "body": f"window {number}", **changed}
    )


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """A web server that `other` and `slack` point to."""
    with web_server() as server:
        monkeypatch.setenv("WIFITRAIN_ALERT_URLS", f"json://127.0.0.1:{server.port}/hook")
        monkeypatch.setenv(
            "WIFITRAIN_SLACK_URL",
            "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        )
        yield server


def notifier(folder: Path, **options: Any) -> Notifier:
    """A notifier of the webhook alone, unless told otherwise."""
    return Notifier(
        Alerting(**{"other_notifications": True, "spool": str(folder / "spool"), **options})
    )


def test_an_alert_reaches_mail_webhook_and_slack(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each in its own shape, once."""
    from apprise.plugins.slack import NotifySlack

    monkeypatch.setattr(NotifySlack, "webhook_url", f"http://127.0.0.1:{web.port}/services")
    port = free_port()
    monkeypatch.setenv(
        "WIFITRAIN_EMAIL_URL", f"mailto://127.0.0.1:{port}?from=ap@example.org&to=me@example.org"
    )
    one = notifier(tmp_path, email_notifications=True, slack_notifications=True)
    with mail_server(port) as mails:
        one.tell(a_notice())
        assert one.deliver() == 3
    assert one.deliver() == 0
    (mail,) = (email.message_from_string(text, policy=default) for text in mails)
    assert mail["To"].endswith("me@example.org>") or mail["To"] == "me@example.org"
    assert mail["Subject"] == "alert 1"
    posts = dict(web.posts)
    assert posts["/hook"]["title"] == "alert 1"
    (slack,) = (content for path, content in web.posts if path.startswith("/services"))
    assert "window 1" in str(slack)
    assert one.waiting() == 0


def test_nothing_is_lost_while_a_receiver_is_down(web: Web, tmp_path: Path) -> None:
    """Tried again later and later, through a restart; then everything arrives once, in order."""
    web.down = True
    one = notifier(tmp_path)
    for number in range(5):
        one.tell(a_notice(number, group=f"group {number}"), now=NOON)
        assert one.deliver(now=NOON + number * MINUTE / 60) == 0
    assert one.waiting() == 5
    web.down = False
    later = notifier(tmp_path)
    assert later.deliver(now=NOON + MINUTE / 2) == 0, "too early for another try"
    assert later.deliver(now=NOON + 2 * MINUTE) == 5
    assert [content["title"] for _, content in web.posts] == [f"alert {n}" for n in range(5)]
    assert later.waiting() == 0


def test_a_receiver_that_is_down_holds_up_no_other(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that works gets its message once, the other goes on waiting."""
    dead = f"json://127.0.0.1:{free_port()}/dead"
    monkeypatch.setenv("WIFITRAIN_ALERT_URLS", f"{dead} json://127.0.0.1:{web.port}/hook")
    one = notifier(tmp_path)
    one.tell(a_notice(), now=NOON)
    assert one.deliver(now=NOON) == 1
    assert one.deliver(now=NOON + 5 * MINUTE) == 0
    assert len(web.posts) == 1
    assert one.waiting() == 1


def test_retries_come_later_each_time(web: Web, tmp_path: Path) -> None:
    """A minute, two, four: a receiver that is down for a day is not asked a thousand times."""
    web.down = True
    one = notifier(tmp_path)
    one.tell(a_notice(), now=NOON)
    tries = [minute for minute in range(60) if _was_asked(one, NOON + minute * MINUTE)]
    assert tries == [0, 1, 3, 7, 15, 31]


def _was_asked(one: Notifier, now: dt.datetime) -> bool:
    import json

    state = Path(one.alerting.spool) / "receivers.json"
    before = json.loads(state.read_text())["other"]["failures"] if state.exists() else 0
    one.deliver(now=now)
    return json.loads(state.read_text())["other"]["failures"] > before


def test_alerts_of_one_group_leave_as_one(web: Web, tmp_path: Path) -> None:
    """After the grouping time, with all their words."""
    one = notifier(tmp_path, group_s=300)
    for number in range(3):
        one.tell(a_notice(number), now=NOON)
    assert one.deliver(now=NOON + MINUTE) == 0
    assert one.deliver(now=NOON + 6 * MINUTE) == 1
    (content,) = (content for _, content in web.posts)
    assert content["title"] == "alert 0 (+2 more)"
    assert all(f"window {number}" in content["message"] for number in range(3))


def test_a_long_group_leaves_in_parts_and_whole(web: Web, tmp_path: Path) -> None:
    """Not a word of ten long alerts is cut."""
    one = notifier(tmp_path)
    for number in range(10):
        one.tell(a_notice(number, body=f"window {number} " + "x" * 1_500), now=NOON)
    assert one.deliver(now=NOON) == 5
    text = " ".join(content["message"] for _, content in web.posts)
    assert text.count("x") == 15_000
    assert all(f"window {number}" in text for number in range(10))


def test_no_more_than_the_limit_leaves_in_an_hour(web: Web, tmp_path: Path) -> None:
    """The rest waits for the next hour and leaves as one."""
    one = notifier(tmp_path, max_per_hour=2)
    sent = 0
    for number in range(10):
        moment = NOON + number * MINUTE
        one.tell(a_notice(number), now=moment)
        sent += one.deliver(now=moment)
    assert sent == 2
    assert one.deliver(now=NOON + 61 * MINUTE) == 1
    assert web.posts[-1][1]["title"] == "alert 2 (+7 more)"
    assert one.waiting() == 0


def test_quiet_hours_hold_back_what_is_not_critical(web: Web, tmp_path: Path) -> None:
    """Over midnight and in the operator's own zone."""
    one = notifier(tmp_path, quiet_hours=["22:00", "06:30"], timezone="Europe/Berlin")
    night = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)  # 23:00 in Berlin
    one.tell(a_notice(1), now=night)
    one.tell(a_notice(2, group="alarm", critical=True), now=night)
    assert one.deliver(now=night) == 1
    assert web.posts[0][1]["title"] == "alert 2"
    assert one.deliver(now=night + 7 * 60 * MINUTE) == 0
    assert one.deliver(now=night + 8 * 60 * MINUTE) == 1


def test_a_courier_delivers_while_the_work_goes_on(web: Web, tmp_path: Path) -> None:
    """What is told last leaves at the end of the block."""
    one = notifier(tmp_path)
    with Courier(one, interval_s=3600):
        one.tell(a_notice())
        assert web.posts == []
    assert len(web.posts) == 1


def test_a_failed_delivery_ends_nothing_and_names_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Neither log nor output nor spool holds the token of the URL."""
    monkeypatch.setenv("WIFITRAIN_ALERT_URLS", f"json://me:hunter2@127.0.0.1:{free_port()}/t0ken")
    one = notifier(tmp_path)
    one.tell(a_notice())
    assert one.deliver() == 0
    everything = caplog.text + "".join(capfd.readouterr())
    everything += "".join(path.read_text() for path in (tmp_path / "spool").glob("*.json"))
    assert "delivery failed" in everything
    assert "hunter2" not in everything
    assert "t0ken" not in everything


def test_hostile_names_cannot_drive_a_receiver(web: Web, tmp_path: Path) -> None:
    """Control characters arrive escaped."""
    one = notifier(tmp_path)
    one.tell(a_notice(title="ap \x1b[2J", body="line\r\nSubject: x\u202e"))
    one.deliver()
    assert "\x1b" not in str(web.posts)
    assert "\\x1b[2J" in web.posts[0][1]["title"]
    assert "\u202e" not in web.posts[0][1]["message"]


@pytest.mark.usefixtures("web")
def test_an_unreadable_message_stops_no_other(tmp_path: Path) -> None:
    """It stays where it is, for a person to look at."""
    one = notifier(tmp_path)
    one.tell(a_notice())
    broken = tmp_path / "spool" / "00000000000000000000-aa.json"
    broken.write_text("{")
    assert one.deliver() == 1
    assert broken.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"email_notifications": True},
            "monitoring.alerting.email_notifications=true needs the variable WIFITRAIN_EMAIL_URL",
        ),
        ({"slack_notifications": True}, "needs the variable WIFITRAIN_SLACK_URL"),
        ({"max_per_hour": 0}, "monitoring.alerting.max_per_hour must be a whole number"),
        ({"quiet_hours": ["late"]}, "monitoring.alerting.quiet_hours must be null or two times"),
        ({"timezone": "Mars/Olympus"}, "monitoring.alerting.timezone must be such as"),
        ({"retry_s": -1}, "monitoring.alerting.retry_s must be above 0, got -1"),
        ({"group_s": "x"}, "monitoring.alerting.group_s must be above 0, got 'x'"),
        ({"spool": ""}, "monitoring.alerting.spool must be a folder"),
    ],
)
def test_unusable_settings_are_named(
    options: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the key, and the variable that is missing."""
    for variable in ("WIFITRAIN_EMAIL_URL", "WIFITRAIN_SLACK_URL"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigError, match=message):
        Alerting(**options)


@pytest.mark.usefixtures("web")
def test_without_alerting_nobody_is_told(tmp_path: Path) -> None:
    """Not even the spool."""
    one = notifier(tmp_path, enabled=False)
    one.tell(a_notice())
    assert one.deliver() == 0
    assert not (tmp_path / "spool").exists()
