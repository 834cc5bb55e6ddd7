"""Secrets in the keyring of the operating system, through the library of that name."""

from __future__ import annotations

from robots.errors import ConfigurationError


class Keyring:
    """Windows' credential store, macOS' keychain, a Secret Service on Linux: what ``keyring`` finds on the machine.

    ``service`` is the name that Ragnhild's secrets go by there; each has its own name as the user.
    """

    key = "keyring"
    over_network = False

    def __init__(self, service: str) -> None:
        self._service = service

    def place(self, name: str) -> str:
        return f"nyckelringen {self._service}, användare {name}"

    def read(self, name: str) -> str | None:
        """Raises ``ConfigurationError`` when there is no keyring, or one that is locked."""
        try:
            import keyring
            from keyring.errors import KeyringError
        except ModuleNotFoundError:
            raise not_installed("keyring") from None
        try:
            return keyring.get_password(self._service, name)
        except (KeyringError, OSError) as error:
            raise ConfigurationError(
                f"Nyckelringen går inte att läsa ({type(error).__name__}). Lås upp den för den som kör "
                "robotarna, eller ta bort keyring ur secret_sources."
            ) from None


def not_installed(source: str) -> ConfigurationError:
    """What to do about a source whose library the machine lacks."""
    return ConfigurationError(
        f"secret_sources nämner {source}, men biblioteket saknas på maskinen. Installera det: pip install "
        f"'ragnhild[{source}]'"
    )
