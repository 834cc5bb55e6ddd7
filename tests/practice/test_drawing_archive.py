"""The drawing archive as a visitor meets it: session in the address, search, hits, card, file, basket."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pypdf
import pytest

from tests.practice.conftest import TownProcess

KEY = "drawing_archive"
NO_DRAWINGS = "Inga ritningar hittades för sökningen."
UNKNOWN = "Fastigheten finns inte i arkivets register."
REFUSED = "Sekretess enligt OSL. Ritningen lämnas inte ut utan prövning."
ENDED = "Sessionen har gått ut. Logga in igen."


class Visitor:
    """A visitor who is logged in. ``root`` is the address of the session; without cookies one client serves many."""

    def __init__(self, client: httpx.Client, name: str = "ragnhild", password: str = "journal-pass") -> None:
        self.client = client
        answer = self.client.post("/ritningar/logga-in", data={"anvandare": name, "losenord": password})
        assert answer.status_code == 200
        self.root = answer.url.path.rstrip("/")

    def get(self, page: str, **parameters: str) -> httpx.Response:
        return self.client.get(self.root + page, params=parameters or None)

    def post(self, page: str, **form: str) -> httpx.Response:
        return self.client.post(self.root + page, data=form)

    def hits(self, designation: str = "", **parameters: str) -> str:
        return shown(self.get("/traffar", fastighet=designation, **parameters))


@pytest.fixture(scope="module")
def client(town_process: TownProcess) -> Iterator[httpx.Client]:
    """One visitor's client for all: there are no cookies, and reading leaves the town as new as it was."""
    _as_new(town_process)
    with town_process.browser() as client:
        yield client


@pytest.fixture
def visitor(client: httpx.Client) -> Visitor:
    return Visitor(client)


@pytest.fixture
def disturbed(town_process: TownProcess, client: httpx.Client) -> Iterator[TownProcess]:
    """The town for a test that disturbs it, made new afterwards."""
    yield town_process
    _as_new(town_process)


def _as_new(town: TownProcess) -> None:
    town.control.post("/reset", json={"seed": 1}).raise_for_status()


def shown(answer: httpx.Response) -> str:
    """The text of a page as it is read: no tags, single spaces."""
    body = re.sub(r"(?s)<(script|style|title).*?</\1>", " ", answer.text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def heading(answer: httpx.Response) -> str:
    found = re.findall(r"<h1>(.*?)</h1>", answer.text)
    assert len(found) == 1
    return html.unescape(str(found[0]))


def numbers(answer: httpx.Response) -> list[str]:
    return re.findall(r"<td nowrap>(R\d{4}-\d\d)</td>", answer.text)


def home_of(town: TownProcess, twist: str, more_than: int = 0) -> dict[str, Any]:
    """The property of a case with this twist, with more than so many drawings."""
    cases = town.control.get("/cases", params={"errand": "drawings", "twist": twist}).json()
    for case in cases:
        home: dict[str, Any] = town.control.get("/properties/" + quote(case["property_id"])).json()
        if len(home["drawings"]) > more_than or twist == "none_found":
            return home
    raise AssertionError(f"no property for {twist}")


# Logging in and out


def test_every_address_without_a_session_leads_to_the_login_page(client: httpx.Client) -> None:
    for page in ("/ritningar", "/ritningar/", "/ritningar/traffar?fritext=plan", "/ritningar/ritning/R0001-01"):
        answer = client.get(page)
        assert answer.url.path == "/ritningar/logga-in"
        assert heading(answer) == "Logga in"
        assert "Ritningsarkivet e-Arkiv Tallinge" in shown(answer)
        assert ENDED not in answer.text


def test_an_unknown_session_is_told_that_it_has_ended(client: httpx.Client) -> None:
    for page in ("", "/", "/traffar?fritext=plan", "/ritning/R0001-01", "/ritning/R0001-01/pdf", "/korg", "/ingenting"):
        answer = client.get("/ritningar/s/abc" + page)
        assert (heading(answer), ENDED in shown(answer)) == ("Logga in", True), page
    for page in ("/korg/lagg-i", "/korg/ta-bort", "/korg/tom", "/ritning/R0001-01"):
        answer = client.post("/ritningar/s/abc" + page, data={"nummer": "R0001-01"})
        assert (heading(answer), ENDED in shown(answer)) == ("Logga in", True), page


def test_a_wrong_password_is_refused_and_the_name_is_kept(client: httpx.Client) -> None:
    form = {"anvandare": "ragnhild", "losenord": "fel", "nasta": "/korg"}
    answer = client.post("/ritningar/logga-in", data=form)
    assert answer.status_code == 401
    assert "Fel användarnamn eller lösenord." in shown(answer)
    assert 'value="ragnhild"' in answer.text
    assert 'name="nasta" value="/korg"' in answer.text
    assert "fel" not in re.findall(r'value="(.*?)"', answer.text)


def test_login_leads_on_to_the_page_that_was_asked_for(client: httpx.Client) -> None:
    asked = client.get("/ritningar/s/gammal/traffar?fritext=Sektion&sida=2")
    onward = re.search(r'name="nasta" value="(.*?)"', asked.text)
    assert onward is not None
    form = {"anvandare": "lasare", "losenord": "read-pass", "nasta": html.unescape(onward[1])}
    answer = client.post("/ritningar/logga-in", data=form, follow_redirects=False)
    assert answer.status_code == 303
    assert not answer.cookies
    assert re.fullmatch(r"/ritningar/s/[\w-]{20,}/traffar\?fritext=Sektion&sida=2", answer.headers["location"])


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example", "/../../control", "\\evil"])
def test_login_never_leads_out_of_the_session(client: httpx.Client, onward: str) -> None:
    form = {"anvandare": "lasare", "losenord": "read-pass", "nasta": onward}
    answer = client.post("/ritningar/logga-in", data=form, follow_redirects=False)
    assert re.match(r"/ritningar/s/[\w-]{20,}/", answer.headers["location"])
    assert ".." not in answer.headers["location"]


def test_log_out_ends_the_session(visitor: Visitor) -> None:
    answer = visitor.get("/logga-ut")
    assert heading(answer) == "Logga in"
    assert "Du är utloggad." in shown(answer)
    assert ENDED in shown(visitor.get("/"))


def test_a_session_ends_when_it_has_been_idle(disturbed: TownProcess, visitor: Visitor) -> None:
    assert heading(visitor.get("/")) == "Sök i ritningsarkivet"
    disturbed.control.post(f"/systems/{KEY}/set_session_minutes", json={"minutes": 0}).raise_for_status()
    assert ENDED in shown(visitor.get("/"))


def test_the_fault_logged_out_ends_it_too(disturbed: TownProcess, visitor: Visitor) -> None:
    disturbed.control.post("/faults", json={"system": KEY, "kind": "logged_out"}).raise_for_status()
    assert ENDED in shown(visitor.get("/traffar", fritext="plan"))


def test_the_system_says_in_its_own_words_that_it_is_down(disturbed: TownProcess, visitor: Visitor) -> None:
    disturbed.control.post("/faults", json={"system": KEY, "kind": "down", "seconds": 5}).raise_for_status()
    answer = visitor.get("/")
    assert (answer.status_code, heading(answer)) == (503, "Systemet är stängt för underhåll")


@pytest.mark.parametrize(
    ("name", "password", "display"),
    [("ragnhild", "journal-pass", "Ragnhild (robot)"), ("lasare", "read-pass", "Lasse Läsare (robot)")],
)
def test_both_roles_may_read_and_see_their_name(
    town_process: TownProcess, client: httpx.Client, name: str, password: str, display: str
) -> None:
    visitor = Visitor(client, name, password)
    drawing = home_of(town_process, "normal")["drawings"][0]
    pages = ("/", "/traffar?fritext=Sektion", f"/ritning/{drawing['number']}", "/korg", "/hjalp", "/ingenting")
    for page in pages:
        answer = visitor.get(page)
        assert f"Inloggad: {display}" in shown(answer), page
        assert heading(answer)
    assert visitor.get(f"/ritning/{drawing['number']}/pdf").status_code == 200


def test_unknown_addresses_have_a_page_of_their_own(visitor: Visitor) -> None:
    for page, title in (("/ingenting/alls", "Sidan finns inte"), ("/ritning/R9999-09", "Ritningen finns inte")):
        answer = visitor.get(page)
        assert (answer.status_code, heading(answer)) == (404, title)
    assert visitor.get("/ritning/R9999-09/pdf").status_code == 404
    assert visitor.post("/traffar").status_code == 404
    assert "Min korg (0)" in shown(visitor.get("/ingenting"))


# Search and hits


def test_a_designation_is_matched_whatever_its_case_and_spaces(town_process: TownProcess, visitor: Visitor) -> None:
    home = home_of(town_process, "normal", more_than=5)
    count = len(home["drawings"])
    typed = "  " + home["designation"].lower().replace(" ", "   ") + " "
    answer = visitor.get("/traffar", fastighet=typed)
    assert heading(answer) == "Träfflista"
    assert numbers(answer) == [d["number"] for d in home["drawings"][:5]]
    assert shown(answer).count(f"Visar 1–5 av {count} ritningar") == 2
    assert f"Din sökning: nuvarande beteckning {home['designation']} Inga anmärkningar" in shown(answer)
    rest = visitor.get("/traffar", fastighet=typed, sida="2")
    assert numbers(rest) == [d["number"] for d in home["drawings"][5:]]
    assert f"Visar 6–{count} av {count} ritningar" in shown(rest)


def test_a_part_of_a_designation_is_not_enough(town_process: TownProcess, visitor: Visitor) -> None:
    home = home_of(town_process, "normal")
    for typed in (home["designation"][:-1] + "x", home["quarter"], home["designation"] + "9999"):
        text = visitor.hits(typed)
        assert text.index(UNKNOWN) < text.index(NO_DRAWINGS), typed
        assert "Visar" not in text


def test_a_known_property_without_drawings_is_said_to_have_none(town_process: TownProcess, visitor: Visitor) -> None:
    text = visitor.hits(home_of(town_process, "none_found")["designation"])
    assert NO_DRAWINGS in text
    assert UNKNOWN not in text


def test_some_drawings_are_found_by_the_older_designation_only(town_process: TownProcess, visitor: Visitor) -> None:
    home = home_of(town_process, "older_designation")
    current, older = home["designation"], home["older_designation"]
    assert NO_DRAWINGS in visitor.hits(current)
    assert UNKNOWN not in visitor.hits(current)
    assert UNKNOWN in visitor.hits(older)
    assert UNKNOWN in visitor.hits(current, sokpa="aldre")
    text = visitor.hits(older.lower(), sokpa="aldre")
    assert f"av {len(home['drawings'])} ritningar" in text
    assert f"Din sökning: äldre beteckning {older}" in text
    card = shown(visitor.get(f"/ritning/{home['drawings'][0]['number']}"))
    assert f"Registrerad under {older} Nuvarande beteckning {current}" in card


def test_the_other_fields_narrow_the_search(visitor: Visitor) -> None:
    text = visitor.hits(typ="Planritning", fran="1950", till="1959", fritext="övre")
    assert "Din sökning: Planritning, årtal 1950–1959, fritext ”övre”" in text
    assert "Planritning entréplan" not in text
    assert "1950-talet" in text
    assert "1960-talet" not in text
    assert NO_DRAWINGS in visitor.hits(fritext="finnsinte")


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "Ange minst ett sökvillkor."),
        ({"fran": "19x", "fritext": "altan"}, "Årtal ska skrivas med fyra siffror, till exempel 1974."),
        ({"till": "²²²²", "fritext": "altan"}, "Årtal ska skrivas med fyra siffror, till exempel 1974."),
        ({"fran": "1980", "till": "1970"}, "Från-året får inte vara senare än till-året."),
    ],
)
def test_what_cannot_be_searched_for_is_said_beside_what_was_typed(
    visitor: Visitor, parameters: dict[str, str], said: str
) -> None:
    answer = visitor.get("/traffar", **(parameters or {"typ": ""}))
    assert heading(answer) == "Sök i ritningsarkivet"
    assert said in shown(answer)
    for typed in parameters.values():
        assert f'value="{typed}"' in answer.text


def test_facets_count_narrow_and_can_be_removed(visitor: Visitor) -> None:
    whole = visitor.get("/traffar", fritext="ritning", fran="1950", till="1969")
    total = int(re.findall(r"av (\d+) ritningar", shown(whole))[0])
    facet = re.search(r'href="([^"]+)">Planritning</a> \((\d+)\)', whole.text)
    decades = [int(n) for n in re.findall(r"-talet \((\d+)\)", shown(whole))]
    assert facet is not None
    assert sum(decades) == total
    assert len(decades) == 2
    narrow = visitor.client.get(html.unescape(facet[1]))
    assert f"av {facet[2]} ritningar" in shown(narrow)
    assert "Fasadritning" not in shown(narrow)
    removal = re.search(r'href="([^"]+)">Ta bort</a>', narrow.text)
    assert removal is not None
    assert f"av {total} ritningar" in shown(visitor.client.get(html.unescape(removal[1])))


def test_the_pager_stands_twice_and_walks_through_every_hit(visitor: Visitor) -> None:
    answer = visitor.get("/traffar", fritext="VA-ritning", typ="Installationsritning", fran="1995")
    total = int(re.findall(r"av (\d+) ritningar", shown(answer))[0])
    assert answer.text.count('id="bladdrare"') == 2
    seen = numbers(answer)
    while following := re.search(r'href="([^"]+)">Nästa</a>', answer.text):
        answer = visitor.client.get(html.unescape(following[1]))
        seen += numbers(answer)
    assert len(seen) == len(set(seen)) == total
    assert seen == sorted(seen)
    first = re.search(r'href="([^"]+)">Första</a>', answer.text)
    assert first is not None
    assert numbers(visitor.client.get(html.unescape(first[1]))) == seen[:5]
    for page in ("0", "99999", "x", "²"):
        assert "Visar" in visitor.hits(fritext="VA-ritning", sida=page)


def test_hits_are_sorted_by_title_or_year_both_ways(visitor: Visitor) -> None:
    def column(order: str, pattern: str) -> list[str]:
        answer = visitor.get("/traffar", fran="1940", typ="Planritning", sortera=order)
        rows = re.findall(r'(?s)<tr class="(?:udda|jamn)">.*?</table>.*?</tr>', answer.text)
        assert len(rows) == 5
        return [str(re.findall(pattern, row)[0]) for row in rows]

    year, title = r"<td>(\d{4})</td>", r">(Plan[^<]*)</a>"
    assert column("ar", year)[0] == "1940"
    assert column("ar-fallande", year)[0] > "2000"
    assert set(column("titel", title)) == {"Planritning entréplan"}
    assert set(column("titel-fallande", title)) == {"Planritning övre plan"}
    head = visitor.get("/traffar", typ="Planritning", sortera="titel").text
    assert 'sortera=titel-fallande">Titel</a> ▲' in head


# Sensitive buildings and secrecy


def test_a_school_is_named_as_such_on_hits_and_cards(town_process: TownProcess, visitor: Visitor) -> None:
    home = home_of(town_process, "sensitive_building")
    guarded = "Objektstyp: Skola – skyddsobjekt, kontakta arkivarien"
    number = home["drawings"][0]["number"]
    assert guarded in visitor.hits(home["designation"])
    assert guarded in visitor.hits(home["designation"], fritext="finnsinte")
    assert "Objektstyp: Skola" in visitor.hits(fritext=number)
    assert "Objektstyp: Skola" in shown(visitor.get(f"/ritning/{number}"))
    ordinary = home_of(town_process, "normal")
    assert "Objektstyp" not in visitor.hits(ordinary["designation"])
    card = shown(visitor.get(f"/ritning/{ordinary['drawings'][0]['number']}"))
    assert "Objektstyp" not in card
    assert "Inga anmärkningar om fastigheten." in card


def test_a_secret_drawing_is_shown_but_never_given(town_process: TownProcess, visitor: Visitor) -> None:
    home = home_of(town_process, "some_secret")
    secret = [d["number"] for d in home["drawings"] if d["secret"]]
    answer = visitor.get("/traffar", fastighet=home["designation"])
    assert shown(answer).count("Sekretess – lämnas inte ut") == len(secret)
    for number in secret:
        card = visitor.get(f"/ritning/{number}")
        assert heading(card) == f"Ritning {number}"
        assert REFUSED in shown(card)
        assert "Hämta PDF" not in card.text
        assert f"{number}/pdf" not in card.text + answer.text
        assert f"{number}/visa" not in card.text
        for file in ("pdf", "visa"):
            refusal = visitor.get(f"/ritning/{number}/{file}")
            assert (refusal.status_code, heading(refusal)) == (403, "Ritningen lämnas inte ut")
            assert REFUSED in shown(refusal)
        assert visitor.post("/korg/lagg-i", nummer=number).status_code == 403
    assert "Min korg (0)" in shown(visitor.get("/korg"))


def test_a_colleague_can_make_a_drawing_secret_meanwhile(disturbed: TownProcess, visitor: Visitor) -> None:
    number = home_of(disturbed, "normal")["drawings"][0]["number"]
    visitor.post("/korg/lagg-i", nummer=number)
    change = {"number": number, "secret": True}
    disturbed.control.post(f"/systems/{KEY}/mark_secret", json=change).raise_for_status()
    assert visitor.get(f"/ritning/{number}/pdf").status_code == 403
    assert "Sekretess – lämnas inte ut" in shown(visitor.get("/korg"))


# The card and its file


def test_the_card_tells_all_that_the_archive_knows(town_process: TownProcess, visitor: Visitor) -> None:
    home = home_of(town_process, "normal", more_than=1)
    drawing = home["drawings"][1]
    visitor.hits(home["designation"])
    answer = visitor.get(f"/ritning/{drawing['number']}")
    text = shown(answer)
    assert heading(answer) == f"Ritning {drawing['number']}"
    for label, value in (
        ("Titel", drawing["title"]),
        ("Ritningstyp", drawing["kind"]),
        ("Årtal", drawing["year"]),
        ("Ärende", drawing["case_reference"]),
        ("Registrerad under", home["designation"]),
        ("Antal sidor", drawing["pages"]),
    ):
        assert f"{label} {value}" in text
    assert answer.text.count('id="miniatyr"') == drawing["pages"]
    assert 'type="application/pdf"' in answer.text
    assert f"Träff 2 av {len(home['drawings'])}" in text
    assert "Tillbaka till träfflistan" in text


def test_the_file_is_a_pdf_with_a_swedish_name_and_always_the_same(disturbed: TownProcess, visitor: Visitor) -> None:
    drawing = next(
        d for d in home_of(disturbed, "normal", more_than=3)["drawings"] if d["title"] == "Planritning övre plan"
    )
    number = drawing["number"]
    answer = visitor.get(f"/ritning/{number}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="{number} Planritning ovre plan.pdf"; '
        f"filename*=UTF-8''{number}%20Planritning%20%C3%B6vre%20plan.pdf"
    )
    assert len(pypdf.PdfReader(io.BytesIO(answer.content)).pages) == drawing["pages"]
    viewed = visitor.get(f"/ritning/{number}/visa")
    assert viewed.headers["content-disposition"].startswith("inline;")
    _as_new(disturbed)
    assert Visitor(visitor.client).get(f"/ritning/{number}/pdf").content == answer.content == viewed.content


# The basket


def test_the_basket_keeps_what_is_chosen_while_the_session_lasts(town_process: TownProcess, visitor: Visitor) -> None:
    first, second = (d["number"] for d in home_of(town_process, "normal", more_than=1)["drawings"][:2])
    assert "Korgen är tom." in shown(visitor.get("/korg"))
    answer = visitor.post("/korg/lagg-i", nummer=first, tillbaka=f"/ritning/{first}")
    assert heading(answer) == f"Ritning {first}"
    assert f"Ritning {first} har lagts i korgen." in shown(answer)
    again = visitor.post("/korg/lagg-i", nummer=first)
    assert f"Ritning {first} ligger redan i korgen." in shown(again)
    visitor.post("/korg/lagg-i", nummer=second)
    basket = visitor.get("/korg")
    assert heading(basket) == "Min korg"
    assert "Min korg (2)" in shown(basket)
    assert numbers(basket) == [first, second]
    assert numbers(visitor.post("/korg/ta-bort", nummer=first)) == [second]
    emptied = shown(visitor.post("/korg/tom"))
    assert "Korgen har tömts." in emptied
    assert "Korgen är tom." in emptied
    assert visitor.post("/korg/lagg-i", nummer="R9999-01").status_code == 404
    assert "Min korg (0)" in shown(Visitor(visitor.client).get("/korg"))


def test_nothing_that_a_visitor_does_changes_the_archive(town_process: TownProcess, visitor: Visitor) -> None:
    number = home_of(town_process, "normal")["drawings"][0]["number"]
    visitor.hits(fritext="plan")
    visitor.get(f"/ritning/{number}/pdf")
    visitor.post("/korg/lagg-i", nummer=number)
    visitor.post("/korg/tom")
    assert town_process.truth(KEY) == []


def test_what_is_typed_is_never_markup(visitor: Visitor) -> None:
    for parameters in ({"fritext": "<script>x()</script>"}, {"fastighet": "<script>x()</script>"}):
        assert "<script>x()" not in visitor.get("/traffar", **parameters).text
        assert "<script>x()" not in visitor.get("/", **parameters).text
    assert "<script>x()" not in visitor.post("/korg/ta-bort", nummer="<script>x()</script>").text
    assert "<script>x()" not in visitor.get("/ritning/<script>x()").text
