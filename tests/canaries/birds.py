"""The canaries: what is secret or personal in the practice town, each known by its kind and whose it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select

from robots.cli.town import Town
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import login_sessions


@dataclass(frozen=True)
class Canary:
    """``kind`` is what it is, ``of`` a label that may stand in a report: never the value.

    ``whose`` is the number of the person that it is about, "" where it is about nobody.
    """

    kind: str
    of: str
    value: str
    whose: str = ""


def of_robots(settings: Settings, town: Town) -> Iterator[Canary]:
    """Every robot's password, the town's own key, and the keys of the machine."""
    for file in sorted(path for path in settings.secrets_dir.iterdir() if path.is_file()):
        text = file.read_text("utf-8").strip()
        if not text.startswith("{"):
            yield Canary("password", file.name, text)
    yield Canary("token", "control API", town.token)


def of_sessions(settings: Settings, store: Store) -> Iterator[Canary]:
    """What the systems gave the robots when they logged in."""
    with store.begin() as connection:
        rows = connection.execute(select(login_sessions)).all()
    for row in rows:
        if row.state is None:
            continue
        state = json.loads(Fernet(settings.machine_key()).decrypt(row.state))
        for cookie in state["cookies"]:
            if len(cookie["value"]) >= 12:
                yield Canary("token", f"session in {row.system}", cookie["value"])


def of_people(town: Town, cases: list[dict[str, Any]]) -> Iterator[Canary]:
    """Each citizen of the cases, and the children that the cases are about."""
    numbers = dict.fromkeys(n for case in cases for n in (case["citizen"], *case.get("children", ())) if n)
    for count, number in enumerate(numbers, 1):
        person, whose = town.ask(f"/people/{number}"), f"person {count}"
        yield Canary("personal number", whose, number, number)
        yield Canary("name", whose, person["name"], number)
        for kind, key in (("telephone", "phone"), ("e-mail", "email"), ("address", "street")):
            if person[key]:
                yield Canary(kind, whose, person[key], number)
