"""Blocks to HTML: one template, everything escaped, nothing fetched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import WifitrainError
from wifitrain.printable import printable
from wifitrain.report.wording import Numeral

if TYPE_CHECKING:
    from jinja2 import Environment

    from wifitrain.report.blocks import Badge, Section

__all__ = ["Page", "render", "write_whole"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A whole page. `headline` is its first sentence, `badge` the state beside the title."""

    title: str
    subtitle: str
    headline: str
    badge: Badge | None
    sections: Sequence[Section]


def render(page: Page) -> str:
    """The page as one HTML document without any reference to the outside."""
    return _environment().get_template("page.html").render(page=page)


def write_whole(path: Path, html: str) -> None:
    """Write the page, or nothing.

    Raises
    ------
    WifitrainError : the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(html, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise WifitrainError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("wifitrain.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["numeral"] = lambda value: isinstance(value, Numeral)
    return environment


def _shown(value: object) -> object:
    """Text from logs without a character that acts: ESC, bidi marks and others become escapes."""
    from markupsafe import Markup

    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
