"""Objects that stay in this process, for the next job of a sweep, and are never written down."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

__all__ = ["forget", "recalled", "remembered", "room_for"]

_MOST = 2  # of each kind, unless it is said otherwise: they may be large
_ROOM = 32_000_000  # bytes of one kind, where that is more than the fewest
_FEWEST_IN_ROOM, _MOST_IN_ROOM = 6, 64

_objects: dict[str, OrderedDict[tuple[object, ...], tuple[Sequence[object], object]]] = {}

T = TypeVar("T")


def remembered(
    kind: str,
    key: str,
    make: Callable[[], T],
    *,
    of: Sequence[object] = (),
    most: int = _MOST,
) -> T:
    """The object of `key`: made now, or by an earlier job of this process. Not to be changed.

    `of`: what it was made of beside the key, told apart by identity; they are kept with it, so
    that no other object takes theirs. Of each kind the `most` that were asked for last are kept.
    """
    known = _objects.setdefault(kind, OrderedDict())
    whole = (key, *map(id, of))
    if whole not in known:
        known[whole] = (of, make())
    known.move_to_end(whole)
    while len(known) > most:
        known.popitem(last=False)
    return cast("T", known[whole][1])


def recalled(kind: str, key: str, *, of: Sequence[object] = ()) -> object | None:
    """What `remembered` would find without making it, or None."""
    found = _objects.get(kind, OrderedDict()).get((key, *map(id, of)))
    return None if found is None else found[1]


def room_for(nbytes: int) -> int:
    """How many objects of about `nbytes` each may stay of one kind: those of a sweep's forests."""
    return max(_FEWEST_IN_ROOM, min(_MOST_IN_ROOM, _ROOM // max(nbytes, 1)))


def forget() -> None:
    """What is remembered goes, as it does when the process ends."""
    _objects.clear()
