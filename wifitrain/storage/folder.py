"""A models folder as it is: whatever only reads, without a lock, on a read-only mount too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.storage import archive, catalogue, comparison, history
from wifitrain.storage.durable import fault_as_error
from wifitrain.storage.package import Package, load_package

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue, Model
    from wifitrain.storage.comparison import Difference
    from wifitrain.storage.history import History
    from wifitrain.storage.layout import Layout

__all__ = ["ModelFolder"]


class ModelFolder:
    """The versions in a folder, their files and their past."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.directory = layout.root

    def versions(self) -> list[Model]:
        """Every published version in the order of arrival, the newest last."""
        return self.catalogue().models

    def catalogue(self) -> Catalogue:
        """Versions, folders that are none, and the history, as they are now."""
        return catalogue.read(self._layout)

    def find(self, version: str) -> Model:
        """One version with its metadata; RegistryError where there is none."""
        return self.catalogue().find(version)

    def load(self, version: str, *, trust_pickle: bool = False) -> Package:
        """A version with its estimator; SHA-256 digests are compared before anything is parsed.

        A pickle is code: one that was not written by this folder's trainings (imported, copied
        in) is only loaded with `trust_pickle`.

        Raises
        ------
        PackageError : damaged, not trusted, or trained with another minor scikit-learn.
        RegistryError : no such version.
        """
        return load_package(self.catalogue(), version, trust_pickle=trust_pickle)

    def verify(self, version: str) -> list[str]:
        """What is wrong with a version, one line each; empty = exactly what was published."""
        seen = self.catalogue()
        return seen.faults(seen.find(version))

    def history(self) -> History:
        """What was done here, oldest first; appended to, never rewritten."""
        return history.read(self._layout.history)

    def as_of(self, moment: datetime) -> dict[str, str]:
        """Model name -> the version that was live at `moment` (UTC where it has no zone)."""
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        records = self.history().records
        return history.live(r for r in records if datetime.fromisoformat(r.at) <= moment)

    def diff(self, first: str, second: str) -> list[Difference]:
        """Where the metadata and the dependencies of two versions differ."""
        seen = self.catalogue()
        return comparison.compare(seen.find(first), seen.find(second))

    def export_zip(self, version: str, *, destination: str = ".") -> Path:
        """Write `<version>_deployment.zip` into the folder `destination`; returns its path."""
        with fault_as_error(self._layout):
            return archive.export(self.find(version), Path(destination))
