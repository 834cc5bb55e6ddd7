"""A run stops where a page, or an answer, says that somebody's identity is protected; the task is not asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from robots.cases.connectors import connector
from robots.errors import ProtectedPerson
from robots.evidence.recorder import Recorder, asked_form
from robots.store import Store
from robots.systems.driver import Driver
from robots.worker.warm_browser import Window
from tests.sealing import keys_in
from tests.unit.benches import bench
from tests.unit.pages import Answer, page, serving
from tests.unit.runs import new_run

pytestmark = pytest.mark.browser

SAYS = {
    "banner": "<p role=alert>SKYDDADE PERSONUPPGIFTER</p>",
    "sentence": "<p>Kunden har skyddade personuppgifter.</p>",
    "in pieces": "<p>Obs: <b>Skyddad</b> <i>identitet</i></p>",
    "line break": "<div>Skyddad\n   folkbokföring</div>",
    "value of two columns": "<table><tr><td>Skydd<td>Sekretessmarkering</table>",
    "definition": "<dl><dt>Namn<dd>Skyddad identitet</dl>",
    "the system's own word": "<p>Skyddskod 3</p>",
    "shadow": "<div><template shadowrootmode=open><p>Skyddad identitet</p></template></div>",
    "the citizen": "<article>Hej! Jag har skyddad identitet. Ring inte.</article>",
}
SAYS_NOT = {
    "denial": "<p>Inga skyddade personuppgifter.</p>",
    "caption": "<dl><dt>Skyddade personuppgifter<dd>Nej</dl>",
    "caption of two columns": "<table><tr><td>Skyddade uppgifter<td>Nej</table>",
    "a list": "<table><tr><th>Nr<th>Namn<th>År<tr><td>1<td>Skyddad identitet<td>2020</table>",
    "instruction": "<p>Rutin för personer med skyddade personuppgifter finns på intranätet.</p>",
    "link to the routine": "<nav><a href=#>Skyddade personuppgifter</a></nav>",
    "hidden": "<p hidden>Skyddade personuppgifter</p>",
    "document": "<p>Ritningen är sekretessmarkerad.</p>",
    "copyright": "<p>Ritningarna är skyddade av upphovsrätt.</p>",
}


@dataclass(frozen=True)
class Told:
    name: str
    protected: bool


class Reader(Driver):
    def look_at(self) -> str:
        self.open("/", heading="Kort")
        return "läst"

    def told(self, *, protected: bool) -> Told:
        return Told("Åsa Ek", protected)

    def several(self) -> tuple[Told, ...]:
        return (Told("", True), Told("Bo Ek", False))

    def asks_itself(self) -> str:
        return self.told(protected=True).name


@pytest.fixture
def reading(window: Window, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setattr(Driver, "_take_session", lambda self: None)

    @contextmanager
    def of(body: str, *, guarded: bool = True) -> Iterator[Reader]:
        def answer(_: Any) -> Answer:
            return page(f"<h1>Kort</h1>{body}")

        with serving(answer) as server:
            yield Reader(bench(window, store, tmp_path, server.address, stops_at_protected=guarded, timeout=3.0,
                               protected=("Skyddskod 3",)))  # fmt: skip

    return of


@pytest.mark.parametrize("what", SAYS)
def test_a_page_that_says_so_ends_the_run(reading: Callable[..., Any], what: str) -> None:
    with reading(SAYS[what]) as driver, pytest.raises(ProtectedPerson) as stop:
        driver.look_at()
    assert stop.value.kind == "Skyddade personuppgifter"


@pytest.mark.parametrize("what", ["banner", "citizen"])
def test_control_without_the_guard_the_run_goes_on(reading: Callable[..., Any], what: str) -> None:
    with reading(SAYS.get(what, SAYS["the citizen"]), guarded=False) as driver:
        assert driver.look_at() == "läst"


@pytest.mark.parametrize("what", SAYS_NOT)
def test_what_says_something_else_does_not(reading: Callable[..., Any], what: str) -> None:
    with reading(SAYS_NOT[what]) as driver:
        assert driver.look_at() == "läst"


def test_an_answer_that_says_so_ends_the_run_and_a_list_or_the_driver_s_own_question_does_not(
    reading: Callable[..., Any],
) -> None:
    with reading("") as driver:
        with pytest.raises(ProtectedPerson):
            driver.told(protected=True)
        assert driver.told(protected=False).name == "Åsa Ek"
        assert len(driver.several()) == 2
        assert driver.asks_itself() == "Åsa Ek"
        driver.bench.stops_at_protected = False
        assert driver.told(protected=True).name == "Åsa Ek"  # control


def test_no_picture_is_taken_of_such_a_page_even_when_the_case_is_handed_over(reading: Callable[..., Any]) -> None:
    with reading(SAYS["banner"], guarded=False) as driver:
        driver.look_at()
        taken: list[str] = []

        def picture(_: Any, title: str, **_more: Any) -> str:
            taken.append(title)
            return "x.jpg"

        driver.bench.recorder.picture = picture
        driver.bench.recorder._photographer = object()  # as in a run whose pictures are taken
        assert driver.photograph(driver.page, "Före: överlämning") == ""
        driver.page.evaluate("document.querySelector('[role=alert]').remove()")
        assert driver.photograph(driver.page, "Före: överlämning") == "x.jpg"  # control
    assert taken == ["Före: överlämning"]


@pytest.mark.parametrize("system", ["case_management", "easit_go", "support_management", "email"])
def test_every_case_system_s_answers_are_looked_at(system: str) -> None:
    assert hasattr(vars(connector(system, "read"))["read"], "__wrapped__")


def test_what_was_kept_of_a_page_goes_when_somebody_protected_is_met(store: Store, tmp_path: Path) -> None:
    log = Recorder(store, tmp_path, new_run(store), 1, keys=keys_in(store), pictures=False)
    log.hide_secret("hemlig-kod-123456")
    log.keep_form({"fields": [{"name": "Till", "value": log.without_secrets("Åsa Ek, hemlig-kod-123456")}]})
    log.evidence.write("01-001.jpg", b"picture")
    kept = log.evidence.read(asked_form("01")).decode()
    assert ("Ek" in kept, "hemlig-kod" in kept) == (True, False)
    log.protect()
    assert list(log.folder.iterdir()) == []
    log.finish()
