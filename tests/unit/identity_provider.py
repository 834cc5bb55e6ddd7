"""The municipality's identity provider for a test, on loopback: OpenID Connect as it is written, and the lies about it.

It demands of the portal what a real one does: the registered address, PKCE, the secret, and a code once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

from fastapi import FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from robots.watching.listening import HOST, answering

CLIENT, SECRET = "ragnhild-portal", "en hemlighet & så"
NO_ALG = {"alg": "none", "typ": "JWT"}
GROUP = "kontaktcenter-vagledare"
AUTHOR = {
    "sub": "7f9c2b", "preferred_username": "Karin.Öst@tallinge.example", "name": "Karin Öst", "groups": [GROUP],
}  # fmt: skip


@cache
def rsa_key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, auto_kid=False)


@dataclass
class Asked:
    """What the portal asked to be sent back with a code."""

    nonce: str
    challenge: str
    back: str


@dataclass
class IdentityProvider:
    """``person`` is who sits there; ``lie`` changes the claims of a token, ``sign`` makes one of them."""

    address: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(AUTHOR))
    lie: Callable[[dict[str, Any]], None] | None = None
    sign: Callable[[dict[str, Any]], str] | None = None
    says: dict[str, Any] = field(default_factory=dict)
    is_down: bool = False
    refuses: str = ""
    registered: str = ""
    codes: dict[str, Asked] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    logged_out: list[dict[str, str]] = field(default_factory=list)

    def metadata(self) -> dict[str, Any]:
        """What it says of itself."""
        return {
            "issuer": self.address, "authorization_endpoint": f"{self.address}/authorize?tenant=1",
            "token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys",
            "end_session_endpoint": f"{self.address}/logout",
        } | self.says  # fmt: skip

    def token_for(self, asked: Asked) -> str:
        now = int(time.time())
        claims = self.person | {
            "iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.nonce,
        }  # fmt: skip
        if self.lie:
            self.lie(claims)
        token = self.sign(claims) if self.sign else signed(claims)
        self.tokens.append(token)
        return token


def signed(claims: dict[str, Any], kid: str = "first", **header: str) -> str:
    return jwt.encode({"alg": "RS256", "kid": kid} | header, claims, rsa_key(kid))


def unsigned(claims: dict[str, Any]) -> str:
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (NO_ALG, claims))
    return f"{head}.{body}."


def signed_with_public_key(claims: dict[str, Any]) -> str:
    """HS256, with the key that everybody can fetch as the secret."""
    public = rsa_key("first").as_pem(private=False)
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, OctKey.import_key(public.replace(b"-----", b"")))


def signed_by_another(claims: dict[str, Any]) -> str:
    """A key of its own, which it calls by the name of the right one."""
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, rsa_key("stranger"))


def application(provider: IdentityProvider) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def is_up(request: Request, go_on: Any) -> Response:
        return Response(status_code=503) if provider.is_down else await go_on(request)

    @app.get("/.well-known/openid-configuration")
    def metadata() -> dict[str, Any]:
        return provider.metadata()

    @app.get("/keys")
    def keys() -> dict[str, Any]:
        return dict(KeySet([rsa_key("other"), rsa_key("first")]).as_dict(private=False))

    @app.get("/authorize")
    def authorize(
        tenant: str, response_type: str, client_id: str, redirect_uri: str, scope: str, state: str, nonce: str,
        code_challenge: str, code_challenge_method: str, pressed: bool = False,
    ) -> Response:  # fmt: skip
        """A page where the person says who they are; with ``pressed``, they have."""
        told = (tenant, response_type, client_id, redirect_uri, code_challenge_method)
        if told != ("1", "code", CLIENT, provider.registered, "S256") or "openid" not in scope.split():
            raise HTTPException(400, "no such client")
        if provider.refuses:
            return RedirectResponse(f"{redirect_uri}?error={provider.refuses}&state={state}", 303)
        code = secrets.token_urlsafe(8)
        provider.codes[code] = Asked(nonce, code_challenge, redirect_uri)
        there = f"{redirect_uri}?code={code}&state={state}"
        link = f"<!doctype html><html lang=sv><title>Tallinge</title><h1>Vem är du?</h1><a href='{there}'>Karin</a>"
        return RedirectResponse(there, 303) if pressed else HTMLResponse(link)

    @app.post("/token")
    def token(
        request: Request, grant_type: Annotated[str, Form()], code: Annotated[str, Form()],
        redirect_uri: Annotated[str, Form()], code_verifier: Annotated[str, Form()],
        client_id: Annotated[str, Form()] = "", client_secret: Annotated[str, Form()] = "",
    ) -> Response:  # fmt: skip
        posted = "client_secret_post" in provider.says.get("token_endpoint_auth_methods_supported", ())
        right = (CLIENT, SECRET) if posted else ("", "")
        basic = "Basic " + base64.b64encode(f"{CLIENT}:en%20hemlighet%20%26%20s%C3%A5".encode()).decode()
        if (client_id, client_secret) != right or not (posted or request.headers.get("authorization") == basic):
            return _json({"error": "invalid_client"}, 401)
        asked = provider.codes.pop(code, None)
        shown = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).decode().rstrip("=")
        if (
            grant_type != "authorization_code"
            or asked is None
            or (shown, redirect_uri) != (asked.challenge, asked.back)
        ):
            return _json({"error": "invalid_grant"}, 400)
        return _json({"access_token": "a", "token_type": "Bearer", "id_token": provider.token_for(asked)})

    @app.get("/logout")
    def logout(request: Request) -> Response:
        provider.logged_out.append(dict(request.query_params))
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 303)

    return app


def _json(told: dict[str, Any], status: int = 200) -> Response:
    from fastapi.responses import JSONResponse

    return JSONResponse(told, status)


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    with answering(application(provider), 0, "health_port") as port:
        provider.address = f"http://{HOST}:{port}"
        yield provider
