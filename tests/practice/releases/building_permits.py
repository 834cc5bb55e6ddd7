"""Bygglov Castell: a notice that work begins is registered, through the page that posts itself back."""

from __future__ import annotations

import re
from html import unescape

import httpx

from tests.practice.releases import Release, Visit

PREFIX = "ctl00$Innehall$"


def _address(visit: Visit) -> str:
    asked = {"case": visit.town.case("start_of_construction")["number"]}
    number = visit.town.control.post("/systems/building_permits/permit_of", json=asked).json()
    return f"/Handelse.aspx?arende={number.replace(' ', '+')}"


def _state(page: str) -> str:
    found = re.search(r'name="__VIEWSTATE" id="[^"]+" value="([^"]+)"', page)
    return unescape(found[1]) if found else ""


def pages(visit: Visit) -> list[str]:
    return [visit.get(_address(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    address = _address(visit)
    typed = {
        "rblRiktning": "Inkommande", "ddlTyp": "Anmälan", "ddlSlag": "Anmälan om byggstart", "ddlUtfall": "Mottagen",
        "txtDatum": "2026-03-17", "txtByggstart": "2026-12-24", "txtRubrik": "Byggstart", "btnGranska": "Fortsätt",
    }  # fmt: skip
    form = {PREFIX + name: value for name, value in typed.items()} | {"__VIEWSTATE": _state(visit.get(address).text)}
    answer = visit.post(address, **(form | more))
    registered = {PREFIX + "btnRegistrera": "Registrera", "__VIEWSTATE": _state(answer.text)}
    visit.browser.post(str(answer.url), data=registered)  # without a draft this is only the form once more
    return answer


RELEASE = Release(pages, change, "E-tjänst", ("ctl00$Innehall$txtAnvandare", "ctl00$Innehall$txtLosenord"))
