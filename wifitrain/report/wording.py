"""Numbers and names as a reader wants them. A `Numeral` is text that reads as a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

__all__ = [
    "Numeral", "count", "decimal", "duration", "interval", "moment", "percent", "phrase", "size",
]  # fmt: skip

_NOTHING = "\N{EN DASH}"


class Numeral(str):
    """A formatted number: right-aligned in tables."""

    __slots__ = ()


def phrase(name: str) -> str:
    """A key as words: forced_deauth_count -> forced deauth count."""
    return name.replace("_", " ")


def count(value: float | None) -> Numeral:
    """1824 -> 1,824."""
    return Numeral(_NOTHING if value is None else f"{value:,.0f}")


def decimal(value: float | None, digits: int = 3) -> Numeral:
    """Three significant digits; whole numbers stay whole."""
    if value is None or not math.isfinite(value):
        return Numeral(_NOTHING)
    if value == int(value) and abs(value) < 1e15:
        return Numeral(f"{int(value):,}")
    if abs(value) >= 10**digits:
        return Numeral(f"{value:,.0f}")
    small = abs(value) < 1e-4
    return Numeral(f"{value:.{digits - 1}e}" if small else f"{value:#.{digits}g}".rstrip("."))


def percent(value: float | None, *, digits: int | None = None) -> Numeral:
    """A share: .0376 -> 3.8 %. Never rounded to all or nothing: 99.96 % are over 99.9 %."""
    if value is None:
        return Numeral(_NOTHING)
    if digits is None:
        digits = 0 if value in {0, 1} else 1 if abs(value) >= 0.01 else 2
    shown = f"{value * 100:.{digits}f}"
    if float(shown) >= 100 and value < 1:
        return Numeral("over 99.9 %" if digits else "over 99 %")
    return Numeral(f"{shown} %")


def duration(seconds: float | None) -> Numeral:
    """Seconds in the unit one would say them in."""
    if seconds is None:
        return Numeral(_NOTHING)
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return Numeral(f"{seconds / length:.3g} {unit}")
    return Numeral(f"{seconds * 1000:.3g} ms" if 0 < seconds < 0.1 else f"{seconds:.3g} s")


def size(value: float | None) -> Numeral:
    """Bytes in the unit one would say them in."""
    if value is None:
        return Numeral(_NOTHING)
    for unit, length in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= length:
            return Numeral(f"{value / length:.3g} {unit}")
    return Numeral(f"{value:.0f} B")


def interval(pair: Sequence[float] | None, *, as_percent: bool = False) -> Numeral:
    """Two bounds: 0.85 to 3.11."""
    if not pair:
        return Numeral(_NOTHING)
    show = percent if as_percent else decimal
    return Numeral(f"{show(pair[0])} to {show(pair[1])}")


def moment(text: str | None) -> str:
    """An ISO time to the minute: 2026-03-02 00:15 UTC."""
    if text is None:
        return _NOTHING
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
