"""What a page is told and answers travels as one string, and comes as it was meant."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Frame

from robots.one_trip import answering, ask, read_answer
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

# As an old version of a well-known script library taught them.
TAUGHT = """<script>Array.prototype.toJSON = function () { return '[' + this.join(', ') + ']' };
Object.prototype.toJSON = function () { return 'ett ting' };</script>"""
ROWS = "<table id=t><tr><th>Ärende</th><th>Titel</th></tr><tr><td><a href='/1'>1</a></td><td>Blåbär</td></tr></table>"


@pytest.fixture
def frame(window: Window) -> Frame:
    return window.context.new_page().main_frame


@pytest.mark.parametrize(
    "value", [None, "", "Åsa «Öberg»\n\u2028\\ud83d", "🦊", 0, 1.5, True, [], {}, [["a", {"b": None}]], {"ö": [1, "2"]}]
)
def test_what_is_told_and_answered_comes_as_it_was_meant(frame: Frame, value: object) -> None:
    assert ask(frame, "told => told", value) == value
    assert ask(frame, "async told => [told, typeof told]", value)[0] == value


def test_no_answer_is_none(frame: Frame) -> None:
    assert ask(frame, "() => {}") is None


def test_half_a_character_can_be_written_down(frame: Frame) -> None:
    said = ask(frame, r"() => ['Ring mig \ud83d', {'\ud83d': 'och \\ud83d', 'hel': '\ud83e\udd8a'}]")
    assert said == ["Ring mig �", {"�": r"och \ud83d", "hel": "🦊"}]
    assert json.dumps(said, ensure_ascii=False).encode("utf-8")
    # Control: the answer as it came could not be.
    with pytest.raises(UnicodeEncodeError):
        json.loads(frame.evaluate(answering(r"() => 'Ring mig \ud83d'"))).encode("utf-8")


def test_a_page_that_teaches_lists_another_json_is_read_as_others_are(frame: Frame) -> None:
    frame.set_content(TAUGHT + ROWS)
    view = View(frame, 1)
    for row in (view.table(frame.locator("table"))[0], view.table("table")[0]):
        assert row.cells == {"Ärende": "1", "Titel": "Blåbär"}
        assert list(row.links) == ["1"]
    # Nothing in the page has become another for it.
    assert frame.evaluate("() => JSON.stringify({})") == '"ett ting"'
    # Control: the page's own way gives something else than the rows.
    assert json.loads(frame.evaluate("() => JSON.stringify(['a', 'b'])")) == "[a, b]"


def test_errors_in_the_page_are_playwrights(frame: Frame) -> None:
    with pytest.raises(Exception, match="Det gick fel i sidan"):
        ask(frame, "() => { throw new Error('Det gick fel i sidan') }")


def test_an_answer_is_read_without_a_page() -> None:
    told: dict[str, Any] = {"rader": [r"\ud83d", "x"]}
    assert read_answer(json.dumps(told)) == told
