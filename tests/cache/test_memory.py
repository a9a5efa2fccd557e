"""What stays in the process is found again for the same key and the very same objects."""

from __future__ import annotations

import re
from pathlib import Path

import wifitrain
from wifitrain.cache import forget, recalled, remembered, room_for


def test_equal_things_are_not_the_same_thing() -> None:
    """An object is told apart by what it was made of, not by what that looks like."""
    forget()
    first, second = [1], [1]
    made = remembered("sum", "key", object, of=(first,))
    assert remembered("sum", "key", object, of=(first,)) is made
    assert remembered("sum", "key", object, of=(second,)) is not made
    assert remembered("sum", "key", object) is not made
    assert remembered("product", "key", object, of=(first,)) is not made


def test_what_was_asked_for_last_stays() -> None:
    """As many of each kind as were allowed."""
    forget()
    one = remembered("kind", "one", object, most=2)
    two = remembered("kind", "two", object, most=2)
    assert remembered("kind", "one", object, most=2) is one
    remembered("kind", "three", object, most=2)
    assert remembered("kind", "one", object, most=2) is one
    assert remembered("kind", "two", object, most=2) is not two


def test_a_kind_of_large_objects_keeps_fewer() -> None:
    """By their bytes; the sizes of an ordinary sweep always have room."""
    assert room_for(0) == room_for(1_000) > room_for(1_000_000) > room_for(1_000_000_000) >= 5


def test_what_is_known_is_recalled_and_never_made() -> None:
    """Under the same key and of the very same objects."""
    forget()
    source = [1]
    assert recalled("kind", "one", of=(source,)) is None
    made = remembered("kind", "one", object, of=(source,))
    assert recalled("kind", "one", of=(source,)) is made
    assert recalled("kind", "one", of=([1],)) is None


def test_every_kind_names_its_room() -> None:
    """All kinds of the process lie in one place: two rooms with one word would share an object."""
    asked = re.compile(r"\b(?:remembered|recalled|shared|shared_by_\w+)\(\s*(f?)\"([^\"]*)\"")
    package = Path(wifitrain.__file__).parent
    found = [
        (str(file.relative_to(package)), is_formatted, kind)
        for file in package.rglob("*.py")
        for is_formatted, kind in asked.findall(file.read_text())
    ]
    assert len(found) > 25
    rooms = {name: Path(name).with_suffix("").parts for name, _, _ in found}
    assert not [
        (name, kind)
        for name, is_formatted, kind in found
        if is_formatted or kind.partition(".")[0] not in rooms[name] or "." not in kind
    ]
    assert len({kind for _, _, kind in found}) == len(found)
