"""Message boxes that belong to the work, wherever and whenever they come: on a timer, in a frame, from a click."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from robots.errors import PageNotRecognised
from robots.store import Store
from robots.worker.warm_browser import Window
from tests.unit.benches import Practice, Site, bench
from tests.unit.pages import page, serving

pytestmark = pytest.mark.browser

ASKS = "document.title = String(confirm('Spara akten?'))"
PAGES = {
    "/timer": f"<h1>Akt</h1><script>setTimeout(() => {{ {ASKS} }}, 150)</script>",
    "/frame": f'<h1>Akt</h1><iframe name=arbete srcdoc="<h1>Arbete</h1><script>setTimeout(() => {{ parent.{ASKS} }}'
    ', 150)</script>"></iframe>',
    "/click": f'<h1>Akt</h1><button onclick="{ASKS}">Spara</button>',
    "/two": f"<h1>Akt</h1><script>setTimeout(() => {{ {ASKS}; {ASKS} }}, 150)</script>",
}


@pytest.fixture
def driver(window: Window, store: Store, tmp_path: Path) -> Iterator[Practice]:
    site = Site({"/": page("<h1>Start</h1>"), "/next": page("<h1>Nästa</h1>")})
    site.pages |= {path: page(body) for path, body in PAGES.items()}
    with serving(site) as server:
        yield Practice(bench(window, store, tmp_path, server.address))


def opened(driver: Practice, path: str) -> None:
    driver.open(path, heading="Akt")
    if path == "/click":
        driver.click(driver.button("Spara"))
    driver.frame.wait_for_function("['true', 'false'].includes(document.title)")


@pytest.mark.parametrize("path", ["/timer", "/frame", "/click"])
def test_an_expected_box_is_answered_with_yes(driver: Practice, path: str) -> None:
    driver.expect_dialog("Spara akten?")
    opened(driver, path)
    assert driver.frame.title() == "true"
    driver.open("/next", heading="Nästa")


@pytest.mark.parametrize("path", ["/timer", "/frame", "/click"])
def test_control_unexpected_it_is_answered_with_no_and_hands_over_at_the_next_step(driver: Practice, path: str) -> None:
    opened(driver, path)
    assert driver.frame.title() == "false"
    with pytest.raises(PageNotRecognised, match="oväntad ruta: «Spara akten\\?»"):
        driver.open("/next", heading="Nästa")


def test_a_second_box_with_the_same_words_is_not_expected(driver: Practice) -> None:
    driver.expect_dialog("Spara akten?")
    driver.open("/two", heading="Akt")
    driver.frame.wait_for_function("document.title === 'false'")
    with pytest.raises(PageNotRecognised, match="oväntad ruta"):
        driver.open("/next", heading="Nästa")
