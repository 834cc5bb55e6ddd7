"""Letters in editors in a frame (designMode or contenteditable) and in the page, with a letter already in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from robots.errors import NotSeen, ValueNotKept
from robots.systems.rich_text import read_rich, write_rich
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

OLD = "<p><b>Hej <a href=x>förra</a> kund!</b></p><ul><li><i>gammalt</i></li></ul><table><tr><td>Ruta</td></tr></table>"
# The editor's own copy, which is what is sent, follows the keys. `how`: what makes the frame editable, a moment later.
FRAMED = """
<form><textarea id=copy hidden></textarea><iframe title="Brev" name=brev srcdoc="<body>%(old)s</body>"></iframe></form>
<script>
const frame = document.querySelector('iframe');
frame.onload = () => setTimeout(() => { const inner = frame.contentDocument;
  if ('%(how)s' === 'designMode') inner.designMode = 'on'; else inner.body.contentEditable = true;
  inner.addEventListener('input', () => { copy.value = inner.body.innerText; }); %(more)s }, 100);
</script>
"""
IN_PAGE = "<p id=cap>Svar</p><div contenteditable=true role=textbox aria-labelledby=cap>%s</div>"
LETTER = "Hej Åsa!\n\nDitt ärende är klart. Se <b>bilagan</b> & hör av dig.\nVänliga hälsningar\nTallinge kommun"

Show = Callable[[str], View]


@pytest.fixture
def show(window: Window) -> Show:
    tab = window.page()

    def put(body: str) -> View:
        tab.goto("about:blank")  # a new document, for its own names
        tab.set_content(f"<!doctype html><html lang=sv><title>Brevet</title><body>{body}</body></html>")
        return View(tab.main_frame, 1)

    return put


def framed(how: str = "designMode", old: str = OLD, more: str = "") -> str:
    return FRAMED % {"how": how, "old": old.replace('"', "&quot;"), "more": more}


@pytest.mark.parametrize("how", ["designMode", "contentEditable"])
@pytest.mark.parametrize(
    "old", ["", OLD, "<p><b>Mall</b></p>", "lös text<br>och mer"], ids=["empty", "rich", "b", "loose"]
)
def test_writes_paragraphs_in_place_of_what_was_there(show: Show, how: str, old: str) -> None:
    view = show(framed(how, old))
    write_rich(view, "Brev", LETTER)
    assert read_rich(view, "Brev") == LETTER
    inner = view.inside("Brev").frame
    assert inner.evaluate("document.querySelectorAll('b,i,a,ul,li,table,font,[style]').length") == 0
    assert inner.evaluate("document.body.innerText").split() == LETTER.split()


def test_the_editors_own_copy_has_the_letter(show: Show) -> None:
    view = show(framed())
    write_rich(view, "Brev", LETTER)
    assert view.frame.evaluate("copy.value").split() == LETTER.split()


def test_control_a_text_that_is_set_from_outside_is_not_what_the_editor_sends(show: Show) -> None:
    view = show(framed())
    write_rich(view, "Brev", "Första")
    view.inside("Brev").frame.evaluate("document.body.innerText = 'Andra'")
    assert view.frame.evaluate("copy.value").split() == ["Första"]


def test_control_typing_over_what_is_selected_goes_on_in_bold(show: Show) -> None:
    view = show(framed(old="<p><b>Mall</b></p>"))
    body = view.inside("Brev").frame.locator("body")
    view.inside("Brev").frame.wait_for_function("document.designMode === 'on'")
    body.click()
    body.press("ControlOrMeta+a")
    view.frame.page.keyboard.type("Hej")
    assert body.locator("b").count() == 1


def test_an_editor_in_the_page_itself_and_writing_twice(show: Show) -> None:
    view = show(IN_PAGE % OLD)
    write_rich(view, "Svar", LETTER)
    write_rich(view, "Svar", "Kort.\nSlut.")
    assert read_rich(view, "Svar") == "Kort.\nSlut."


@pytest.mark.parametrize("change", ["'Hej '", "'<p>Hej</p><img src=x>'"], ids=["words", "mark-up"])
def test_an_editor_that_changes_what_is_written_is_told(show: Show, change: str) -> None:
    more = f"inner.defaultView.onblur = () => {{ inner.body.innerHTML = {change}; }};"
    view = show(framed(more=more))
    with pytest.raises(ValueNotKept):
        write_rich(view, "Brev", "Hej alla")


def test_a_signature_that_comes_back_is_told(show: Show) -> None:
    more = "inner.defaultView.onblur = () => { inner.body.insertAdjacentHTML('beforeend', '<b></b>'); };"
    with pytest.raises(ValueNotKept, match="har något kvar av det som stod där"):
        write_rich(show(framed(more=more)), "Brev", "Hej alla")


def test_a_frame_that_is_no_editor_is_not_written_in(show: Show) -> None:
    with pytest.raises(NotSeen, match="går inte att skriva i"):
        write_rich(show('<iframe title="Brev" srcdoc="<p>Bara text</p>"></iframe>'), "Brev", "Hej")
