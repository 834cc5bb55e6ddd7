"""The keys that the toolkit seals with: secrets like the others, and the one before each while it is changed."""

from __future__ import annotations

import binascii
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from robots.errors import ConfigurationError
from robots.sources.folders import write_secret
from robots.sources.secret import Secrets

if TYPE_CHECKING:
    from robots.sources.chosen import SecretSettings

KEY_BYTES = 32


@dataclass(frozen=True)
class OwnKey:
    """32 random bytes in base64: the secret ``current``, and ``former``, with which something may still be sealed.

    ``what`` it is, in Swedish, and the ``document`` that tells more.
    """

    current: str
    former: str
    what: str
    document: str

    def read(self, secrets: Secrets, name: str) -> bytes | None:
        """The bytes of either. Raises ``ConfigurationError`` when they are no key, and as ``Secrets.ask``."""
        found = secrets.ask(name)
        if found is None:
            return None
        try:
            key = urlsafe_b64decode(found.get_secret_value().replace("+", "-").replace("/", "_"))
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise ConfigurationError(f"{self.what} är ingen nyckel: {secrets.places(name)[0]} ska ha 32 byte i base64.")
        return key

    def make(self, settings: SecretSettings) -> None:
        """The very first, in a file. Raises ``ConfigurationError`` where secrets do not lie in files."""
        if "files" not in settings.secret_sources:
            raise ConfigurationError(
                f"{self.what} saknas. Lägg 32 slumpade byte i base64 i {settings.secrets.places(self.current)[0]} "
                f"({self.document})."
            )
        write_secret(settings.secrets_dir / self.current, new_key(), keep=True)

    def files(self, settings: SecretSettings) -> tuple[Path, Path]:
        """Where both lie on a machine whose secrets lie in files."""
        return settings.secrets_dir / self.current, settings.secrets_dir / self.former


EVIDENCE = OwnKey("evidence.key", "evidence.old", "Nyckeln till underlaget", "docs/evidence.md")
MACHINE = OwnKey("machine.key", "machine.old", "Maskinens nyckel", "docs/evidence.md")


def new_key() -> str:
    return urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()
