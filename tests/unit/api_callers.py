"""Programs that call the API, and what they send."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import func, select

from robots.portal.doors.accounts import add_account
from robots.portal.doors.sessions import new_key
from robots.portal.rights import Role
from robots.store import Store
from robots.store.schema import accounts, runs
from tests.unit.desk_runs import new_case
from tests.unit.desks import Client, Desk

API = "/api/v1"
PROPERTY, PERSON = "EKBACKEN 3:14", "19811118-9802"


def program(
    desk: Desk, name: str = "etjanst", *, teams: str = "", roles: frozenset[Role] = frozenset({Role.API})
) -> Client:
    """A program with a key of its own."""
    add_account(desk.store, name, name, roles=roles, teams={teams} if teams else set(), by="prov")
    number = desk.store.ask(select(accounts.c.id).where(accounts.c.name == name))
    assert number
    return desk.program(new_key(desk.store, number[0], "prov", by="prov"))


def drawings() -> dict[str, str]:
    return {"case_number": new_case(), "property_id": PROPERTY}


def start(client: Client, key: str, inputs: dict[str, Any], **told: Any) -> httpx.Response:
    sent = {"task": "send-drawings", "inputs": inputs} | told
    return client.post(f"{API}/runs", json=sent, headers={"Idempotency-Key": key})


def count_runs(store: Store) -> int:
    found = store.ask(select(func.count()).select_from(runs))
    assert found
    return int(found[0])
