"""The settings that say where secrets are looked for, and the one way to ask for one."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from robots.errors import ConfigurationError
from robots.sources.azure import AzureKeyVault
from robots.sources.folders import CREDENTIALS, SecretFolder, SystemdCredentials
from robots.sources.keyrings import Keyring
from robots.sources.own_keys import MACHINE
from robots.sources.secret import Secrets, Source
from robots.sources.vault import SECRET_ID, TOKEN, HashiCorpVault, VaultPlace

SourceName = Literal["files", "systemd", "keyring", "vault", "azure"]


def _words(told: object) -> object:
    return [word.strip() for word in told.split(",") if word.strip()] if isinstance(told, str) else told


# What pydantic-settings needs to know of a list that is written a,b in the environment.
LISTED = (NoDecode, BeforeValidator(_words))


class SecretSettings(BaseSettings):
    """Part of the settings. Secrets themselves are never values of a setting."""

    secret_sources: Annotated[tuple[SourceName, ...], *LISTED] = Field(
        ("files", "systemd"),
        description="var hemligheter söks, i den ordningen; den första som har en gäller",
        min_length=1,
    )
    secret_seconds: float = Field(10.0, description="så länge minns roboten vad ett valv svarade", ge=0)
    keyring_service: str = Field("ragnhild", description="namnet som hemligheterna har i maskinens nyckelring")
    vault_address: str = Field("", description="HashiCorp Vault: https://…")
    vault_mount: str = Field("secret", description="var i Vault motorn för nycklar och värden (version 2) ligger")
    vault_path: str = Field("ragnhild", description="sökvägen där; under den är varje hemlighet en egen post")
    vault_field: str = Field("value", description="fältet i posten som är själva hemligheten")
    vault_namespace: str = Field("", description="namnrymden, om Vault har sådana")
    vault_role_id: str = Field("", description="logga in i Vault med AppRole (vault.secret_id); annars med vault.token")
    vault_ca: Path | None = Field(None, description="fil med certifikatet för den som har utfärdat Vaults eget")
    azure_vault: str = Field("", description="Azure Key Vault: https://<valvets namn>.vault.azure.net")

    @property
    def secrets_dir(self) -> Path:
        """The folder of this machine's own secrets."""
        raise NotImplementedError

    @cached_property
    def secrets(self) -> Secrets:
        """The sources, in their order. Raises ``ConfigurationError`` when one lacks its address."""
        return Secrets(self._sources(self.secret_sources), self.secret_seconds)

    @cached_property
    def machine_secrets(self) -> Secrets:
        """The same and, last, the machine's own folder: its key was a file there before it could lie elsewhere."""
        names = dict.fromkeys((*self.secret_sources, "files"))
        return Secrets(self._sources(names), self.secret_seconds)

    def _sources(self, names: Iterable[SourceName]) -> list[Source]:
        told = VaultPlace(
            self.vault_address, self.vault_mount, self.vault_path, self.vault_field, self.vault_namespace,
            self.vault_role_id, self.vault_ca,
        )  # fmt: skip
        made: dict[SourceName, Callable[[], Source]] = {
            "files": lambda: self.own_secrets,
            "systemd": _systemd,
            "keyring": lambda: Keyring(self.keyring_service),
            "vault": lambda: HashiCorpVault(told, self.local_secrets),
            "azure": lambda: AzureKeyVault(self.azure_vault),
        }
        return [made[name]() for name in names]

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with another data folder has other secrets, so what was made of the settings is not copied."""
        copied = super().model_copy(update=update, deep=deep)
        for made in ("secrets", "machine_secrets"):
            copied.__dict__.pop(made, None)
        return copied

    @property
    def own_secrets(self) -> SecretFolder:
        return SecretFolder(self.secrets_dir)

    @property
    def local_secrets(self) -> Secrets:
        """Files alone, whatever ``secret_sources`` says: with what lies there a vault is opened."""
        return Secrets([self.own_secrets, _systemd()])

    @property
    def name_of_vaults_own(self) -> str:
        """The name of the secret that the robots log in to HashiCorp Vault with."""
        return SECRET_ID if self.vault_role_id else TOKEN

    def secret(self, *names: str, what: str = "") -> SecretStr:
        """The secret under the first of the names that a source has; ``what`` it is, in Swedish, for the error.

        Asked for anew each time, so that a new one counts without a restart. Raises ``ConfigurationError`` when it is
        missing, ``SecretsUnavailable`` when a source cannot tell.
        """
        return demanded(self.secrets, names, what)

    def machine_key(self) -> bytes:
        """What login sessions are sealed with on this machine (Fernet); made the first time where secrets lie in files.

        Raises ``ConfigurationError`` where a person must put it in its place, and ``SecretsUnavailable``.
        """
        found = self._machine_key(MACHINE.current)
        if found is None:
            MACHINE.make(self)
            found = self._machine_key(MACHINE.current)
        assert found is not None
        return found

    def former_machine_key(self) -> bytes | None:
        """The one before it, with which something may still be sealed while it is changed. Raises likewise."""
        return self._machine_key(MACHINE.former)

    def _machine_key(self, name: str) -> bytes | None:
        key = MACHINE.read(self.machine_secrets, name)
        return urlsafe_b64encode(key) if key else None


def _systemd() -> SystemdCredentials:
    return SystemdCredentials(os.environ.get(CREDENTIALS) or SystemdCredentials.kept)


def demanded(where: Secrets, names: tuple[str, ...], what: str = "") -> SecretStr:
    """The secret; raises ``ConfigurationError`` when it is missing, with where to put it and where was looked."""
    found = where.ask(*names)
    if found is None:
        places = where.places(*names)
        raise ConfigurationError(
            f"{what or f'Hemligheten {names[0]}'} saknas. Lägg till {where.places(names[-1])[0]}. "
            f"Letat: {'; '.join(places)}."
        )
    return found
