"""Vaults for the tests: they speak what is documented of HashiCorp's KV version 2 and AppRole, and of Azure Key Vault.

The toolkit meets them through the vendors' own libraries. Everything is kept that a client has sent.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

LOOPBACK = "127.0.0.1"
DENIED = {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}


@dataclass
class Vault:
    """``entries`` by mount and path. ``down`` is the status that everything is answered with while it is set."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    mounts: tuple[str, ...] = ("secret",)
    tokens: set[str] = field(default_factory=lambda: {"s.token"})
    secret_id: str = "rätt-id"
    logins: int = 0
    tokens_at_login: list[str | None] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    down: int = 0
    address: str = ""

    def answer(self, method: str, path: str, headers: Any, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.down:
            return self.down, {"errors": ["Vault is sealed"]}
        if method == "POST" and path == "/v1/auth/approle/login":
            self.tokens_at_login.append(headers.get("X-Vault-Token"))
            return self._login(told)
        if headers.get("X-Vault-Token") not in self.tokens:
            return 403, DENIED
        mount, _, entry = path.removeprefix("/v1/").partition("/data/")
        if mount not in self.mounts:
            return 404, {"errors": [f'no handler for route "{mount}/data/{entry}". route entry not found.']}
        self.reads.append(entry)
        found = self.entries.get(f"{mount}/{entry}")
        if found is None:
            return 404, {"errors": []}
        return 200, {"request_id": "1", "data": {"data": found, "metadata": {"version": 1, "deletion_time": ""}}}

    def _login(self, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if told != {"role_id": "ragnhild-role", "secret_id": self.secret_id}:
            return 400, {"errors": ["invalid role or secret ID"]}
        self.logins += 1
        self.tokens = {f"s.login-{self.logins}"}
        return 200, {"auth": {"client_token": f"s.login-{self.logins}", "lease_duration": 60, "renewable": True}}


@dataclass
class KeyVault:
    """``secrets`` by name. ``resource`` is whom its challenge says that a token is to be for."""

    secrets: dict[str, str] = field(default_factory=dict)
    resource: str = ""
    down: int = 0
    authorised: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    address: str = ""

    def answer(self, method: str, path: str, headers: Any, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        token = headers.get("Authorization")
        if token is None:
            return 401, {"error": {"code": "Unauthorized", "message": "no token"}}
        self.authorised.append(token)
        if self.down:
            return self.down, {"error": {"code": "Refused", "message": "not now, not you"}}
        name = path.split("/")[2]
        self.reads.append(name)
        if name not in self.secrets:
            return 404, {"error": {"code": "SecretNotFound", "message": f"A secret with name {name} was not found"}}
        return 200, {"value": self.secrets[name], "id": f"{self.address}/secrets/{name}/1", "attributes": {}}

    def challenge(self) -> str:
        return f'Bearer authorization="https://login.invalid/tallinge", resource="{self.resource}"'


@contextmanager
def listening(vault: Vault | KeyVault, certificate: Path | None = None) -> Iterator[None]:
    """It answers on its ``address`` within the block; encrypted with a certificate."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            told = json.loads(self.rfile.read(length) or b"{}")
            status, document = vault.answer(self.command, unquote(urlsplit(self.path).path), self.headers, told)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if status == 401 and isinstance(vault, KeyVault):
                self.send_header("WWW-Authenticate", vault.challenge())
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            """Not on the screen."""

    with ThreadingHTTPServer((LOOPBACK, 0), Door) as server:
        server.daemon_threads = True
        if certificate:
            safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            safe.load_cert_chain(certificate)
            server.socket = safe.wrap_socket(server.socket, server_side=True)
        port = server.server_address[1]
        vault.address = f"{'https' if certificate else 'http'}://{LOOPBACK}:{port}"
        if isinstance(vault, KeyVault) and not vault.resource:
            # The domain above the vault's own, as vault.azure.net is: the library takes no other.
            vault.resource = f"https://{LOOPBACK.partition('.')[2]}:{port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield
        server.shutdown()
