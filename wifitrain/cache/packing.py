"""The file of one entry: its digest first, then names and sizes, then the contents.

Nothing is parsed before the digest of every byte behind it was compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

__all__ = ["pack", "unpack"]

_MAGIC = b"wifitrain cache 1\n"
_DIGEST_BYTES = 32
_LENGTH_BYTES = 8


def pack(contents: Mapping[str, bytes]) -> bytes:
    """One byte string that holds every content under its name."""
    head = json.dumps([[name, len(content)] for name, content in contents.items()]).encode()
    body = b"".join([len(head).to_bytes(_LENGTH_BYTES, "little"), head, *contents.values()])
    return _MAGIC + hashlib.sha256(body).digest() + body


def unpack(packed: bytes) -> dict[str, bytes] | None:
    """What `pack` was given, or None where a single bit is not as it was written."""
    start = len(_MAGIC) + _DIGEST_BYTES
    stated, body = packed[len(_MAGIC) : start], memoryview(packed)[start:]
    if packed[: len(_MAGIC)] != _MAGIC or hashlib.sha256(body).digest() != stated:
        return None
    length = int.from_bytes(body[:_LENGTH_BYTES], "little")
    at = _LENGTH_BYTES + length
    contents: dict[str, bytes] = {}
    for name, size in json.loads(bytes(body[_LENGTH_BYTES:at])):
        contents[name] = bytes(body[at : at + size])
        at += size
    return contents
