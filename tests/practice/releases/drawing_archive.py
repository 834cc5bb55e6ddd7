"""Ritningsarkivet changes nothing; the new field stands before the search. The session is in the address."""

from __future__ import annotations

import re

import httpx

from tests.practice.releases import Release, Visit


def _session(visit: Visit) -> str:
    """The address that everything of this session begins with."""
    answer = visit.post("/logga-in", anvandare="lasare", losenord="read-pass", nasta="/")
    found = re.search(r"/s/[^/]+", str(answer.url))
    assert found
    return found[0]


def pages(visit: Visit) -> list[str]:
    return [visit.get(f"{_session(visit)}/").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    home = visit.town.case("drawings")["property_id"]
    return visit.get(f"{_session(visit)}/traffar", fastighet=home, **more)


def found(_visit: Visit, answer: httpx.Response) -> int:
    return int("<h1>Träfflista</h1>" in answer.text)


RELEASE = Release(pages, change, "Byggnadsnämnden", ("anvandare", "losenord"), found)
