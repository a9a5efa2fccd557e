"""Reads a page as strictly as one should: every element closed in order, every id once."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "col", "wbr"}
DRAWN = {"path", "use", "rect", "circle", "line"}


@dataclass
class Seen:
    """One element: its tag, its attributes, the text directly and indirectly inside."""

    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]  # tags around it, outermost first
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements of a page in document order."""

    elements: list[Seen] = field(default_factory=list)
    open: list[Seen] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element and what is around it."""
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.faults.append(f"<{tag}> has an attribute twice")
        seen = Seen(
            tag,
            {name: value or "" for name, value in attrs},
            tuple(one.tag for one in self.open),
        )
        self.elements.append(seen)
        if tag not in VOID:
            self.open.append(seen)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """As a start and an end at once."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """It must close what was opened last."""
        if not self.open or self.open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1].tag if self.open else 'nothing'}")
            return
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Text belongs to everything that is open."""
        for one in self.open:
            one.text += data

    def all(self, tag: str) -> list[Seen]:
        """Every element of one tag."""
        return [one for one in self.elements if one.tag == tag]

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [one.attributes["id"] for one in self.elements if "id" in one.attributes]


def read(html: str) -> Page:
    """The page; a fault in its structure is an error of the test that asks."""
    page = Page()
    page.feed(html)
    page.close()
    page.faults += [f"<{one.tag}> is never closed" for one in page.open]
    return page
