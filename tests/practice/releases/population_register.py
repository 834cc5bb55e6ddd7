"""KIR changes nothing; what the new field stands before is a look, and the log tells of every one."""

from __future__ import annotations

import re

import httpx

from tests.practice.releases import Release, Visit


def pages(visit: Visit) -> list[str]:
    return [visit.get("/").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    sekv = re.search(r'name="sekv" value="([^"]+)"', visit.get("/").text)
    assert sekv
    case = visit.town.case("drawings")
    return visit.post(
        "/sok", sekv=sekv[1], pnr=case["citizen"], orsak="Annan", arende="",
        notering="", sok_pnr="Sök", **more,
    )  # fmt: skip


def looked(visit: Visit, _answer: httpx.Response) -> int:
    return len(visit.town.control.post("/systems/population_register/lookups", json={}).json())


RELEASE = Release(pages, change, "Kommunvägledare", ("anv", "losen"), looked)
