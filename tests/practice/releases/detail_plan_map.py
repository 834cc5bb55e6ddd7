"""Tallingekartan changes nothing; the new field stands before the search."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def _home(visit: Visit) -> str:
    return str(visit.town.case("detail_plan")["property_id"])


def pages(visit: Visit) -> list[str]:
    return [visit.get("/").text, visit.get("/fastighet/rows", fastighet=_home(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    if more:
        visit.post("/soktyp", **more)
    return visit.get("/sok/rows", q=_home(visit))


def suggested(visit: Visit, answer: httpx.Response) -> int:
    return int(f'data-designation="{_home(visit)}"' in answer.text)


RELEASE = Release(pages, change, "Fastighet", done=suggested)
