"""A follower watched from outside: its incidents sent to people, its counts read by Prometheus."""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wifitrain.monitoring import Alerting, Courier, ModelMetrics, Notice, Notifier

if TYPE_CHECKING:
    from wifitrain.light.follower import Step

__all__ = ["Watch", "add_watching", "incident_notice", "watch_of"]

_LINES = 10


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Whom a follower tells beside its output.

    `port` serves the metrics over HTTP on this machine, `textfile` is rewritten after each step.
    A message may be sent twice after a kill; none is lost, and none holds up the follower.
    """

    metrics: ModelMetrics
    notifier: Notifier
    port: int | None = None
    textfile: Path | None = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Deliver and serve as long as the block runs."""
        with ExitStack() as stack:
            if self.notifier.alerting.channels:
                stack.enter_context(Courier(self.notifier))
            if self.textfile is not None:
                self.metrics.continue_from(self.textfile)
            if self.port is not None:
                server, thread = self.metrics.serve(self.port)
                stack.callback(thread.join)
                stack.callback(server.server_close)
                stack.callback(server.shutdown)
            yield

    def step(self, step: Step, *, seconds: float) -> None:
        """Count what a step of the follower brought, and tell of the incidents that it opened."""
        if step.windows is not None:
            anomalies = int(step.windows["is_anomaly"].sum())
            self.metrics.scored(windows=len(step.windows), anomalies=anomalies, seconds=seconds)
        if self.textfile is not None:
            self.metrics.write(self.textfile)
        for one in step.told:
            if one["state"] == "opened":
                self.notifier.tell(incident_notice(one))


def add_watching(parser: argparse.ArgumentParser) -> None:
    """The options of `watch_of`."""
    add = parser.add_argument_group("telling (while following)").add_argument
    add("--notify", nargs="+", choices=("email", "slack", "other"), default=[],
        help="send incidents to the URLs in WIFITRAIN_EMAIL_URL, WIFITRAIN_SLACK_URL,"
        " WIFITRAIN_ALERT_URLS")  # fmt: skip
    add("--spool", default="monitoring/spool", metavar="DIR",
        help="where messages wait for delivery (default: monitoring/spool)")  # fmt: skip
    add("--max-per-hour", type=int, default=12, metavar="N", help="messages (default: 12)")
    add("--quiet-hours", nargs=2, metavar=("FROM", "TO"), help="such as 22:00 06:30, UTC")
    add("--metrics-port", type=int, metavar="PORT", help="serve Prometheus on 127.0.0.1")
    add("--metrics-file", metavar="FILE", help="write node_exporter's textfile, ending in .prom")


def watch_of(chosen: argparse.Namespace, folder: Path) -> Watch:
    """What was chosen on the command line, for the version in `folder` (which was proven).

    Raises
    ------
    ConfigError : a channel without its variable, or hours that are none.
    """
    alerting = Alerting(
        email_notifications="email" in chosen.notify,
        slack_notifications="slack" in chosen.notify,
        other_notifications="other" in chosen.notify,
        spool=chosen.spool,
        max_per_hour=chosen.max_per_hour,
        quiet_hours=chosen.quiet_hours,
    )
    written = json.loads((folder / "metadata.json").read_text("utf-8"))["model_info"]["created_at"]
    created = dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC)
    return Watch(
        metrics=ModelMetrics(version=folder.resolve().name, trained_at=created.timestamp()),
        notifier=Notifier(alerting),
        port=chosen.metrics_port,
        textfile=None if chosen.metrics_file is None else Path(chosen.metrics_file),
    )


def incident_notice(one: Mapping[str, Any]) -> Notice:
    """An incident that has just begun, in words."""
    parts = [f"{part['feature']} {part['value']:.4g}" for part in one.get("because", ())[:3]]
    told = [
        f"since {one['start']} UTC, score {one['peak_score']:.3f} above {one['threshold']:.3f}",
        *_some("because", [str(one["reason"])] if one.get("reason") else parts),
        *([one["nearest"]["hint"]] if one.get("nearest") else []),
        *one.get("lines", ())[:_LINES],
    ]
    return Notice(
        group=f"incident on {one['entity']}",
        title=f"wifitrain: incident on {one['entity']}",
        body="\n".join(map(str, told)),
    )


def _some(word: str, parts: Iterable[str]) -> list[str]:
    found = ", ".join(parts)
    return [f"{word}: {found}"] if found else []
