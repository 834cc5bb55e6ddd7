"""Treklöver Familjerätt: an akt is opened."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def pages(visit: Visit) -> list[str]:
    return [visit.get("/ny-akt").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    case = visit.town.case("parenthood")
    told = visit.town.control.post("/systems/family_law/notifications", json={}).json()
    mine = next(n for n in told if n["case_number"] == case["number"])
    form = {
        "typ": "Faderskap/föräldraskap", "form": "Förenklad", "foralder1": mine["parents"][0],
        "foralder2": mine["parents"][1], "fodelse": mine["due"], "tvekan": "Nej", "assisterad": "Nej",
        "beteckning": case["number"], "referens": "R-1",
    }  # fmt: skip
    return visit.post("/ny-akt", **(form | more))


RELEASE = Release(pages, change, "Ges", ("ident", "kod"))
