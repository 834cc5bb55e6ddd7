"""The master key: it wraps the keys that evidence is sealed with, and is never in the database.

Whoever keeps it may be another than here: ``MasterKeys`` is all that is asked of it. Ours is a secret like the others,
found where those are (robots/sources/).
"""

from __future__ import annotations

import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from robots.errors import ConfigurationError
from robots.settings import Settings
from robots.sources.own_keys import EVIDENCE

NONCE_BYTES = 12


class MasterKeys(Protocol):
    """Whoever wraps and unwraps the keys of cases."""

    @property
    def provider(self) -> str:
        """Its name, which stands beside each key that it has wrapped."""

    def current(self) -> str:
        """What the key that wraps now is known by; "" where there is none. Raises as a source of secrets does."""

    def make(self) -> str:
        """Make the very first key. Returns what it is known by. Raises ``ConfigurationError`` where a person must."""

    def wrap(self, key: bytes, name: str) -> bytes:
        """A case's key as it may lie in the database. It can be unwrapped under the same ``name`` only."""

    def unwrap(self, wrapped: bytes, key_id: str, name: str) -> bytes:
        """The case's key. Raises ``ConfigurationError`` when the master key known by ``key_id`` is not here."""


class SecretMasterKeys:
    """The secret ``evidence.key``: 32 random bytes in base64."""

    provider = "secret"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def current(self) -> str:
        key = self._read(EVIDENCE.current)
        return fingerprint(key) if key else ""

    def make(self) -> str:
        """A file of this machine, where secrets are looked for in files."""
        EVIDENCE.make(self._settings)
        return self.current()

    def wrap(self, key: bytes, name: str) -> bytes:
        master = self._read(EVIDENCE.current)
        if master is None:
            place = self._settings.secrets.places(EVIDENCE.current)[0]
            raise ConfigurationError(f"Nyckeln till underlaget saknas: {place}.")
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(master).encrypt(nonce, key, name.encode())

    def unwrap(self, wrapped: bytes, key_id: str, name: str) -> bytes:
        for secret in (EVIDENCE.current, EVIDENCE.former):
            master = self._read(secret)
            if master and fingerprint(master) == key_id:
                try:
                    return AESGCM(master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], name.encode())
                except InvalidTag:
                    words = f"Nyckeln {name} i databasen är ändrad och går inte att använda."
                    raise ConfigurationError(words) from None
        raise ConfigurationError(wrong_key(self.current(), key_id))

    def _read(self, name: str) -> bytes | None:
        return EVIDENCE.read(self._settings.secrets, name)


def fingerprint(key: bytes) -> str:
    """What a master key is known by: tells two apart, and tells nothing of either."""
    return hashlib.sha256(b"evidence " + key).hexdigest()[:16]


def wrong_key(found: str, wanted: str) -> str:
    """What to do where the master key is missing (``found`` is "") or another than evidence is sealed with."""
    what = f"är en annan ({found})" if found else "saknas"
    return (
        f"Nyckeln till underlaget {what}: det är låst med nyckeln {wanted}. Lägg den som hemligheten "
        f"{EVIDENCE.current}, från maskinen som har den eller från sin säkra plats. Inget sparas förrän det är gjort. "
        "Är den borta för alltid: se docs/evidence.md."
    )
