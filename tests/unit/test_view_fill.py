"""A form is filled in by the words of its fields, and every value is read back: kept, or an error that says which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from robots.errors import NotSeen, RagnhildError, SeveralMatches, ValueNotKept
from robots.systems.view import View
from robots.worker.warm_browser import Window

pytestmark = pytest.mark.browser

Show = Callable[[str], View]

PLAIN = """
<form aria-label="Bokning">
  <label for=a>Namn *</label><input id=a name=name value="gammalt">
  <label>Antal: <input name=count type=number></label>
  <input name=ref aria-label="Referens">
  <span id=lab>Din</span><span id=lab2>telefon</span><input name=phone aria-labelledby="lab lab2">
  <table>
    <tr><td>Adress:</td><td><input name=street></td></tr>
    <tr><td>Port&shy;kod</td><td></td><td><input name=gate></td></tr>
    <tr><td>Ort</td><td><b><select name=town><option value="">Välj</option><option value=1>Ängby</option>
      <option value=2>Åby</option></select></b></td></tr>
  </table>
  <fieldset><legend>Typ av hämtning</legend>
    <label><input type=radio name=kind value=m> Missad</label> <label><input type=radio name=kind value=x> Extra</label>
  </fieldset>
  <div role=radiogroup aria-label="Betalning"><input type=radio name=pay value=f>Faktura<br>
    <input type=radio name=pay value=k>Kort</div>
  <label><input type=checkbox name=key> Nyckel finns</label>
  <label><input type=checkbox name=dog checked> Hund</label>
  <label for=d>Datum</label><input id=d name=day type=date>
  <label for=t>Meddelande (obligatoriskt)</label><textarea id=t name=text></textarea>
</form>
"""
VALUES: dict[str, str | bool | date] = {
    "Namn": "Åsa Öberg", "Antal": "3", "Referens": "R-00ab", "Din telefon": "070-1", "Adress": "Storgatan 1 B",
    "Ort": "Åby", "Typ av hämtning": "Extra", "Betalning": "Kort", "Nyckel finns": True, "Hund": False,
    "Datum": date(2026, 11, 24), "Meddelande": "Hej!\nTvå rader.\n\nOch «ett» stycke <b>till</b>.",
}  # fmt: skip
KEPT = {
    "name": "Åsa Öberg", "count": "3", "ref": "R-00ab", "phone": "070-1", "street": "Storgatan 1 B", "gate": "",
    "town": "2", "kind": "x", "pay": "k", "key": "on", "day": "2026-11-24",
    "text": "Hej!\r\nTvå rader.\r\n\r\nOch «ett» stycke <b>till</b>.",
}  # fmt: skip


@pytest.fixture
def show(window: Window) -> Show:
    """A page with this body."""
    tab = window.context.new_page()

    def put(body: str) -> View:
        tab.set_content(f"<!doctype html><html lang=sv><title>Prov</title><body>{body}</body></html>")
        return View(tab.main_frame, 0.6)

    return put


def _sent(view: View) -> dict[str, Any]:
    """What the form would send, in the browser's own words."""
    sent: dict[str, Any] = view.frame.evaluate(
        "Object.fromEntries(new Map([...new FormData(document.querySelector('form'))]"
        ".map(([k, v]) => [k, v.replace(/\\r?\\n/g, '\\r\\n')])))"
    )
    return sent


def test_a_plain_form_of_every_kind_of_field(show: Show) -> None:
    view = show(PLAIN)
    view.fill(VALUES)
    assert _sent(view) == KEPT


def test_filling_it_again_changes_nothing(show: Show) -> None:
    view = show(PLAIN)
    view.fill(VALUES)
    view.fill(VALUES)
    assert _sent(view) == KEPT


def test_it_is_one_trip_to_the_page(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    view = show(PLAIN)
    trips: list[str] = []
    real = type(view.frame).evaluate

    def evaluate(*told: Any) -> Any:
        trips.append("evaluate")
        return real(*told)

    monkeypatch.setattr(type(view.frame), "evaluate", evaluate)
    monkeypatch.setattr(View, "_fill_slowly", lambda *_: trips.append("slow"))
    view.fill(VALUES)
    assert trips == ["evaluate"]


# -- forms with a state of their own ------------------------------------------------------------------------------

FRAMEWORK = """
<form><label for=n>Namn</label><input id=n name=name><label for=t>Text</label><textarea id=t name=text></textarea>
<label for=s>Sort</label><select id=s name=sort><option>A<option>B</select></form>
<script>
  // As React does it: the page's state follows input events, and the field always shows the state.
  const state = {};
  for (const field of document.querySelectorAll('input,textarea,select')) {
    state[field.name] = field.value;
    const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value');
    let tracked = field.value;
    Object.defineProperty(field, 'value', {
      configurable: true,
      get() { return own.get.call(this); },
      set(value) { tracked = value; own.set.call(this, value); },
    });
    field.addEventListener(field.tagName === 'SELECT' ? 'change' : 'input', () => {
      if (own.get.call(field) !== tracked) { state[field.name] = own.get.call(field); tracked = state[field.name]; }
    });
    setInterval(() => own.set.call(field, state[field.name]), 1);
  }
</script>
"""


def test_a_form_whose_state_follows_input_events(show: Show) -> None:
    view = show(FRAMEWORK)
    view.fill({"Namn": "Åsa", "Text": "en\ntvå", "Sort": "B"})
    assert view.frame.evaluate("state") == {"name": "Åsa", "text": "en\ntvå", "sort": "B"}


def test_control_a_value_that_is_set_without_its_events_is_lost(show: Show) -> None:
    view = show(FRAMEWORK)
    view.frame.evaluate("document.getElementById('n').value = 'Åsa'")
    view.frame.page.wait_for_timeout(20)  # the page's own clock puts its state back
    assert view.frame.evaluate("document.getElementById('n').value") == ""


KEYS_ONLY = """
<form><label for=n>Namn</label><input id=n name=name><label for=o>Ort</label><input id=o name=town></form>
<script>
  const field = document.getElementById('n');
  let kept = '';
  field.addEventListener('input', event => {
    if (event.isTrusted) kept = field.value; else field.value = kept;  // takes nothing but a person's keys
  });
</script>
"""


def test_a_field_that_takes_only_keystrokes_is_typed_into(show: Show) -> None:
    view = show(KEYS_ONLY)
    view.fill({"Namn": "Åsa Öberg", "Ort": "Åby"})
    assert _sent(view) == {"name": "Åsa Öberg", "town": "Åby"}


KEY_BY_KEY = {
    "no paste": """f.oninput = () => { if (f.value.length > kept.length + 1) f.value = kept; kept = f.value; }""",
    "a mask": """f.onkeydown = event => {
        if (/^[0-9]$/.test(event.key)) { kept = (kept + event.key).slice(0, 6); event.preventDefault(); }
        if (event.key === 'Backspace' || event.key === 'Delete') kept = '';
        f.value = kept.length > 3 ? kept.slice(0, 3) + ' ' + kept.slice(3) : kept; };
        f.oninput = () => { if (!f.value) kept = ''; f.value = kept && f.value; }""",
}


@pytest.mark.parametrize("script", KEY_BY_KEY.values(), ids=list(KEY_BY_KEY))
def test_a_field_that_wants_it_key_by_key_has_it_in_the_same_trip(
    show: Show, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    view = show(
        "<form><label for=f>Postnummer</label><input id=f name=zip>"
        "<label for=o>Ort</label><input id=o name=town></form>"
        f"<script>let kept = ''; const f = document.getElementById('f'); {script}</script>"
    )
    monkeypatch.setattr(View, "_fill_slowly", lambda *_: pytest.fail("a trip for each key"))
    view.fill({"Postnummer": "123 45", "Ort": "Åby"})
    assert _sent(view) == {"zip": "123 45", "town": "Åby"}


def test_control_the_fast_way_alone_says_that_it_was_not_kept(show: Show) -> None:
    view = show(KEYS_ONLY)
    problems = view._fill_fast({"Namn": "Åsa", "Ort": "Åby"}, None)
    assert {label: p["kind"] for label, p in problems.items()} == {"Namn": "kept"}


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        ("f.oninput = () => { f.value = f.value.toUpperCase(); }", "STORGATAN 1"),
        ("f.onblur = () => { f.value = f.value.replace(' ', ''); }", "Storgatan1"),
        ("f.maxLength = 5; f.oninput = () => { f.value = f.value.slice(0, 5); }", "Storg"),
        ("f.oninput = () => setTimeout(() => { f.value = ''; })", ""),
    ],
    ids=["capitals", "on leaving", "cut", "emptied"],
)
def test_a_field_that_rewrites_what_is_filled_in_is_told(show: Show, script: str, shown: str) -> None:
    view = show(
        f"<label for=f>Adress</label><input id=f><script>const f = document.getElementById('f'); {script}</script>"
    )
    with pytest.raises(ValueNotKept) as told:
        view.fill({"Adress": "Storgatan 1"})
    assert "Adress" in str(told.value)
    assert repr(shown) in str(told.value)


@pytest.mark.parametrize("wait", ["", "setTimeout"], ids=["at once", "a moment later"])
def test_fields_that_are_made_anew_by_another_fields_choice(show: Show, wait: str) -> None:
    """A value in a field that has left the page is not kept."""
    change = f"{wait or '(f => f())'}(again)"
    view = show(
        f"<form><label>Typ<select name=kind onchange='{change}'><option>A<option>B</select></label>"
        "<div id=rest></div></form>"
        "<script>function again() { rest.innerHTML = '<label>Text<input name=text></label>"
        "<label>Ort<select name=town><option><option>Åby</select></label>'; } again()</script>"
    )
    view.fill({"Typ": "B", "Text": "hej", "Ort": "Åby"})
    assert _sent(view) == {"kind": "B", "text": "hej", "town": "Åby"}


@pytest.mark.parametrize(
    "script",
    [
        "document.querySelector('#more').innerHTML = '<label>Ort <input id=town></label>'",
        "const old = document.querySelector('#town'); old.replaceWith(old.cloneNode())",
        "document.querySelector('#more').className = 'other'",
    ],
    ids=["comes", "is made anew", "is another"],
)
def test_a_field_that_another_one_changes_is_looked_for_anew(show: Show, script: str) -> None:
    form = show(
        "<style>.other .first, .second { display: none } .other .second { display: block }</style>"
        f'<label>Namn <input oninput="{script}"></label><div id=more>'
        f"{'' if 'innerHTML' in script else '<label class=first>Ort <input id=town></label>'}"
        f"{'<label class=second>Ort <input id=town></label>' if 'other' in script else ''}</div>"
    )
    form.fill({"Namn": "Vera Vall", "Ort": "Tallinge"})
    assert form.frame.evaluate("[...document.querySelectorAll('#town')].at(-1).value") == "Tallinge"


def test_a_field_that_empties_another_while_it_is_typed_into_is_told(show: Show) -> None:
    view = show(
        KEYS_ONLY.replace("kept = field.value;", "{ kept = field.value; document.getElementById('o').value = ''; }")
    )
    with pytest.raises(ValueNotKept, match="Ort"):
        view.fill({"Ort": "Åby", "Namn": "Åsa"})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("<label><input type=checkbox onclick='return false'> Sak</label>", True),
        ("<fieldset><legend>Sak</legend><label><input type=radio onclick='return false'> A</label></fieldset>", "A"),
        ("<label>Sak<select onchange='this.selectedIndex = 0'><option>-<option>A</select></label>", "A"),
    ],
    ids=["check box", "radio", "list"],
)  # fmt: skip
def test_a_choice_that_springs_back_is_told_as_not_kept(show: Show, field: str, value: str | bool) -> None:
    with pytest.raises(ValueNotKept, match="Sak"):
        show(field).fill({"Sak": value})


def test_an_editor_is_typed_into(show: Show) -> None:
    view = show("<div role=textbox aria-label=Brev contenteditable=true>gammalt</div>")
    view.fill({"Brev": "Hej på dig"})
    assert view.frame.locator("div").inner_text() == "Hej på dig"


# -- what cannot be filled in -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "values", "kind", "words"),
    [
        ("<label>A<input></label><label>A<input></label>", {"A": "x"}, SeveralMatches, "heter A"),
        ("<label>A<input disabled></label>", {"A": "x"}, ValueNotKept, "A på sidan «Prov» går inte att ändra"),
        ("<label>A<input readonly></label>", {"A": "x"}, ValueNotKept, "går inte att ändra"),
        ("<fieldset disabled><label>A<input></label></fieldset>", {"A": "x"}, ValueNotKept, "går inte att ändra"),
        ("<label>A<select><option>B<option>C</select></label>", {"A": "D"}, NotSeen, "valet 'D'; där finns B, C"),
        ("<label>A<select><option value=1>B<option value=2>B</select></label>", {"A": "B"}, SeveralMatches, "A"),
        ("<label>A<select><option>B<option disabled>C</select></label>", {"A": "C"}, ValueNotKept, "A"),
        ("<fieldset><legend>A</legend><label><input type=radio>B</label></fieldset>", {"A": "D"}, NotSeen, "valet 'D'"),
        ("<fieldset><legend>A</legend><label><input type=radio disabled>B</label></fieldset>", {"A": "B"}, ValueNotKept,
         "går inte att ändra"),
        ("<label>A<input></label><label>Ö<input></label>", {"B": "x"}, NotSeen,
         "Fältet B finns inte på sidan «Prov»; där finns A, Ö"),
        ("<label>A<input style='display:none'></label>", {"A": "x"}, NotSeen, "Fältet A finns inte"),
        ("<label>A<input type=date></label>", {"A": "i morgon"}, ValueNotKept, "A"),
    ],
    ids=["two of a name", "disabled", "read only", "closed group", "no such option", "two such options",
         "closed option", "no such radio", "closed radio", "no such field", "hidden field", "not a date"],
)  # fmt: skip
def test_what_cannot_be_filled_in_is_told(
    show: Show, body: str, values: dict[str, str | bool | date], kind: type[RagnhildError], words: str
) -> None:
    with pytest.raises(kind) as told:
        show(body).fill(values)
    assert words in str(told.value)
    assert type(told.value) is kind


NAMESAKES = """
<form aria-label="Sök"><label>Text<input name=text></label></form>
<form aria-label="Ny"><label>Text<input name=text></label></form>
"""


def test_namesakes_are_told_apart_by_their_form(show: Show) -> None:
    view = show(NAMESAKES)
    view.fill({"Text": "hej"}, within='form[aria-label="Ny"]')
    assert view.frame.evaluate("[...document.querySelectorAll('input')].map(i => i.value)") == ["", "hej"]
    with pytest.raises(SeveralMatches):
        view.fill({"Text": "hej"})


@pytest.mark.parametrize(
    ("within", "kind"), [("form.missing", NotSeen), ("form", SeveralMatches)], ids=["no such form", "two forms"]
)
def test_a_form_that_is_not_the_one_is_told(show: Show, within: str, kind: type[RagnhildError]) -> None:
    view = show(NAMESAKES)
    with pytest.raises(kind, match="ormulär"):
        view.fill({"Text": "hej"}, within=within)
    assert view.frame.evaluate("[...document.querySelectorAll('input')].map(i => i.value)") == ["", ""]
    with pytest.raises(kind):
        view.attach("Text", [("a.txt", "text/plain", b"x")], within=within)


# -- files --------------------------------------------------------------------------------------------------------


def test_files_are_chosen_and_counted(show: Show) -> None:
    view = show("<div style='display:none'><label>Bilagor<input type=file multiple></label></div>")
    view.attach("Bilagor", [("Ritning å.pdf", "application/pdf", b"%PDF-"), ("b.pdf", "application/pdf", b"")])
    names = view.frame.evaluate("[...document.querySelector('input').files].map(f => f.name)")
    assert names == ["Ritning å.pdf", "b.pdf"]


def test_a_field_that_drops_a_file_is_told(show: Show) -> None:
    view = show("<label>Bilagor<input type=file onchange='this.value = \"\"'></label>")
    with pytest.raises(ValueNotKept, match="Bilagor"):
        view.attach("Bilagor", [("a.pdf", "application/pdf", b"x")])
