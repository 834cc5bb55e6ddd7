"""Felanmälan: a fault is reported."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def pages(visit: Visit) -> list[str]:
    return [visit.get("/karta").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    case = visit.town.case("fault_report")
    place = visit.town.control.post(
        "/systems/fault_reports/place", json={"property_id": case["property_id"]}
    ).json()  # fmt: skip
    form = {
        "n": str(place["n"]), "e": str(place["e"]), "grupp": "Klotter och skräp", "kategori": "Klotter",
        "beskrivning": "Klotter på elskåpet.", "referens": "R-1",
    }  # fmt: skip
    return visit.post("/api/anmalningar", **(form | more))


RELEASE = Release(pages, change, "Telefon")
