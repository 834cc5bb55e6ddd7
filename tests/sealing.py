"""Keys for evidence in a test that has no secrets: a provider of its own, beside the toolkit's."""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from robots.errors import ConfigurationError
from robots.evidence.keys import Keys
from robots.store import Store

_NONCE = bytes(12)


class TestMaster:
    """A master key that lies nowhere. ``letter`` tells one from another."""

    __test__ = False
    provider = "prov"

    def __init__(self, letter: str = "a") -> None:
        self._letter = letter
        self._key = AESGCM(letter.encode() * 32)

    def current(self) -> str:
        return self._letter

    def make(self) -> str:
        return self._letter

    def wrap(self, key: bytes, name: str) -> bytes:
        return self._key.encrypt(_NONCE, key, name.encode())

    def unwrap(self, wrapped: bytes, key_id: str, name: str) -> bytes:
        try:
            return self._key.decrypt(_NONCE, wrapped, name.encode())
        except InvalidTag:
            raise ConfigurationError(f"{name} är låst med {key_id}, inte {self._letter}") from None


def keys_in(store: Store) -> Keys:
    """The keys of this database, under such a master key."""
    return Keys(store, TestMaster())
