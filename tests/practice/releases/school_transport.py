"""Skolskjuts: an application is registered."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit

TERM = "2025/26"  # of the day on which the releases are tried


def pages(visit: Visit) -> list[str]:
    return [visit.get("/elever").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    case = visit.town.case("school_transport", "normal_over_limit")
    child = visit.town.control.get(f"/children/{case['children'][0]}").json()
    told = {
        "elev": child["personal_number"], "lasar": TERM, "sokande": case["citizen"], "skal": "Avstånd",
        "boende": "Bor bara på folkbokföringsadressen", "avstand": child["metres"][child["nearest_school"]],
        "meddelande": "", "referens": "R-1",
    }  # fmt: skip
    return visit.browser.post(f"{visit.root}/api/ansokningar", json=told | more)


RELEASE = Release(pages, change, "Brev")
