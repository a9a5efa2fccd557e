"""Delivering what waits: alerts that a receiver could not take, or that came in quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.monitoring import Notifier
from wifitrain.pipeline.context import Outcome, RunContext

if TYPE_CHECKING:
    from wifitrain.monitoring import Monitoring

__all__ = ["DeliverRun"]


@dataclass(frozen=True, kw_only=True)
class DeliverRun:
    """The receivers and their spool."""

    monitoring: Monitoring

    def run(self, context: RunContext) -> Outcome:  # noqa: ARG002 - every run takes one
        """Send what is due; what a receiver does not take goes on waiting."""
        notifier = Notifier(self.monitoring.alerting)
        sent = notifier.deliver()
        return Outcome(closing=f"{sent} messages sent, {notifier.waiting()} alerts wait")
