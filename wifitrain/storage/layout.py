"""Where everything lies in a models folder, and which names mean what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from wifitrain.errors import RegistryError
from wifitrain.storage.signing import Signatures

__all__ = ["VERSION_NAME", "Layout"]

#: `model_` makes it text on a Hydra command line and visible to the service's scan.
VERSION_NAME = re.compile(r"model_[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)


@dataclass(frozen=True)
class Layout:
    """The places of a models folder, and whose packages are taken from it.

    Whatever is ours and no version has a name that begins with a dot.
    """

    root: Path
    signatures: Signatures = field(default_factory=Signatures)

    @property
    def index(self) -> Path:
        """The consumer's flat index, derived from the version folders."""
        return self.root / "model_registry.json"

    @property
    def history(self) -> Path:
        """Append-only account of what was done: one JSON object a line."""
        return self.root / ".history.ndjson"

    @property
    def lock(self) -> Path:
        """Whoever changes the folder holds this; readers never do."""
        return self.root / ".lock"

    @property
    def trash(self) -> Path:
        """Pruned versions on their way out."""
        return self.root / ".trash"

    @property
    def backup(self) -> Path:
        """A deployment ZIP of each pruned version."""
        return self.root / ".backup"

    def staging(self, version: str) -> Path:
        """Where `version` is put together before it is published."""
        return self.root / f".staging-{version}"

    def folder(self, version: str) -> Path:
        """The folder of `version`; RegistryError where that is no version's name."""
        if not isinstance(version, str) or not VERSION_NAME.fullmatch(version):
            raise RegistryError(
                f"{version!r} is not the name of a version, such as model_20260101_120000_1a2b3c4d"
            )
        return self.root / version
