"""Renhållning Framtid: a sludge emptying is ordered."""

from __future__ import annotations

from typing import Any

import httpx

from tests.practice.releases import Release, Visit


def _details(visit: Visit) -> str:
    """The address of a started order's second step."""
    facility = visit.town.case("extra_sludge")["facility"]
    step = visit.get("/guide/ny", anlaggning=facility)
    return str(visit.browser.post(str(step.url), data={"tjanst": "Extra slamtömning"}).url)


def pages(visit: Visit) -> list[str]:
    return [visit.browser.get(_details(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    address = _details(visit)
    form: dict[str, Any] = {
        "onskat_datum": "2026-03-18", "slanglangd": "10", "brunnslock": "Ja", "vag": "Ja", "ordinarie": "Ja",
        "meddelande": "Prov", "referens": "R-1", "riktning": "nasta",
    }  # fmt: skip
    answer = visit.browser.post(address, data=form | more)
    if str(answer.url).endswith("/sammanfattning"):
        visit.browser.post(str(answer.url))
    else:  # as somebody who has kept the last step's address
        visit.browser.post(address.replace("/uppgifter", "/sammanfattning"))
    return answer


RELEASE = Release(pages, change, "Sms")
