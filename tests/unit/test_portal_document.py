"""docs/portal.md says what the portal does: who may what, how long somebody is logged in, what TLS gives."""

from __future__ import annotations

import re

import httpx
import pytest

from robots.portal.app import create_app
from robots.portal.doors.login_attempts import GOOD_SECONDS
from robots.portal.doors.oidc import ALGORITHMS, BACK
from robots.portal.doors.sessions import IDLE_MINUTES, SESSION_HOURS
from robots.portal.rights import GRANTED, May, Role
from robots.settings import Settings
from robots.store import Store
from robots.watching.listening import HOST, answering
from tests.conftest import ROOT
from tests.unit.desks import PASSWORD, desk_over

DOCUMENT = (ROOT / "docs" / "portal.md").read_text("utf-8")


def told_rights(document: str) -> dict[str, list[str]]:
    """Right -> the roles that have it, as the table says."""
    head, *rows = re.findall(r"^\| (?:right|`\w+`) \|(?: [^|\n]+ \|){5}$", document, re.MULTILINE)
    roles = re.findall(r"`(\w+)`", head)
    cells = {row.split("`")[1]: [cell.strip() for cell in row.split("|")[2:-1]] for row in rows}
    return {
        right: [role for role, cell in zip(roles, row, strict=True) if cell == "yes"] for right, row in cells.items()
    }


def test_the_table_of_rights_is_as_they_are_granted() -> None:
    assert told_rights(DOCUMENT) == {str(m): [str(r) for r in Role if m in GRANTED[r]] for m in May}


def test_control_a_right_that_is_told_and_not_granted_is_seen() -> None:
    row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{May.SEE_PERSONAL}` |"))
    untrue = DOCUMENT.replace(row, row.replace("–", "yes"))
    assert told_rights(untrue)[May.SEE_PERSONAL] == [str(role) for role in Role]


def test_lengths_and_names_are_as_they_are() -> None:
    assert (SESSION_HOURS, IDLE_MINUTES, GOOD_SECONDS) == (10, 75, 600)
    for words in ("Ten hours", "75 minutes", "ten minutes", BACK, *ALGORITHMS, *Role):
        assert words in DOCUMENT


@pytest.mark.parametrize("address", ["https://robotar.example.se", ""])
def test_behind_a_web_server_with_tls_cookies_go_by_tls_alone(machine: Settings, store: Store, address: str) -> None:
    """As the municipality's web server asks: with its own name, for a browser elsewhere."""
    forwarded = {"Host": "robotar.example.se", "X-Forwarded-Proto": "https", "Origin": "https://robotar.example.se"}
    with desk_over(machine.model_copy(update={"portal_url": address}), store) as desk:
        answer = httpx.post(f"{desk.address}/login", data={"name": "gun", "password": PASSWORD}, headers=forwarded)
    assert answer.status_code == 303
    assert ("; secure" in answer.headers["set-cookie"].lower()) == bool(address)
    assert ("strict-transport-security" in answer.headers) == bool(address)


def test_it_is_open_to_this_machine_alone(machine: Settings, store: Store) -> None:
    with answering(create_app(machine, store), 0, "portal_port") as port:
        assert HOST == "127.0.0.1"
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.2:{port}/login")
