"""What was computed before, found again by the digest of what it was made from."""

from wifitrain.cache.arrays import from_bytes, to_bytes
from wifitrain.cache.entry import Entry
from wifitrain.cache.memory import forget, forget_made, recalled, remembered, room_for
from wifitrain.cache.store import Cache, Cleared

__all__ = [
    "Cache",
    "Cleared",
    "Entry",
    "forget",
    "forget_made",
    "from_bytes",
    "recalled",
    "remembered",
    "room_for",
    "to_bytes",
]
