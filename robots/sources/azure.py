"""Secrets in Azure Key Vault, through Microsoft's own libraries."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from robots.errors import ConfigurationError, SecretsUnavailable
from robots.sources.keyrings import not_installed

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
LONGEST_NAME = 127
_PLAIN = re.compile(r"[a-z0-9]+([._][a-z0-9]+)*")


def azure_name(name: str) -> str:
    """The name that a secret has in a Key Vault, which allows letters, digits and dashes and sees no capitals.

    ``svea.waste_collection`` is ``svea--waste-collection``. In a name that is not made of small letters and digits with
    single dots and underscores between them, every sign that is none of those letters and digits becomes its number
    between triple dashes: ``svea-2`` is ``svea---2d---2``. No two names become the same. Raises ``ConfigurationError``
    when it gets too long.
    """
    if _PLAIN.fullmatch(name):
        made = name.replace(".", "--").replace("_", "-")
    else:
        made = re.sub(r"[^a-z0-9]", lambda sign: f"---{ord(sign[0]):x}---", name)
    if len(made) > LONGEST_NAME:
        raise ConfigurationError(f"{name} blir för långt för Azure Key Vault: högst {LONGEST_NAME} tecken.")
    return made


class AzureKeyVault:
    """Robots are let in as the machine, or as whom ``DefaultAzureCredential`` finds.

    ``client`` is made at the first question if it is not given.
    """

    key = "azure"
    over_network = True

    def __init__(self, address: str, client: SecretClient | None = None) -> None:
        """Raises ``ConfigurationError`` when the address cannot be meant."""
        where = urlsplit(address)
        if where.scheme != "https" or not where.hostname:
            raise ConfigurationError(
                "secret_sources nämner azure. Ange valvets adress i azure_vault: https://<valvets namn>.vault.azure.net"
            )
        self._address = address
        self._given = client

    def place(self, name: str) -> str:
        return f"Azure Key Vault {urlsplit(self._address).hostname}, namn {azure_name(name)}"

    def read(self, name: str) -> str | None:
        try:
            from azure.core.exceptions import (
                AzureError,
                ClientAuthenticationError,
                HttpResponseError,
                ResourceNotFoundError,
            )
        except ModuleNotFoundError:
            raise not_installed(self.key) from None
        try:
            return self._client.get_secret(azure_name(name)).value
        except ResourceNotFoundError:
            return None
        except ClientAuthenticationError:
            raise self._wrong("robotarna får inte logga in i Azure (DefaultAzureCredential)") from None
        except HttpResponseError as error:
            status = error.status_code or 0
            if status == 429 or status >= 500:
                raise self._silent(f"svarar {status}") from None
            raise self._wrong(f"svarar {status}. Får robotarna läsa {self.place(name)}? Är den avstängd?") from None
        except ValueError:  # the library's own: who asks for the token is not the vault that was asked
            raise self._wrong("adressen svarar, men inte som ett Key Vault på den adressen") from None
        except AzureError as error:
            raise self._silent(f"svarar inte ({type(error).__name__})") from None

    @property
    def _client(self) -> SecretClient:
        if self._given is None:
            try:
                from azure.identity import DefaultAzureCredential
                from azure.keyvault.secrets import SecretClient
            except ModuleNotFoundError:
                raise not_installed(self.key) from None
            # What it tries and cannot is told in our own words, not on the screen.
            logging.getLogger("azure").addHandler(logging.NullHandler())
            self._given = SecretClient(
                self._address, DefaultAzureCredential(), retry_total=1, connection_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
            )  # fmt: skip
        return self._given

    def _silent(self, why: str) -> SecretsUnavailable:
        return SecretsUnavailable(f"Azure Key Vault på {self._address} {why}.")

    def _wrong(self, why: str) -> ConfigurationError:
        return ConfigurationError(f"Azure Key Vault på {self._address}: {why}.")
