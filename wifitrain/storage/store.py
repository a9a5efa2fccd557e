"""The door of the room: everything that touches a models folder goes through ModelStore."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import WifitrainError
from wifitrain.records import StoredModel
from wifitrain.storage import archive, catalogue, deployment, history, retention
from wifitrain.storage.durable import fault_as_error, writing
from wifitrain.storage.folder import ModelFolder
from wifitrain.storage.index import write_index
from wifitrain.storage.keys import check_place
from wifitrain.storage.layout import Layout
from wifitrain.storage.metadata import Identity, utc_text
from wifitrain.storage.package_files import draft
from wifitrain.storage.publish import claimed, new_name, only_name, publish
from wifitrain.storage.retention import Pruning, Retention
from wifitrain.storage.settings import check_settings
from wifitrain.storage.settling import settle
from wifitrain.storage.signing import Signatures, signer

if TYPE_CHECKING:
    from wifitrain.records import PackageContents
    from wifitrain.storage.catalogue import Catalogue, Model

__all__ = ["ModelStore"]

_log = logging.getLogger(__name__)


class ModelStore(ModelFolder):
    """A folder of model versions and what may be done with them.

    Whatever changes the folder holds its lock, and can be killed at any moment: the next command
    finishes or forgets it.

    Parameters
    ----------
    directory : the models folder; made when the first version is written. Never below a path
        with two components named `backend`: the service deletes such trees.
    version_format : strftime format of the UTC time in a version's name; letters, digits, `_` and
        `-`, in an order that sorts by time.
    keep_last_n_versions : newest versions that are kept (candidates counted apart, a sweep as
        one); None keeps all. Deployed and pinned versions, and the one a rollback would return
        to, are kept besides.
    backup_enabled : keep a deployment ZIP of each pruned version in `.backup`.
    compression : compress model.joblib.
    retention_days : days after which a backup is removed; None keeps it.
    signing_key : Ed25519 private key (PEM) that signs what is written: a file, or the name of an
        environment variable that holds it; None signs nothing.
    require_signature : load, deploy and import only what a trusted key has signed; None: where
        trusted keys are given.
    trusted_keys : public keys (PEM): a file, a folder of them, or the name of a variable; None:
        what WIFITRAIN_TRUSTED_KEYS names.
    """

    def __init__(
        self,
        *,
        directory: str = "models",
        version_format: str = "%Y%m%d_%H%M%S",
        keep_last_n_versions: int | None = 5,
        backup_enabled: bool = True,
        compression: bool = True,
        retention_days: float | None = 30,
        signing_key: str | None = None,
        require_signature: bool | None = None,
        trusted_keys: str | None = None,
    ) -> None:
        self._retention = Retention(
            keep_last_n_versions=keep_last_n_versions,
            backup_enabled=backup_enabled,
            retention_days=retention_days,
        )
        check_settings(directory, version_format, compression, self._retention)
        signatures = Signatures.asked(required=require_signature, trusted_keys=trusted_keys)
        super().__init__(Layout(Path(directory), signatures))
        self._signing_key = check_place("storage.signing_key", signing_key)
        self._version_format = version_format
        self._compression = compression

    def check_ready(self) -> Callable[[bytes], bytes] | None:
        """What signs the versions that are written, or None; a training asks before it begins.

        Raises
        ------
        ConfigError : no key where one is named, or what it signs would be refused.
        """
        sign = signer(self._signing_key) if self._signing_key else None
        self._layout.signatures.check_signer(sign)
        return sign

    def write(
        self,
        contents: PackageContents,
        *,
        candidate: bool = False,
        sweep: str | None = None,
        by: str | None = None,
        why: str = "",
    ) -> StoredModel:
        """Publish a new version, index it, and prune what is beyond the retention.

        Versions of one `sweep` are kept or pruned together. The history keeps `by` and `why`.

        Raises
        ------
        ConfigError : it cannot be signed; nothing is left behind.
        PackageError : the contents cannot become a package; nothing is left behind.
        RegistryError : the folder cannot be written; nothing is left behind.
        """
        sign = self.check_ready()
        package = draft(contents)
        moment = datetime.now(UTC)
        names = new_name(
            moment, version_format=self._version_format, content_digest=contents.content_digest
        )
        with claimed(self._layout, names) as claim:
            with fault_as_error(self._layout):
                identity = Identity(
                    version=claim.version,
                    moment=moment,
                    stage="candidate" if candidate else "release",
                    sweep=sweep,
                )
                package.write(claim.folder, identity, compression=self._compression, sign=sign)
            with writing(self._layout):
                seen = publish(
                    self._layout, claim, action="written", name=package.name, by=by, why=why
                )
                self._retain(seen, keep=claim.version)
        return StoredModel(
            version=claim.version,
            path=str(self._layout.folder(claim.version)),
            status="candidate" if candidate else "available",
        )

    def deploy(
        self,
        version: str,
        *,
        by: str | None = None,
        why: str = "",
        accept_candidate: bool = False,
    ) -> Model:
        """Make `version` the live one of its model name.

        Raises
        ------
        PackageError : the package is damaged.
        RegistryError : unknown, retired, deployed already, or a candidate that is not accepted
            with a reason.
        """
        with writing(self._layout):
            return deployment.deploy(
                self._layout, version, by=by, why=why, accept_candidate=accept_candidate
            )

    def rollback(self, *, name: str | None = None, by: str | None = None, why: str = "") -> Model:
        """Return to the version that was live before; once more goes back further.

        `name` is the model's name, needed where several models are deployed here.
        """
        with writing(self._layout):
            return deployment.rollback(self._layout, name, by=by, why=why)

    def retire(self, version: str, *, by: str | None = None, why: str = "") -> Model:
        """Take `version` out of use without removing it; the deployed one is refused."""
        with writing(self._layout):
            return deployment.retire(self._layout, version, by=by, why=why)

    def pin(
        self, version: str, *, pinned: bool = True, by: str | None = None, why: str = ""
    ) -> Model:
        """Keep `version` from being pruned, or (`pinned=False`) let it go again."""
        with writing(self._layout):
            return deployment.pin(self._layout, version, pinned=pinned, by=by, why=why)

    def prune(self, *, dry_run: bool = False) -> Pruning:
        """Remove versions and backups beyond the retention, and what was left half-done.

        Returns what was removed, or (`dry_run`, which needs no lock) would be.
        """
        if dry_run:
            return retention.plan(self._layout, self.catalogue(), self._retention)
        with writing(self._layout):
            seen = settle(self._layout)
            pruning = retention.plan(self._layout, seen, self._retention)
            retention.carry_out(self._layout, seen, pruning, self._retention)
            write_index(self._layout, catalogue.read(self._layout))
            return pruning

    def import_zip(self, path: str, *, by: str | None = None) -> Model:
        """Publish the package in a deployment ZIP under its own version, status imported.

        Nothing is unpickled. Raises PackageError for a ZIP that is damaged or plays tricks, and
        RegistryError where that version is here already.
        """
        parcel = archive.open_zip(Path(path), signatures=self._layout.signatures)
        origin = {
            "imported_at": utc_text(datetime.now(UTC)),
            "imported_by": history.stamp(by)["by"],
            "source": Path(path).name,
            "sha256": parcel.sha256,
        }
        with claimed(self._layout, only_name(self._layout, parcel.version)) as claim:
            with fault_as_error(self._layout):
                parcel.unpack(claim.folder, import_info=origin)
            with writing(self._layout):
                return publish(
                    self._layout, claim, action="imported", name=parcel.name, by=by
                ).find(claim.version)

    def rebuild_index(self) -> int:
        """Settle what was interrupted and derive model_registry.json anew; returns its entries."""
        with writing(self._layout):
            seen = settle(self._layout)
            write_index(self._layout, seen)
            return len(seen.models)

    def _retain(self, seen: Catalogue, *, keep: str) -> None:
        pruning = retention.plan(self._layout, seen, self._retention, keep=keep)
        try:
            retention.carry_out(self._layout, seen, pruning, self._retention)
        except (OSError, WifitrainError) as error:
            # The new version is safe; it must not be lost because an old one could not go.
            _log.warning("%s: not pruned: %s", self.directory, error)
