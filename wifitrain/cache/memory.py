"""Objects that stay in this process, for the next job of a sweep, and are never written down."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

__all__ = ["forget", "forget_made", "recalled", "remembered", "room_for"]

_MOST = 2  # of each kind, unless it is said otherwise: they may be large
_ROOM = 32_000_000  # bytes of one kind; the fewest may take more
_FEWEST_IN_ROOM, _MOST_IN_ROOM = 6, 64

_objects: dict[str, OrderedDict[tuple[object, ...], tuple[Sequence[object], object]]] = {}

T = TypeVar("T")


def remembered(
    kind: str,
    key: str,
    make: Callable[[], T],
    *,
    of: Sequence[object] = (),
    most: int | Callable[[T], int] = _MOST,
) -> T:
    """The object of `key`: made now, or by an earlier job of this process. Not to be changed.

    `of`: what it was made of beside the key, told apart by identity; they are kept with it, so
    that no other object takes theirs. Of each kind the `most` that were asked for last are kept;
    where an object's size decides that, `most` is asked with the object.
    """
    known = _objects.setdefault(kind, OrderedDict())
    whole = (key, *map(id, of))
    if whole not in known:
        known[whole] = (of, make())
    known.move_to_end(whole)
    found = cast("T", known[whole][1])
    room = most(found) if callable(most) else most
    while len(known) > max(room, 1):
        known.popitem(last=False)
    return found


def recalled(kind: str, key: str, *, of: Sequence[object] = ()) -> object | None:
    """What `remembered` would find without making it, or None."""
    found = _objects.get(kind, OrderedDict()).get((key, *map(id, of)))
    return None if found is None else found[1]


def room_for(nbytes: int, *, room: int = _ROOM) -> int:
    """How many objects that keep about `nbytes` each may stay of one kind: a sweep's forests.

    As many as `room` bytes hold, but never under six (the sizes of an ordinary sweep), which may
    take more than that. What several of them share is to be left out of `nbytes`.
    """
    return max(_FEWEST_IN_ROOM, min(_MOST_IN_ROOM, room // max(nbytes, 1)))


def forget_made() -> None:
    """What was made of other objects (`of`) goes, for those are not asked about again."""
    for known in _objects.values():
        for whole in [whole for whole, (of, _) in known.items() if of]:
            del known[whole]


def forget() -> None:
    """What is remembered goes, as it does when the process ends."""
    _objects.clear()
