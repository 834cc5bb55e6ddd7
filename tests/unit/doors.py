"""A portal that people come into by the municipality's own login."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from robots.portal.app import create_app
from robots.settings import Settings, write_secret
from robots.store import Store
from robots.watching.listening import HOST, answering
from tests.unit.desks import Client, Desk
from tests.unit.identity_provider import CLIENT, GROUP, SECRET, IdentityProvider

GROUPS = f"""
[guides]
group = "{GROUP}"
roles = ["guide"]
teams = ["Samhällsbyggnad"]

[leaders]
group = "ledare"
roles = ["leader"]
teams = ["*"]
"""


@dataclass
class Door(Desk):
    """A portal that knows of a provider."""

    provider: IdentityProvider

    def come(self, guest: Client, to: str = "/runs") -> httpx.Response:
        """Press the button, say who one is, and come back."""
        return guest.get(self.sent_back(guest, to))

    def sent_back(self, guest: Client, to: str = "/runs") -> str:
        """The address at which the provider lets the browser come back."""
        led = guest.get("/login/oidc", params={"to": to})
        assert led.status_code == 303, led.text
        told = httpx.get(led.headers["location"] + "&pressed=true")
        assert told.status_code == 303, told.text
        return told.headers["location"]


@contextmanager
def door_over(machine: Settings, store: Store, folder: Path, provider: IdentityProvider) -> Iterator[Door]:
    """The portal as it is reached; ``folder`` is its configuration and its data."""
    (folder / "portal.toml").write_text(GROUPS, "utf-8")
    write_secret(folder / "secrets" / "oidc", SECRET)
    told = {"data_dir": folder, "config_dir": folder, "oidc_issuer": provider.address, "oidc_client_id": CLIENT}
    settings = machine.model_copy(update=told)
    app = create_app(settings, store)
    with answering(app, 0, "portal_port") as port, ExitStack() as clients:
        address = f"http://{HOST}:{port}"
        app.state.desk.settings = settings.model_copy(update={"portal_url": f"{address}/"})
        provider.registered = f"{address}/login/oidc/back"
        yield Door(address, app.state.desk.settings, store, clients, provider)
