"""A run's evidence on disk: each file sealed by itself, bound to its run and its name. The one door to it.

A sealed file is ``RGN1``, the number of its key (8 bytes), a nonce (12 bytes), and AES-256-GCM over the content with
the first twelve bytes, the run and the name as associated data. So a file that is changed, cut short, renamed or moved
to another run does not open.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from robots.errors import EvidenceUnreadable
from robots.evidence.keys import DataKey, Keys
from robots.evidence.master_key import NONCE_BYTES

SEALED = b"RGN1"
_HEADER = len(SEALED) + 8


def seal(key: DataKey, run_id: int, file: str, content: bytes) -> bytes:
    """The content as it may lie on a disk."""
    header, nonce = SEALED + key.id.to_bytes(8), os.urandom(NONCE_BYTES)
    return header + nonce + AESGCM(key.secret).encrypt(nonce, content, _bound(header, run_id, file))


def unseal(keys: Keys, run_id: int, file: str, sealed: bytes) -> bytes:
    """What was sealed. Raises ``EvidenceUnreadable``, and as ``Keys.by_id``."""
    header, nonce = sealed[:_HEADER], sealed[_HEADER : _HEADER + NONCE_BYTES]
    if len(nonce) < NONCE_BYTES or not header.startswith(SEALED):
        raise _changed(run_id, file)
    key = keys.by_id(int.from_bytes(header[len(SEALED) :]))
    try:
        return AESGCM(key.secret).decrypt(nonce, sealed[_HEADER + NONCE_BYTES :], _bound(header, run_id, file))
    except InvalidTag:
        raise _changed(run_id, file) from None


@dataclass(frozen=True)
class RunEvidence:
    """The files of one run. ``folder`` is theirs alone."""

    folder: Path
    run_id: int
    keys: Keys

    @classmethod
    def below(cls, folder: Path, run_id: int, keys: Keys) -> RunEvidence:
        """In the folder of all runs' evidence."""
        return cls(folder / str(run_id), run_id, keys)

    def write(self, file: str, content: bytes) -> None:
        """Seal a file, whole or not at all; a later one replaces it. Raises ``OSError``, and as ``Keys.for_run``."""
        sealed = seal(self.keys.for_run(self.run_id), self.run_id, file, content)
        part = self.folder / f"{file}.{secrets.token_hex(4)}.part"
        try:
            part.write_bytes(sealed)
            part.replace(self.folder / file)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def read(self, file: str) -> bytes:
        """A file's content. Raises ``FileNotFoundError``, ``EvidenceUnreadable``, and as ``Keys.by_id``.

        Runs from before evidence was sealed have files that are not; those of later runs are refused without a seal.
        """
        found = (self.folder / file).read_bytes()
        if found.startswith(SEALED):
            return unseal(self.keys, self.run_id, file, found)
        if not self.keys.may_be_plain(self.run_id):
            raise _changed(self.run_id, file)
        return found

    def there(self, file: str) -> bool:
        return (self.folder / file).is_file()

    def seal_plain(self) -> int:
        """Seal what is from before evidence was. Returns how many files that was."""
        plain = [path for path in sorted(self.folder.iterdir()) if path.is_file() and not _is_sealed(path)]
        for path in plain:
            if path.suffix == ".part":  # left by somebody who was killed while writing it
                path.unlink()
            else:
                self.write(path.name, self.read(path.name))
        return len(plain)


def _is_sealed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SEALED)) == SEALED


def _bound(header: bytes, run_id: int, file: str) -> bytes:
    return header + f"{run_id}/{file}".encode()


def _changed(run_id: int, file: str) -> EvidenceUnreadable:
    return EvidenceUnreadable(
        f"{file} i underlaget till K-{run_id} går inte att öppna: filen är ändrad, avkortad eller hör till en annan "
        "körning. Återställ den från en säkerhetskopia, och visa detta för robotägaren."
    )
