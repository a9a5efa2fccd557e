"""Who made a package: an Ed25519 signature of its manifest, which names the digest of all the rest.

What it does not cover is where a version stands (`deployment_info`, `import_info`): that changes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wifitrain.errors import ConfigError, PackageError
from wifitrain.storage import keys, strict_json
from wifitrain.storage.manifest import MANIFEST, SIGNATURE

__all__ = ["TRUSTED_KEYS_VARIABLE", "Signatures", "signer"]

#: Where this is set, whatever loads a version asks for a signature by one of the keys it names.
TRUSTED_KEYS_VARIABLE = "WIFITRAIN_TRUSTED_KEYS"

_ALGORITHM = "ed25519"
_MOST_BYTES = 10_000


@dataclass(frozen=True, kw_only=True)
class Signatures:
    """Whose packages are taken; without `trusted_keys` everybody's are.

    Parameters
    ----------
    required : refuse every version whose manifest is not signed by a trusted key.
    trusted_keys : public keys in PEM: a file, a folder of `*.pub` and `*.pem`, or the name of an
        environment variable that holds them.
    """

    required: bool = False
    trusted_keys: str | None = None

    @classmethod
    def asked(cls, *, required: object, trusted_keys: object) -> Signatures:
        """As configured; None stands for what the environment says.

        Raises
        ------
        ConfigError : a value that cannot be used, or signatures required and nobody trusted.
        """
        if required is not None and not isinstance(required, bool):
            raise ConfigError(
                f"storage.require_signature must be true, false or null, got {required!r}"
            )
        place = os.environ.get(TRUSTED_KEYS_VARIABLE) or None
        keys.check_place(TRUSTED_KEYS_VARIABLE, place)
        trusted = (
            place
            if trusted_keys is None
            else keys.check_place("storage.trusted_keys", trusted_keys)
        )
        is_required = trusted is not None if required is None else required
        if is_required and trusted is None:
            raise ConfigError(
                "storage.require_signature needs storage.trusted_keys, got null: whose signatures?"
            )
        return cls(required=is_required, trusted_keys=trusted)

    def check_signer(self, sign: Callable[[bytes], bytes] | None) -> None:
        """Raise ConfigError where what `sign` (None: nobody) signs would be refused here."""
        if self.required and sign is None:
            raise ConfigError(
                "storage.require_signature is on and storage.signing_key is null:"
                " nobody could load what is written"
            )
        probe = b"wifitrain"
        faults = [] if sign is None else self.faults_of(probe, sign(probe))
        if faults:
            raise ConfigError(f"storage.signing_key: {faults[0]}")

    def faults(self, folder: Path) -> list[str]:
        """What is wrong with the signature of the package in `folder`; empty = none is required."""
        if not self.required:
            return []
        try:
            return self.faults_of((folder / MANIFEST).read_bytes(), _content(folder / SIGNATURE))
        except OSError as error:
            return [f"{error.filename}: {error.strerror}"]

    def faults_of(self, manifest: bytes, signature: bytes | None) -> list[str]:
        """The same of the bytes of a manifest and its signature; None where it has none."""
        if not self.required or self.trusted_keys is None:
            return []
        trusted = keys.public_keys(self.trusted_keys)
        if signature is None:
            return [f"{SIGNATURE}: missing: signed by nobody"]
        try:
            signer, value = _parsed(signature)
        except PackageError as error:
            return [str(error)]
        if signer not in trusted:
            return [f"{SIGNATURE}: signed by the key {signer}, which is not among the trusted ones"]
        from cryptography.exceptions import InvalidSignature

        try:
            trusted[signer].verify(value, manifest)
        except InvalidSignature:
            return [f"{SIGNATURE}: is not the signature of this {MANIFEST}"]
        return []


def signer(place: str) -> Callable[[bytes], bytes]:
    """What makes the content of deployment_manifest.sig from a manifest, with the key at `place`.

    Raises
    ------
    ConfigError : no Ed25519 key in PEM there.
    """
    key = keys.private_key(place)
    name = keys.fingerprint(key.public_key())

    def sign(manifest: bytes) -> bytes:
        signature = key.sign(manifest).hex()
        return strict_json.dumps({"algorithm": _ALGORITHM, "key": name, "signature": signature})

    return sign


def _parsed(content: bytes) -> tuple[str, bytes]:
    """Fingerprint of the signer and the signature."""
    document: dict[str, Any] = strict_json.parse_object(content, name=SIGNATURE)
    signer, text = document.get("key"), document.get("signature")
    if (
        document.get("algorithm") != _ALGORITHM
        or not isinstance(signer, str)
        or not isinstance(text, str)
        or not re.fullmatch(r"[0-9a-f]{16}", signer)
        or not re.fullmatch(r"[0-9a-f]{128}", text)
    ):
        raise PackageError(f"{SIGNATURE}: no {_ALGORITHM} signature of ours")
    return signer, bytes.fromhex(text)


def _content(path: Path) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
