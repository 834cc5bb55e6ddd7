"""Skolplacering Edda: a school choice is registered. The page fetches itself; its templates lie in the shell."""

from __future__ import annotations

from typing import Any

import httpx

from tests.practice.releases import Release, Visit


def pages(visit: Visit) -> list[str]:
    return [visit.get("/").text]


def change(visit: Visit, **more: str) -> httpx.Response:
    visit.get("/")  # for the key in its cookie
    child = visit.town.case("school_choice")["children"][0]
    told = visit.town.control.post("/systems/school_placement/pupil", json={"personal_number": child}).json()
    typed: dict[str, Any] = {"val1": told["guardians"][0]["wishes"][0], "skal": "Inget särskilt skäl",
                             "referens": "R-1", "version": told["version"]}  # fmt: skip
    return visit.browser.post(
        f"{visit.root}/api/elever/{told['number']}/skolval", json=typed | more,
        headers={"X-XSRF-TOKEN": visit.browser.cookies["XSRF-TOKEN"]},
    )  # fmt: skip


RELEASE = Release(pages, change, "Telefon")
