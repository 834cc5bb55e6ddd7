"""Secrets in HashiCorp Vault's key-value engine, version 2, through the library hvac."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from robots.errors import ConfigurationError, SecretsUnavailable
from robots.loopback import is_loopback
from robots.sources.keyrings import not_installed
from robots.sources.secret import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "vault.token"  # noqa: S105 - the names under which they lie
SECRET_ID = "vault.secret_id"  # noqa: S105
ANSWER_SECONDS = 10.0


@dataclass(frozen=True)
class VaultPlace:
    """Where in which Vault the secrets lie: the settings ``vault_…``.

    With a ``role_id`` the robots log in by AppRole, otherwise with a token. ``ca`` is the certificate of whoever issued
    Vault's own; None is what the machine trusts.
    """

    address: str
    mount: str
    path: str
    field: str
    namespace: str
    role_id: str
    ca: Path | None


class HashiCorpVault:
    """Each secret is an entry of its own below the path, with its text in one field.

    ``own`` is where what the robots log in to Vault with is looked for: never in Vault itself, in an argument or in the
    environment.
    """

    key = "vault"
    over_network = True

    def __init__(self, told: VaultPlace, own: Secrets) -> None:
        """Raises ``ConfigurationError`` when the address cannot be meant."""
        where = urlsplit(told.address)
        if where.scheme not in ("https", "http") or not where.hostname:
            raise ConfigurationError("secret_sources nämner vault. Ange dess adress i vault_address: https://…")
        if where.scheme == "http" and not is_loopback(where.hostname):
            raise ConfigurationError("vault_address ska börja med https: annars går lösenord okrypterade på nätet.")
        self._told = told
        self._own = own
        self._token = ""

    def place(self, name: str) -> str:
        return f"Vault {self._told.mount}/{self._entry(name)}, fält {self._told.field}"

    def read(self, name: str) -> str | None:
        try:
            import requests
            from hvac import exceptions  # type: ignore[import-untyped]
        except ModuleNotFoundError:
            raise not_installed(self.key) from None

        try:
            for client in self._clients():
                try:
                    return self._field(self._entry_of(client, name), name)
                except exceptions.InvalidPath as error:
                    if error.errors:  # of an entry that is not there Vault has nothing to say
                        raise self._wrong(f"motorn {self._told.mount} finns inte") from None
                    return None
                except (exceptions.Forbidden, exceptions.Unauthorized):
                    continue  # the token has run out, or may not read this
        except (exceptions.VaultDown, exceptions.RateLimitExceeded, exceptions.BadGateway) as error:
            raise self._silent(type(error).__name__) from None
        except (exceptions.InternalServerError, exceptions.VaultNotInitialized) as error:
            raise self._silent(type(error).__name__) from None
        except exceptions.VaultError as error:
            raise self._wrong(type(error).__name__) from None
        except requests.exceptions.SSLError:
            raise self._wrong("dess certifikat går inte att lita på; ange utfärdarens i vault_ca") from None
        except requests.exceptions.RequestException as error:
            raise self._silent(type(error).__name__) from None
        raise self._wrong(f"robotarna får inte läsa {self.place(name)}; kontrollera deras policy och {self._login}")

    def _clients(self) -> Iterator[Any]:
        """A client with what it was let in by last, then one that has logged in anew."""
        if self._token:
            yield self._client(self._token)
        if not self._told.role_id:
            yield self._client(self._demand(TOKEN))
            return
        client = self._client("")
        from hvac import exceptions

        try:
            client.auth.approle.login(self._told.role_id, self._demand(SECRET_ID))
        except (exceptions.InvalidRequest, exceptions.Forbidden, exceptions.Unauthorized):
            raise self._wrong(f"det släpper inte in robotarna; kontrollera {self._login}") from None
        self._token = client.token
        yield client

    @property
    def _login(self) -> str:
        return f"vault_role_id och {SECRET_ID}" if self._told.role_id else TOKEN

    def _client(self, token: str) -> Any:
        import hvac

        # A token of "" is none; without one the library would take whatever lies in the environment. A redirect would
        # carry the token to another machine.
        return hvac.Client(
            url=self._told.address, token=token, namespace=self._told.namespace or None, timeout=ANSWER_SECONDS,
            verify=str(self._told.ca) if self._told.ca else True, allow_redirects=False,
        )  # fmt: skip

    def _entry_of(self, client: Any, name: str) -> Any:
        return client.secrets.kv.v2.read_secret_version(
            self._entry(name), mount_point=self._told.mount, raise_on_deleted_version=True
        )

    def _field(self, answer: Any, name: str) -> str:
        try:
            value = answer["data"]["data"][self._told.field]
        except (KeyError, TypeError):  # a redirect is no answer either
            raise self._wrong(f"det som ligger där har inte formen som väntas: {self.place(name)}") from None
        if not isinstance(value, str):
            raise self._wrong(f"det som ligger där är inte text: {self.place(name)}")
        return value

    def _entry(self, name: str) -> str:
        return f"{self._told.path.strip('/')}/{name}".lstrip("/")

    def _demand(self, name: str) -> str:
        found = self._own.ask(name)
        if found is None:
            raise self._wrong(f"{name} saknas; lägg den i {self._own.places(name)[0]}")
        return found.get_secret_value()

    def _silent(self, why: str) -> SecretsUnavailable:
        return SecretsUnavailable(f"Vault på {self._told.address} svarar inte ({why}).")

    def _wrong(self, why: str) -> ConfigurationError:
        return ConfigurationError(f"Vault på {self._told.address}: {why}.")
