"""Values of a JSON document, each of the kind it must be or refused by its place."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from wifitrain.errors import PackageError

__all__ = ["Section", "parse"]

_MOST_BYTES = 16_000_000
_MOST_TEXT = 16_384  # a message of 4,096 characters with its masks


def parse(content: bytes, *, name: str) -> Section:
    """The object that strict JSON `content` holds; else PackageError that begins with `name`."""
    if len(content) > _MOST_BYTES:
        raise PackageError(f"{name}: {len(content)} bytes, over {_MOST_BYTES}")
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_without_doubles, parse_constant=_constant
        )
    except RecursionError as error:
        raise PackageError(f"{name}: nested too deep") from error
    except ValueError as error:
        raise PackageError(f"{name}: not strict JSON: {error}") from error
    return Section(value, place=name)


class Section:
    """An object of the document: every value is asked for by its key and its kind.

    Each method raises PackageError where the value is missing or of another kind.
    """

    def __init__(self, value: object, *, place: str) -> None:
        if not isinstance(value, dict):
            raise PackageError(f"{place}: must be an object, not {type(value).__name__}")
        self._values: dict[str, Any] = value
        self.place = place

    def only(self, keys: Iterable[str]) -> None:
        """Refuse keys that mean nothing here."""
        unknown = sorted(self._values.keys() - set(keys))
        if unknown:
            raise PackageError(f"{self.place}: {ascii(unknown[0])[:100]} does not belong there")

    def names(self) -> list[str]:
        """The keys of an object whose keys are names."""
        return [self._text(name, "a key") for name in self._values]

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self._values.get(key) is not None

    def section(self, key: str) -> Section:
        """The object under `key`."""
        return Section(self._value(key), place=f"{self.place}: {ascii(key)[:100]}")

    def sections(self, key: str) -> list[Section]:
        """The list of objects under `key`."""
        return [
            Section(value, place=f"{self.place}: {key}[{number}]")
            for number, value in enumerate(self._list(key))
        ]

    def text(self, key: str) -> str:
        """Text of at most 16,384 characters."""
        return self._text(self._value(key), key)

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        return [self._text(value, f"{key}[{n}]") for n, value in enumerate(self._list(key))]

    def number(
        self, key: str, *, least: float = -math.inf, most: float = math.inf, above: bool = False
    ) -> float:
        """A finite number from `least` (or `above` it) to `most`."""
        value = self._value(key)
        number = self._number(value, key)
        if not least <= number <= most or (above and number == least):
            raise PackageError(f"{self.place}: {key} is out of range: {_shown(value)}")
        return number

    def numbers(self, key: str, *, least: float, most: float) -> list[float]:
        """A list of finite numbers from `least` to `most`."""
        found = [self._number(value, f"{key}[{n}]") for n, value in enumerate(self._list(key))]
        for place, number in enumerate(found):
            if not least <= number <= most:
                raise PackageError(f"{self.place}: {key}[{place}] is out of range: {number}")
        return found

    def integer(self, key: str, *, least: int, most: int) -> int:
        """A whole number, written as one, from `least` to `most`."""
        value = self._value(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise PackageError(
                f"{self.place}: {key} must be {least} to {most}, not {_shown(value)}"
            )
        return value

    def _value(self, key: str) -> object:
        if key not in self._values:
            raise PackageError(f"{self.place}: {ascii(key)[:100]} is missing")
        return self._values[key]

    def _list(self, key: str) -> Sequence[object]:
        value = self._value(key)
        if not isinstance(value, list):
            raise PackageError(f"{self.place}: {key} must be a list, not {type(value).__name__}")
        return value

    def _number(self, value: object, key: str) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise PackageError(f"{self.place}: {key} must be a number, not {_shown(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise PackageError(f"{self.place}: {key} is out of range: {_shown(value)}")
        return number

    def _text(self, value: object, key: str) -> str:
        if not isinstance(value, str) or len(value) > _MOST_TEXT:
            raise PackageError(f"{self.place}: {key} must be text of {_MOST_TEXT} characters")
        try:  # JSON can spell halves of a character, which no file or terminal takes
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise PackageError(f"{self.place}: {key} is not whole text") from error
        return value


def _shown(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > 1_000:  # too long to be written out
        return "a huge number"
    return ascii(value)[:60]


def _without_doubles(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {ascii(key)[:100]} occurs twice")
        found[key] = value
    return found


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
