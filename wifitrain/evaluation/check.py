"""One release gate's outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "State", "state_of"]

State = Literal["passed", "failed", "not_measured"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One gate. `blocks`: whether its being not measured keeps a model from release."""

    name: str
    state: State
    required: str
    value: float | None = None
    why: str | None = None
    blocks: bool = True


def state_of(good: bool) -> State:
    """Passed or failed."""
    return "passed" if good else "failed"
