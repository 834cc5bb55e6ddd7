"""Alfrida Färdtjänst: an investigation is opened in the wizard."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit

PDF = b"%PDF-1.7\n%%EOF\n"
ANSWERS = {"inkom": "2026-03-02", "satt": "E-tjänst", "insats": "Färdtjänst", "tolk": "Nej", "varaktig": "Ja",
           "svarighet": "Annan", "intyg": "Saknas", "intyg_av": "Inget intyg"}  # fmt: skip


def _draft(visit: Visit) -> str:
    """The address of a begun draft, as it is in the system."""
    citizen = visit.town.case("mobility_application")["citizen"]
    file = visit.post("/personer", personnummer=citizen).url.path.rpartition("/")[2]
    first = visit.post(f"/akt/{file}/ny-utredning", referens="R-1", nyckel="prov")
    return first.url.path.removeprefix(visit.root).removesuffix("/steg/1")


def _save(visit: Visit, draft: str, **values: str) -> None:
    for name, value in values.items():
        visit.post(f"{draft}/falt", falt=name, varde=value).raise_for_status()


def pages(visit: Visit) -> list[str]:
    draft = _draft(visit)
    _save(visit, draft, **ANSWERS)
    return [visit.get(f"{draft}/steg/2").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    draft = _draft(visit)
    _save(visit, draft, **ANSWERS, **more)
    answer = visit.post(f"{draft}/steg/2", riktning="nasta")
    # Also as somebody who has kept the last step's address.
    visit.browser.post(f"{visit.root}{draft}/registrera", files={"ansokan": ("a.pdf", PDF, "application/pdf")})
    return answer


RELEASE = Release(pages, change, "Brev", ("anvid", "losen"))
