"""Keyed pseudonyms of stations and networks (HMAC-SHA-256, one domain for each kind).

An unkeyed hash of a MAC address falls to enumeration in seconds; the key therefore stays outside
of every output. Pseudonymised data stays personal data (EDPB guidelines 01/2025).
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from wifitrain.errors import ConfigError

__all__ = ["KEY_VARIABLE", "Pseudonymiser"]

KEY_VARIABLE = "WIFITRAIN_PSEUDONYM_KEY"
_MAC = re.compile(r"(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b")
_MINIMUM_KEY_BYTES = 16


def _default_key_file() -> Path:
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "wifitrain" / "pseudonym.key"


class Pseudonymiser:
    """Replaces MAC addresses and SSIDs by keyed pseudonyms such as ``sta-3f9c0a1b2c4d``.

    Parameters
    ----------
    enabled : False keeps the names as they are.
    key_file : file that holds the key; None takes ``$XDG_CONFIG_HOME/wifitrain/pseudonym.key``,
        made with mode 600 at first use. The variable WIFITRAIN_PSEUDONYM_KEY goes before it.
    """

    def __init__(self, *, enabled: bool = True, key_file: str | None = None) -> None:
        if not isinstance(enabled, bool):
            raise ConfigError(f"source.pseudonymise must be true or false, got {enabled!r}")
        self.enabled = enabled
        self.key_file = Path(key_file) if key_file else _default_key_file()
        self._key: bytes | None = None

    def stations(self, names: Iterable[str]) -> Mapping[str, str]:
        """Pseudonym of each MAC address, which is compared in lower case."""
        return {name: self._one("sta", name) for name in names}

    def networks(self, names: Iterable[str]) -> Mapping[str, str]:
        """Pseudonym of each SSID."""
        return {name: self._one("net", name) for name in names}

    @property
    def fingerprint(self) -> str | None:
        """What tells two keys apart and gives neither away; None where names stay as they are."""
        if not self.enabled:
            return None
        return hmac.digest(self._load_key(), b"fingerprint\0", "sha256").hex()[:16]

    def text(self, text: str) -> str:
        """`text` with every MAC address in it replaced."""
        if not self.enabled:
            return text
        return _MAC.sub(lambda found: self._one("sta", found.group()), text)

    def _one(self, domain: str, name: str) -> str:
        if not self.enabled:
            return name
        spelled = name.lower() if domain == "sta" else name
        digest = hmac.digest(self._load_key(), f"{domain}\0{spelled}".encode(), "sha256")
        return f"{domain}-{digest.hex()[:12]}"

    def _load_key(self) -> bytes:
        if self._key is None:
            from_environment = os.environ.get(KEY_VARIABLE)
            self._key = from_environment.encode() if from_environment else self._key_from_file()
            if len(self._key) < _MINIMUM_KEY_BYTES:
                raise ConfigError(
                    f"the pseudonym key must have at least {_MINIMUM_KEY_BYTES} bytes"
                )
        return self._key

    def _key_from_file(self) -> bytes:
        try:
            if not self.key_file.exists():
                self._make_key_file()
            return self.key_file.read_text(encoding="utf-8").strip().encode()
        except OSError as error:
            raise ConfigError(
                f"cannot make or read the pseudonym key {self.key_file}: {error.strerror};"
                f" set {KEY_VARIABLE}, source.pseudonym_key_file or source.pseudonymise=false"
            ) from error

    def _make_key_file(self) -> None:
        """A new key, complete and private before it has its name; the first writer wins."""
        self.key_file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.key_file.with_name(f".{self.key_file.name}.{secrets.token_hex(8)}")
        with open(draft, "x", opener=_private) as file:
            file.write(secrets.token_hex(32))
        try:
            self.key_file.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first: its key counts
        finally:
            draft.unlink()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
