"""Ed25519 keys in PEM: where they lie, and how they are read and made.

They stay where they are: configuration, packages and messages say where a key is, never what.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import ConfigError, PackageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

__all__ = ["check_place", "fingerprint", "generate", "private_key", "public_keys"]

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_MOST_BYTES = 100_000  # of a file of keys
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


def check_place(key: str, place: object) -> str | None:
    """`place` where it may name a file or a variable, or None; ConfigError, never a key, else."""
    if place is None:
        return None
    if not isinstance(place, str) or not place.strip() or "\0" in place:
        raise ConfigError(f"{key} must be a path or the name of a variable, got {place!r}")
    if "-----" in place or "\n" in place:
        raise ConfigError(
            f"{key} must be a path or the name of a variable that holds the key, not the key itself"
        )
    return place


def private_key(place: str) -> Ed25519PrivateKey:
    """The key in the file, or in the variable, that `storage.signing_key` names.

    Raises
    ------
    ConfigError : no unencrypted Ed25519 key in PEM there.
    """
    _library()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _at("storage.signing_key", place)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None  # its message may tell of the content
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"storage.signing_key: {place}: no unencrypted Ed25519 key in PEM")
    return key


def public_keys(place: str) -> dict[str, Ed25519PublicKey]:
    """Fingerprint -> key: those that `storage.trusted_keys` names.

    `place` is a file, a folder of `*.pub` and `*.pem`, or a variable that holds PEM.

    Raises
    ------
    ConfigError : no key there, or something that is none.
    """
    found = {}
    for name, content in _public_files(place):
        blocks = _PEM.findall(content)
        if not blocks:
            raise ConfigError(f"storage.trusted_keys: {name}: no public key in PEM")
        for block in blocks:
            key = _public(block, name)
            found[fingerprint(key)] = key
    if not found:
        raise ConfigError(f"storage.trusted_keys: {place}: no *.pub or *.pem file in it")
    return found


def fingerprint(key: Ed25519PublicKey) -> str:
    """First 16 hex digits of the SHA-256 of the raw public key: a name, no proof."""
    import hashlib

    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def generate(path: Path) -> tuple[Path, str]:
    """Write a new private key to `path` (mode 600), and its public key beside it as `.pub`.

    Returns the path of the public key and its fingerprint.

    Raises
    ------
    PackageError : one of the files is there already, or cannot be written.
    """
    _library()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = Ed25519PrivateKey.generate()
    public = path.with_name(f"{path.name}.pub")
    private_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public_pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    try:
        for target, content, mode in ((path, private_pem, 0o600), (public, public_pem, 0o644)):
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
    except OSError as error:
        raise PackageError(f"{error.filename}: {error.strerror}") from error
    return public, fingerprint(key.public_key())


def _library() -> None:
    try:
        import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "signatures need the extra 'signing': pip install 'wifitrain[signing]'"
        ) from error


def _public(block: bytes, name: str) -> Ed25519PublicKey:
    _library()
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(block)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(f"storage.trusted_keys: {name}: not an Ed25519 key")
    return key


def _public_files(place: str) -> list[tuple[str, bytes]]:
    folder = Path(place)
    if _VARIABLE.fullmatch(place) or not folder.is_dir():
        return [(place, _at("storage.trusted_keys", place))]
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".pub", ".pem"))
    return [(str(path), _at("storage.trusted_keys", str(path))) for path in paths]


def _at(key: str, place: str) -> bytes:
    """The content of a file, or of the variable of that name."""
    if _VARIABLE.fullmatch(place):
        value = os.environ.get(place)
        if not value:
            raise ConfigError(f"{key}: the variable {place} is not set")
        return value.encode()
    try:
        with open(place, "rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise ConfigError(f"{key}: {place}: {error.strerror}") from error
