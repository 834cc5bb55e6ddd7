"""Secrets in files: the folder of this machine, and the credentials that systemd lays ready for a service."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import ClassVar

from robots.errors import ConfigurationError


class SecretFolder:
    """A file for each secret, named as it is."""

    key = "files"
    over_network = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, name: str) -> str:
        return f"filen {self._folder / name}"

    def read(self, name: str) -> str | None:
        return _text(self._folder / name)


CREDENTIALS = "CREDENTIALS_DIRECTORY"


class SystemdCredentials:
    """What a service's ``LoadCredential=`` and ``LoadCredentialEncrypted=`` say; nothing outside a service.

    ``folder`` is what systemd tells the service (CREDENTIALS_DIRECTORY); it is readable by the service alone, and gone
    when the service ends.
    """

    key = "systemd"
    over_network = False
    kept: ClassVar[str | None] = None

    @classmethod
    def keep(cls) -> None:
        """Remember the folder and take it out of the environment: what this process starts is not told of it."""
        cls.kept = os.environ.pop(CREDENTIALS, cls.kept)

    def __init__(self, folder: str | None) -> None:
        self._folder = Path(folder) if folder else None

    def place(self, name: str) -> str:
        return f"systemds credential {name}{'' if self._folder else ' (finns bara i en tjänst)'}"

    def read(self, name: str) -> str | None:
        """Raises ``ConfigurationError`` when the folder that systemd has told of is not there."""
        if self._folder is None:
            return None
        if not self._folder.is_dir():
            raise ConfigurationError("CREDENTIALS_DIRECTORY pekar på en mapp som inte finns.", str(self._folder))
        return _text(self._folder / name)


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:  # the latter's own words hold what is in the file
        why = error.strerror if isinstance(error, OSError) else "den är inte skriven i UTF-8"
        raise ConfigurationError(f"Filen går inte att läsa ({why}).", str(path)) from None


def write_secret(path: Path, text: str, *, keep: bool = False) -> None:
    """Write a file that only its owner may read, and wait until the disk has it.

    With ``keep``, one that is there already stays as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    if keep:
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
    else:
        part.replace(path)
    settle(path.parent)


def settle(path: Path) -> None:
    """Wait until the disk has a file, or a folder's names; where a folder cannot be asked, it sees to that itself."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
