"""Konsumentärenden: a matter is registered."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def pages(visit: Visit) -> list[str]:
    return [visit.get("/arenden/nytt").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    form = {
        "personnummer": visit.town.case("drawings")["citizen"], "kopare": "Privatperson", "motpart": "Prylbutiken AB",
        "orgnr": "559980-1205", "kopdatum": "2026-03-10", "belopp": "900", "arendetyp": "Distansavtal",
        "underkategori": "Ångerrätt", "onskar": "Skriva till företaget", "beteckning": "R-1",
        "beskrivning": "Vill ångra köpet.",
    }  # fmt: skip
    return visit.post("/arenden/nytt", **(form | more))


RELEASE = Release(pages, change, "Telefon", ("namn", "losenord"))
