"""Diariet: a document that has come in is registered."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def _address(visit: Visit) -> str:
    cases = visit.town.control.post("/systems/registry/cases", json={"status": "Öppet"}).json()
    return f"/arenden/{cases[0]['id']}/ny-handling"


def pages(visit: Visit) -> list[str]:
    return [visit.get(_address(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    form = {
        "rubrik": "Skrivelse", "avsandare": "En medborgare", "inkom": "2026-03-16", "sekretess": "Ingen sekretess",
        "extern": "R-1",
    }  # fmt: skip
    files = {"fil": ("a.pdf", b"%PDF-1.7\n%%EOF\n", "application/pdf")}
    return visit.browser.post(visit.root + _address(visit), data=form | more, files=files)


RELEASE = Release(pages, change, "Brev", ("signatur", "losenord"))
