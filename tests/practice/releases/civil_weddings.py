"""Vigselbokningen: a booking is confirmed, of a time that a colleague has reserved."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def _form(visit: Visit) -> str:
    case = visit.town.case("wedding_booking")["number"]
    act = "/systems/civil_weddings"
    number = visit.town.control.post(f"{act}/application_of", json={"case": case}).json()["number"]
    visit.town.control.post(f"{act}/hold", json={"number": number}).raise_for_status()
    return f"/arenden/{number}/bekrafta"


def pages(visit: Visit) -> list[str]:
    return [visit.get(_form(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    address = _form(visit)
    page = visit.get(address).text
    officiant = page.partition('name="forrattare"')[2].partition("<option>")[2].partition("</option>")[0]
    typed = {"vittne1": "Vera Tall", "vittne2": "Ivar Strand", "forrattare": officiant, "referens": "R-1"}
    return visit.post(address, **typed, **more)


RELEASE = Release(pages, change, "Svenska")
