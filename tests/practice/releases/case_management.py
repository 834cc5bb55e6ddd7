"""Artina: a note is written."""

from __future__ import annotations

import re

import httpx

from tests.practice.releases import Release, Visit


def _form(visit: Visit) -> tuple[str, str]:
    address = f"/arende/{visit.town.case('drawings')['number']}/anteckning"
    return address, visit.get(address).text


def pages(visit: Visit) -> list[str]:
    return [_form(visit)[1]]


def change(visit: Visit, **more: str) -> httpx.Response:
    address, page = _form(visit)
    key = re.search(r'name="formularnyckel" value="([^"]+)"', page)
    assert key
    return visit.post(address, formularnyckel=key[1], typ="Journalanteckning", text="Ett prov.", **more)


RELEASE = Release(pages, change, "Ingen sekretess")
