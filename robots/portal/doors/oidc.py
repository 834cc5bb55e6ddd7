"""The municipality's own login, by OpenID Connect: where people are sent, and what they must come back with.

Code flow with PKCE. What the provider says of itself is asked for at each login, its keys too: a changed key counts at
once. Its certificate must be one that the machine trusts, as it does the municipality's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.common.urls import add_params_to_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from loguru import logger
from pydantic import SecretStr

from robots.errors import ConfigurationError
from robots.loopback import is_loopback
from robots.portal.wording import marked as _
from robots.settings import Settings
from robots.tls import trusted
from robots.toml_files import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN, BACK = "/login/oidc", "/login/oidc/back"
NAME = _("Logga in med kommunens inloggning")
# Public keys only. A secret that both know is none of these, and neither is no signature at all.
ALGORITHMS = ("RS256", "PS256", "ES256")
# Shorter than people's patience, and a thread of the portal waits meanwhile.
SECONDS = httpx.Timeout(5.0, connect=3.0)
# As far as two machines' clocks may be apart.
LEEWAY_SECONDS = 60

AWAY = _(
    "Kommunens inloggning svarar inte. Försök igen om en stund, eller logga in med användarnamn och lösenord om du "
    "har det."
)
UNTRUSTED = _(
    "Svaret från kommunens inloggning går inte att lita på. Försök igen. Händer det igen: säg till den som sköter "
    "portalen."
)


class Refused(Exception):
    """Somebody is not let in: ``words`` are for them, in Swedish and marked for translation."""

    def __init__(self, words: str, status: int = 403) -> None:
        super().__init__(words)
        self.words = words
        self.status = status


@dataclass(frozen=True)
class Known:
    """Whom the provider says that it is. ``subject`` never becomes another's, whatever the names become.

    ``proof`` is the token in which it says so; the provider wants it back when they log out.
    """

    subject: str
    user: str
    shown_name: str
    groups: frozenset[str]
    proof: str


@dataclass(frozen=True)
class Provider:
    """The municipality's, as the settings have it."""

    issuer: str
    client_id: str
    back: str
    scope: str
    groups_in: str

    @classmethod
    def of(cls, settings: Settings) -> Provider | None:
        """None where none is set up. Raises ``ConfigurationError`` where it cannot be used as it is set up."""
        if not settings.oidc_issuer:
            return None
        path = settings.config_dir / "ragnhild.toml"
        line = line_of(path, "oidc_issuer")
        if not settings.oidc_client_id:
            raise ConfigurationError("oidc_issuer är satt. Ange också oidc_client_id.", str(path), line)
        for name in ("oidc_issuer", "portal_url"):
            address = getattr(settings, name)
            if not _is_safe(address):
                words = f"oidc_issuer är satt. Då ska {name} vara en adress som börjar med https://, inte «{address}»."
                raise ConfigurationError(words, str(path), line_of(path, name) or line)
        return cls(
            settings.oidc_issuer, settings.oidc_client_id, settings.portal_url.rstrip("/") + BACK, settings.oidc_scope,
            settings.oidc_groups,
        )  # fmt: skip

    def address_of_login(self, *, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes. Raises ``Refused`` when the provider does not answer."""
        told = {
            "response_type": "code", "client_id": self.client_id, "redirect_uri": self.back, "scope": self.scope,
            "state": state, "nonce": nonce, "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }  # fmt: skip
        with _asking() as client:
            return _with(self._endpoints(client)["authorization_endpoint"], told)

    def address_of_logout(self, proof: str, *, after: str) -> str:
        """Where the browser goes to be logged out there as well; "" where the provider has no such place."""
        try:
            with _asking() as client:
                there = str(self._endpoints(client).get("end_session_endpoint", ""))
        except Refused:  # they are logged out here all the same
            return ""
        told = {"client_id": self.client_id, "id_token_hint": proof, "post_logout_redirect_uri": after}
        return _with(there, told) if _is_safe(there) else ""

    def known_by(self, code: str, *, nonce: str, verifier: str, secret: SecretStr) -> Known:
        """Whom the code stands for. Raises ``Refused`` for one that is not good, or no longer."""
        told = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.back, "code_verifier": verifier,
        }  # fmt: skip
        with _asking() as client:
            endpoints = self._endpoints(client)
            auth = None
            if "client_secret_post" in str(endpoints.get("token_endpoint_auth_methods_supported", "")):
                told |= {"client_id": self.client_id, "client_secret": secret.get_secret_value()}
            else:
                auth = httpx.BasicAuth(quote(self.client_id, safe=""), quote(secret.get_secret_value(), safe=""))
            answer = client.post(endpoints["token_endpoint"], data=told, auth=auth or httpx.USE_CLIENT_DEFAULT)
            if answer.is_client_error:
                raise _untrusted(f"no token for the code: {_error_of(answer)}")
            token = str(_object(answer).get("id_token", ""))
            return self._known(token, _object(client.get(endpoints["jwks_uri"])), nonce)

    def _known(self, token: str, keys: Mapping[str, Any], nonce: str) -> Known:
        try:
            registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
            signed = jwt.decode(token, KeySet.import_key_set(dict(keys)), registry=registry)  # type: ignore[arg-type]
            wanted = {
                "iss": {"essential": True, "value": self.issuer}, "aud": {"essential": True, "value": self.client_id},
            }  # fmt: skip
            claims = CodeIDToken(signed.claims, signed.header, wanted, {"nonce": nonce, "client_id": self.client_id})
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise _untrusted(f"{type(error).__name__}: {error}") from None
        return _known_as(claims, self.groups_in, token)

    def _endpoints(self, client: httpx.Client) -> dict[str, Any]:
        """What the provider says of itself. Raises ``Refused`` when it is another, or sends people in the open."""
        told = _object(client.get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if told.get("issuer") != self.issuer:
            raise _untrusted(f"the provider calls itself {told.get('issuer')!r}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(str(told.get(name, ""))):
                raise _untrusted(f"its {name} is {told.get(name)!r}")
        return told


def address_after(settings: Settings, proof: str) -> str:
    """Where somebody goes who has logged out here, to be logged out at the provider; "" for nowhere."""
    try:
        provider = Provider.of(settings) if proof else None
    except ConfigurationError:
        return ""
    return provider.address_of_logout(proof, after=settings.portal_url.rstrip("/") + "/login") if provider else ""


@contextmanager
def _asking() -> Iterator[httpx.Client]:
    """Raises ``Refused`` when the provider does not answer, or not as a provider does. Redirects are not followed."""
    try:
        with httpx.Client(timeout=SECONDS, verify=trusted()) as client:
            yield client
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("the municipality's login does not answer: {}", type(error).__name__)
        raise Refused(AWAY, 503) from None


def _object(answer: httpx.Response) -> dict[str, Any]:
    answer.raise_for_status()
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _untrusted(f"{answer.url.path} is no JSON object")
    return told


def _error_of(answer: httpx.Response) -> str:
    """Its short word alone: what else it says may hold what was sent."""
    try:
        return str(answer.json()["error"])[:60]
    except (ValueError, KeyError, TypeError):
        return str(answer.status_code)


def _known_as(claims: Mapping[str, Any], groups_in: str, token: str) -> Known:
    subject, groups = claims["sub"], claims.get(groups_in, [])
    if not isinstance(subject, str) or not subject:
        raise _untrusted("sub is no text")
    elsewhere = claims.get("_claim_names")
    if isinstance(elsewhere, dict) and "groups" in elsewhere:  # Entra ID leaves more than 200 of them out
        logger.warning("the token says of groups only where they can be asked for: let it hold fewer")
    user = str(claims.get("preferred_username") or "")
    return Known(
        f"{claims['iss']} {subject}", user, str(claims.get("name") or user),
        frozenset(str(group) for group in groups) if isinstance(groups, list) else frozenset({str(groups)}), token,
    )  # fmt: skip


def _untrusted(why: str) -> Refused:
    logger.warning("a login by OpenID Connect is refused: {}", why)
    return Refused(UNTRUSTED)


def _with(address: str, told: Mapping[str, str]) -> str:
    return str(add_params_to_uri(address, list(told.items())))


def _is_safe(address: str) -> bool:
    """Whether what is sent there can be read by nobody on the way."""
    try:
        where = urlsplit(address)
    except ValueError:
        return False
    host = where.hostname or ""
    return bool(host) and (where.scheme == "https" or (where.scheme == "http" and is_loopback(host)))
