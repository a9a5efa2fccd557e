"""Objects that stay in this process, for the next job of a sweep, and are never written down."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar, cast

__all__ = ["remembered"]

_MOST = 2  # they may be large

_objects: OrderedDict[str, object] = OrderedDict()

T = TypeVar("T")


def remembered(key: str, make: Callable[[], T]) -> T:
    """The object of `key`: made now, or by an earlier job of this process. Not to be changed."""
    if key not in _objects:
        _objects[key] = make()
    _objects.move_to_end(key)
    while len(_objects) > _MOST:
        _objects.popitem(last=False)
    return cast("T", _objects[key])
