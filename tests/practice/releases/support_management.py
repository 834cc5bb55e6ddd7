"""Support-management: a note is written on an errand's page."""

from __future__ import annotations

import httpx

from tests.practice.releases import Release, Visit


def _address(visit: Visit) -> str:
    return f"/arenden/{visit.town.case('drawings')['number']}"


def pages(visit: Visit) -> list[str]:
    return [visit.get(_address(visit)).text]


def change(visit: Visit, **more: str) -> httpx.Response:
    return visit.post(f"{_address(visit)}/noteringar", text="Ett prov.", **more)


RELEASE = Release(pages, change, "Samtal", login=("user", "pass"))
