"""Karin in a real browser: in by the municipality's own login, to what she asked for, and out of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from robots.settings import Settings
from robots.store import Store
from robots.worker.warm_browser import WarmBrowser
from tests.unit.doors import Door, door_over
from tests.unit.identity_provider import identity_provider


@pytest.fixture
def door(machine: Settings, store: Store, tmp_path: Path) -> Iterator[Door]:
    with identity_provider() as provider, door_over(machine, store, tmp_path, provider) as opened:
        yield opened


@pytest.fixture
def page(browser: WarmBrowser) -> Iterator[Page]:
    window = browser.take_window()
    yield window.page()
    window.close()


def faults(page: Page) -> list[str]:
    return [fault["id"] for fault in Axe().run(page).response["violations"]]


def test_in_by_the_municipalitys_login_with_the_keyboard_alone_and_out_of_both(page: Page, door: Door) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{door.address}/runs?mine=true")
    expect(page.get_by_role("link", name="Logga in med kommunens inloggning")).to_be_focused()
    expect(page.get_by_label("Lösenord")).to_be_hidden()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Karin").click()
    page.wait_for_url(f"{door.address}/runs?mine=true")
    expect(page.get_by_role("link", name="Karin Öst")).to_be_visible()
    page.get_by_role("button", name="Logga ut").click()
    page.wait_for_url(f"{door.address}/login")
    assert len(door.provider.logged_out) == 1, "the provider was told, on the way"
    page.goto(f"{door.address}/runs")
    expect(page).to_have_url(re.compile("/login"))
    assert said == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_door_and_its_refusal_can_be_used_by_all(page: Page, door: Door, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 800})
    door.provider.person["groups"] = []
    page.goto(door.address)
    assert faults(page) == []
    page.get_by_role("link", name="Logga in med kommunens inloggning").click()
    page.get_by_role("link", name="Karin").click()
    expect(page.get_by_role("alert")).to_contain_text("ingen av dina grupper ger plats i portalen")
    page.get_by_text("Logga in med användarnamn och lösenord").click()
    expect(page.get_by_label("Lösenord")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
