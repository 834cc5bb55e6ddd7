"""What is personal is covered in the picture itself; the judge is the colour of its pixels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from robots.errors import ApplicationException
from robots.evidence import recorder as recorder_module
from robots.evidence.pictures import Mask, Photographer
from robots.evidence.recorder import Recorder
from robots.evidence.sealed import SEALED
from robots.store import Store
from robots.store.schema import run_events
from robots.worker.warm_browser import Window
from tests.sealing import keys_in
from tests.unit.pages import Answer, Asked, page, serving
from tests.unit.runs import new_run

pytestmark = pytest.mark.browser

# Big red letters on white: where they are covered, nothing red is left.
STYLE = (
    "<style>body{font:700 24px monospace;color:#f00;background:#fff}"
    "input,select,textarea{font:inherit;color:inherit}.faint::placeholder{color:#f00}</style>"
)
TEXTS = {
    "number": "<p id=number>Pnr <span>19811118-9802</span></p>",
    "in pieces": "<p id=number>Pnr <span><b>811118</b>\u2013<i>9802</i></span></p>",
    "over lines": "<p id=number>Pnr <span>811118\n          -9802</span></p>",
    "e-mail": "<p id=number>E-post <span>åsa.ek@tallinge.se</span></p>",
    "telephone": "<p id=number>Tel <span>070-123 45 67</span></p>",
    "known name": "<p id=number>Namn <span>ÅSA EK</span></p>",
    "field": '<p><span><input value="19811118-9802" size=20></span></p>',
    "area": "<p><span><textarea rows=1 cols=20>811118-9802</textarea></span></p>",
    "password": '<p><span><input type=password value="hemligt" size=20></span></p>',
    "list": '<p><span><select><option value="1">Åsa Ek</select></span></p>',
    "placeholder": '<p><span><input placeholder="19811118-9802" size=20 class=faint></span></p>',
    "fixed line": "<p id=number>Tel <span>0581-810 00</span></p>",
    "cells": "<table><tr><td>Pnr<td><span>19811118</span><td>9802</table>",
    "shadow": "<p><span><template shadowrootmode=open>19811118-9802</template></span></p>",
    "selector": '<p><span class="hemlig">Vad som helst</span></p>',
}
MASK = Mask(known=("Åsa Ek",), selectors=(".hemlig",))


@pytest.fixture
def photographer() -> Iterator[Photographer]:
    taking = Photographer()
    yield taking
    taking.close()


def _red(path: Path, box: tuple[float, float, float, float]) -> int:
    """How many pixels in the box (x, y, width, height) are reddish."""
    x, y, width, height = box
    with Image.open(path) as image:
        part = image.crop((int(x), int(y), int(x + width), int(y + height))).convert("RGB")
    colours = part.getcolors(part.width * part.height) or []
    return sum(n for n, (r, g, b) in colours if r > 150 and g < 130 and b < 130)  # type: ignore[misc]  # RGB


def _place(thing: Locator) -> tuple[float, float, float, float]:
    box = thing.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def _shoot(photographer: Photographer, tab: Page, path: Path, mask: Mask) -> Path:
    photographer.take(tab, mask, path.write_bytes)
    photographer.finish()
    return path


@pytest.mark.parametrize("what", TEXTS)
@pytest.mark.parametrize("framed", [False, True], ids=["page", "iframe"])
def test_personal_data_is_covered_and_the_rest_is_not(
    window: Window, photographer: Photographer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, framed: bool
) -> None:
    def answer(asked: Asked) -> Answer:
        if framed and asked.path == "/":
            return page(f"{STYLE}<p>Öppet</p><iframe src=/inner width=700 height=300 style='padding:9px'></iframe>")
        return page(STYLE + "<p id=plain>Öppet</p>" + TEXTS[what])

    with serving(answer) as server:
        tab = window.context.new_page()
        tab.goto(server.address)
        frame = tab.frames[-1]
        secret, plain = _place(frame.locator("span").first), _place(frame.locator("#plain"))
        shown = _shoot(photographer, tab, tmp_path / "covered.jpg", MASK)
        monkeypatch.setattr("robots.evidence.pictures._boxes", lambda *_: [])
        control = _shoot(photographer, tab, tmp_path / "control.jpg", MASK)
    assert _red(control, secret) > 50  # without the cover it can be read
    assert _red(shown, secret) == 0
    assert _red(shown, plain) > 50


def test_the_page_is_not_touched(window: Window, photographer: Photographer, tmp_path: Path) -> None:
    with serving(lambda _: page(STYLE + "".join(TEXTS.values()))) as server:
        tab = window.context.new_page()
        tab.goto(server.address)
        tab.evaluate(
            "window.changes = 0; new MutationObserver(all => { changes += all.length; })"
            ".observe(document, {subtree: true, childList: true, attributes: true, characterData: true})"
        )
        before = tab.content()
        _shoot(photographer, tab, tmp_path / "x.jpg", MASK)
        assert tab.content() == before
        assert tab.evaluate("changes") == 0


def test_a_picture_that_cannot_be_kept_is_told(window: Window, photographer: Photographer) -> None:
    def keep(_: bytes) -> None:
        raise FileNotFoundError

    photographer.take(window.context.new_page(), Mask(), keep)
    with pytest.raises(FileNotFoundError):
        photographer.finish()
    photographer.finish()  # told once


# -- the recorder -------------------------------------------------------------------------------------------------


def test_a_value_that_is_hidden_stands_in_no_event_after_that(store: Store, tmp_path: Path) -> None:
    run_id = new_run(store)
    log = Recorder(store, tmp_path, run_id, 1, keys=keys_in(store), pictures=False)
    log.event("told", "Åsa Ek bor här", who="Åsa Ek")  # control: nobody has said that she is known
    log.hide("Åsa Ek")
    log.event("told", "Åsa Ek, 811118-9802", facts={"Åsa Ek": ["asa@ek.se", 3]})
    with pytest.raises(ApplicationException), log.step("Skriv till åsa ek"):
        raise ApplicationException("Åsa Ek svarar inte")
    log.finish()
    with store.begin() as connection:
        rows = connection.execute(run_events.select().order_by(run_events.c.id)).all()
    assert rows[0].title == "Åsa Ek bor här"
    assert [r.kind for r in rows] == ["told", "told", "step", "step_stopped"]
    assert "åsa" not in str([(r.title, r.detail) for r in rows[1:]]).lower()
    assert rows[1].detail == {"facts": {"▮▮▮": ["[e-post]", 3]}}


def test_a_picture_is_an_event_with_its_file(store: Store, window: Window, tmp_path: Path) -> None:
    run_id = new_run(store)
    log = Recorder(store, tmp_path, run_id, 2, keys=keys_in(store))
    log.picture(window.context.new_page(), "Före")
    log.finish()
    with store.begin() as connection:
        row = connection.execute(run_events.select()).one()
    assert (row.kind, row.detail["file"], row.attempt) == ("picture", "02-001.jpg", 2)
    assert (tmp_path / str(run_id) / "02-001.jpg").read_bytes().startswith(SEALED)
    assert log.evidence.read("02-001.jpg").startswith(b"\xff\xd8")


def test_an_event_that_cannot_be_written_lets_nothing_be_armed(store: Store, tmp_path: Path) -> None:
    log = Recorder(store, tmp_path, new_run(store), 1, keys=keys_in(store), pictures=False)
    log.event("told", "skriven")
    log.demand_on_record()  # control
    with store.begin() as connection:
        connection.execute(text("alter table run_events rename to run_events_away"))
    try:
        log.event("told", "aldrig skriven")
        with pytest.raises(ProgrammingError):
            log.demand_on_record()
    finally:
        with store.begin() as connection:
            connection.execute(text("alter table run_events_away rename to run_events"))


def test_without_disk_nothing_may_be_armed(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Recorder(store, tmp_path, new_run(store), 1, keys=keys_in(store), pictures=False)
    log.demand_on_record()
    monkeypatch.setattr(recorder_module, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(ApplicationException, match="Disken är full"):
        log.demand_on_record()
