"""One piece of advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Recommendation"]


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """One line for the operator and the numbers behind it."""

    text: str
    numbers: Mapping[str, float]
