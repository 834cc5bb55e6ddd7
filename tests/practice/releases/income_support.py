"""Socio: a calculation is proposed to the official."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def _review(visit: Visit) -> str:
    """The address of a sheet that has been reckoned and is looked over."""
    citizen = visit.town.case("support_reapplication")["citizen"]
    told = visit.town.control.post(f"/systems/{visit.key}/file", json={"citizen": citizen}).json()
    visit.post(f"/akt/{told['number']}/las")
    sheet = str(visit.get(f"/akt/{told['number']}/berakning/ny").url)
    visit.browser.post(f"{sheet}/rakna", data={"g:Boendekostnad": "7000"})
    return f"{sheet}/granska"


def pages(visit: Visit) -> list[str]:
    return [visit.browser.get(_review(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    form = {"forslagskod": "Bifall", "motivering": "Som förra månaden.", "referens": "R-1"}
    return visit.browser.post(_review(visit), data=form | more)


RELEASE = Release(pages, change, "Brev", ("signatur", "losenord"))
