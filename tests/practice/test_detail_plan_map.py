"""Tallingekartan as a robot meets it: over HTTP, and once in a real browser for what only its scripts do."""

from __future__ import annotations

import html
import re
import shutil
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pypdf import PdfReader

from robots.practice.detail_plan_map import search
from robots.practice.detail_plan_map.geometry import signed_area, survey
from robots.practice.town import build_town
from tests.practice.conftest import USERS, TownProcess

KEY = "detail_plan_map"
PASSWORDS = {u["name"]: u["password"] for u in USERS["users"]}
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture(scope="module")
def calm(town_process: TownProcess) -> TownProcess:
    """The town for tests that only look. Those that disturb it take ``town``, which is made new for each."""
    town_process.control.post("/reset", json={"seed": 1}).raise_for_status()
    return town_process


@pytest.fixture
def visitor(calm: TownProcess) -> Iterator[httpx.Client]:
    """Somebody who is not logged in."""
    with calm.browser() as browser:
        yield browser


@pytest.fixture
def client(visitor: httpx.Client) -> httpx.Client:
    log_in(visitor)
    return visitor


def log_in(browser: httpx.Client, name: str = "ragnhild") -> str:
    """The page that the login leads to."""
    answer = browser.post("/kartan/logga-in", data={"anvandarnamn": name, "losenord": PASSWORDS[name]})
    assert "Tallingekartan</h1>" in answer.text
    return answer.text


def about(client: httpx.Client, designation: str) -> str:
    return html.unescape(client.get("/kartan/fastighet/rows", params={"fastighet": designation}).text)


def suggested(client: httpx.Client, typed: str) -> list[str]:
    answer = client.get("/kartan/sok/rows", params={"q": typed}).text
    return re.findall(r'role="option"[^>]*>([^<]*)<', html.unescape(answer))


def home_of(town: TownProcess, twist: str, errand: str = "detail_plan") -> dict[str, Any]:
    home: dict[str, Any] = town.control.get(f"/properties/{town.case(errand, twist)['property_id']}").json()
    return home


@pytest.mark.parametrize(
    "address",
    ["/", "/data/karta.json", "/sok/rows?q=ek", "/fastighet/rows?fastighet=x", "/planer/0199-P1961/1/plankarta.pdf",
     "/planer/0199-P1961/1/planbeskrivning.pdf", "/finns-inte"],
)  # fmt: skip
def test_without_a_session_everything_leads_to_the_login_page(address: str, visitor: httpx.Client) -> None:
    answer = visitor.get("/kartan" + address)
    assert answer.url.path == "/kartan/logga-in"
    assert re.search(r"<h1>Logga in</h1>\s*<p[^>]*>Tallingekartan – detaljplaner", answer.text)
    assert "utloggad" not in answer.text


def test_wrong_password_is_said_and_the_name_kept(visitor: httpx.Client) -> None:
    answer = visitor.post("/kartan/logga-in", data={"anvandarnamn": "ragnhild", "losenord": "fel"})
    assert answer.status_code == 401
    assert re.search(r'value="ragnhild".*Fel användarnamn eller lösenord\.', answer.text, re.DOTALL)


def test_login_leads_to_the_page_asked_for_and_nowhere_else(visitor: httpx.Client) -> None:
    fields = {"anvandarnamn": "lasare", "losenord": PASSWORDS["lasare"]}
    asked = "/kartan/?fastighet=EKBACKEN%203:10"
    sent = visitor.post("/kartan/logga-in", data={**fields, "till": asked}, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, asked)
    for bad in ("https://ond.example/", "//ond.example", "/ritningar/", "/kartan/..\\x", "/kartan/../ritningar/", ""):
        sent = visitor.post("/kartan/logga-in", data={**fields, "till": bad}, follow_redirects=False)
        assert sent.headers["location"] == "/kartan/"


def test_an_ended_session_is_said(town: TownProcess, client: httpx.Client) -> None:
    town.control.post("/faults", json={"system": KEY, "kind": "logged_out"}).raise_for_status()
    answer = client.get("/kartan/?fastighet=EKBACKEN%203:10")
    assert "Du har blivit utloggad. Logga in igen." in answer.text
    assert 'value="/kartan/?fastighet=EKBACKEN%203:10"' in answer.text


@pytest.mark.parametrize("name", ["ragnhild", "lasare"])
def test_both_roles_see_the_same_map(calm: TownProcess, name: str, visitor: httpx.Client) -> None:
    page = log_in(visitor, name)
    assert "Välkommen till Tallingekartan" in page
    assert "Välkommen till Tallingekartan" not in visitor.get("/kartan/").text  # once in a session
    assert "<h1>Tallingekartan</h1>" in page
    assert next(u["display"] for u in USERS["users"] if u["name"] == name) in page
    assert "Laga kraft" in about(visitor, home_of(calm, "normal")["designation"])


def test_an_unknown_address_has_a_page_of_its_own(client: httpx.Client) -> None:
    for answer in (client.get("/kartan/finns/inte"), client.post("/kartan/finns-inte")):
        assert answer.status_code == 404
        assert re.search("<h1>Sidan finns inte</h1>.*Ragnhild", answer.text, re.DOTALL)
    assert client.get("/kartan/static/app.js").status_code == 200
    assert client.get("/kartan/static/finns-inte.js").status_code == 404


def test_an_exact_hit_is_among_the_eight_but_not_first(client: httpx.Client) -> None:
    began = time.monotonic()
    answer = client.get("/kartan/sok/rows?q=EKBACKEN 3:1").text
    assert time.monotonic() - began >= 0.08  # it always takes its time
    assert "Visar 8 av 11 förslag. Skriv mer för att se färre." in answer
    shown = suggested(client, "ekbacken  3:1")
    assert len(shown) == 8
    streets = [text.partition(" – ")[2] for text in shown]
    assert streets == sorted(streets)
    assert any(text.startswith("EKBACKEN 3:1 – ") for text in shown)
    assert not shown[0].startswith("EKBACKEN 3:1 – ")


def test_search_by_street_and_by_older_designation(calm: TownProcess, client: httpx.Client) -> None:
    home = home_of(calm, "older_designation", "drawings")
    assert f"{home['designation']} – {home['street']}" in suggested(client, home["street"])
    assert suggested(client, home["older_designation"]) == [f"{home['older_designation']} (nu {home['designation']})"]
    assert suggested(client, f"Tallinge {home['designation']}")


def test_no_suggestions_are_said_in_words(client: httpx.Client) -> None:
    answer = client.get("/kartan/sok/rows", params={"q": 'Månen "1" <b>'}).text
    assert 'Inga förslag för "Månen "1" <b>"' in html.unescape(answer)
    assert "<b>" not in answer
    assert "Skriv minst två tecken." in client.get("/kartan/sok/rows?q=e").text


def test_the_panel_tells_what_the_town_knows(calm: TownProcess, client: httpx.Client) -> None:
    home = home_of(calm, "normal")
    text = about(client, home["designation"].lower())
    assert f"<h2>{home['designation']}</h2>" in text
    assert f"<dd>{home['street']}</dd>" in text
    assert f"<dd>{home['older_designation'] or 'Äldre beteckning saknas'}</dd>" in text
    assert re.search(r"<dd>[\d\N{NO-BREAK SPACE}]+ m²</dd>", text)
    assert re.findall(r'<article class="plan" aria-label="([^"]+)">', text) == home["plans"]
    assert re.search(r"Laga kraft \d{4}-\d\d-\d\d", text)
    assert home["owner"] not in text


def test_several_plans_and_none_and_one_that_is_not_final(calm: TownProcess, client: httpx.Client) -> None:
    assert about(client, home_of(calm, "several_plans")["designation"]).count("<article") == 2
    outside = about(client, home_of(calm, "outside_plan")["designation"])
    assert "Fastigheten ligger utanför detaljplanelagt område." in outside
    assert "<article" not in outside
    coming = about(client, home_of(calm, "not_final")["designation"])
    assert re.search(r"</i>(Antagen, inte laga kraft|Samråd|Granskning)</p>", coming)


def test_an_unknown_property_is_said(calm: TownProcess, client: httpx.Client) -> None:
    assert "Fastigheten EKBACKEN 9:99 finns inte i kartan." in about(client, "EKBACKEN 9:99")
    home = home_of(calm, "older_designation", "drawings")
    older = about(client, home["older_designation"])
    assert f"Fastigheten {home['older_designation']} finns inte i kartan." in older
    assert f"Fastigheten heter nu {home['designation']}." in older


def test_a_layer_that_is_put_out_stays_out_for_the_session(calm: TownProcess, client: httpx.Client) -> None:
    home = home_of(calm, "normal")
    assert client.post("/kartan/lager", data={"lager": "planer", "visas": "nej"}).status_code == 204
    assert "Lagret Detaljplaner är släckt." in about(client, home["designation"])
    assert 'name="planer" >' in client.get("/kartan/").text
    with calm.browser() as another:
        log_in(another)
        assert "<article" in about(another, home["designation"])
    client.post("/kartan/lager", data={"lager": "planer", "visas": "ja"})
    assert "<article" in about(client, home["designation"])
    assert client.post("/kartan/lager", data={"lager": "månen", "visas": "ja"}).status_code == 422


def test_the_documents_are_real_and_always_the_same(calm: TownProcess, client: httpx.Client) -> None:
    home = home_of(calm, "normal")
    number = home["plans"][0]
    for kind, words in (("plankarta", "PLANKARTA"), ("planbeskrivning", "Planens syfte")):
        first, second = (client.get(f"/kartan/planer/{number}/{kind}.pdf") for _ in range(2))
        assert first.headers["content-type"] == "application/pdf"
        assert first.content == second.content
        name = f"{kind.capitalize()}%20{number.replace('/', '-')}%20Detaljplan%20f%C3%B6r"
        assert f"filename*=UTF-8''{name}" in first.headers["content-disposition"]
        assert first.headers["content-disposition"].startswith("attachment")
        assert f"/kartan/planer/{number}/{kind}.pdf" in about(client, home["designation"])
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(first.content)).pages)
        assert words in text
        assert number in text
    assert client.get("/kartan/planer/0199-P1/1/plankarta.pdf").status_code == 404


def test_the_plan_unit_moves_a_plan_on(town: TownProcess, client: httpx.Client) -> None:
    home = home_of(town, "normal")
    before = re.findall(r"utgava=[^\"]+", client.get("/kartan/").text)
    act = town.control.post(f"/systems/{KEY}/set_plan_status", json={"number": home["plans"][0], "status": "samråd"})
    assert act.json() == {"number": home["plans"][0], "status": "Samråd"}
    assert "</i>Samråd</p>" in about(client, home["designation"])
    assert re.findall(r"utgava=[^\"]+", client.get("/kartan/").text) != before
    town.control.post("/reset", json={"seed": 1})


def test_the_map_never_changes_anything(town: TownProcess, client: httpx.Client) -> None:
    about(client, "EKBACKEN 3:10")
    client.post("/kartan/lager", data={"lager": "vatten", "visas": "nej"})
    assert "Du har loggat ut." in client.get("/kartan/logga-ut").text
    assert client.get("/kartan/").url.path == "/kartan/logga-in"
    assert town.truth(KEY) == []


def test_every_property_has_ground_of_its_own_and_every_plan_a_border(client: httpx.Client) -> None:
    drawn = client.get("/kartan/data/karta.json")
    assert "max-age" in drawn.headers["cache-control"]
    assert len((data := drawn.json())["properties"]) == 1200
    assert {p["s"] for p in data["plans"]} == {"laga kraft", "antagen", "samråd", "granskning"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_parcels_lie_by_their_points_and_plans_cover_their_parcels(seed: int) -> None:
    told = build_town(seed)
    ground = survey(told)
    assert set(ground.parcels) == set(told.properties)
    for parcel in ground.parcels.values():
        assert signed_area(parcel.ring) > 300
        assert min(abs(x - parcel.home.x) + abs(y - parcel.home.y) for x, y in parcel.ring) < 110
    for number, borders in ground.plan_borders.items():
        covered = sum(signed_area(p.corners) for p in ground.parcels.values() if number in p.home.plans)
        assert sum(map(signed_area, borders)) == pytest.approx(covered, rel=0.01)


def test_search_is_exact_about_designations() -> None:
    told = build_town(1)
    assert search.find(told, " tallinge  ekbacken 3:1 ") is told.properties["EKBACKEN 3:1"]
    assert search.find(told, "EKBACKEN 3") is search.find(told, "") is None


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(town: TownProcess, chromium: Browser) -> Iterator[Page]:
    """The map with nothing chosen and the welcome box closed."""
    context = chromium.new_context(viewport={"width": 1366, "height": 820}, base_url=town.base)
    page = context.new_page()
    page.set_default_timeout(5000)
    page.goto("/kartan/")
    page.get_by_label("Användarnamn").fill("ragnhild")
    page.get_by_label("Lösenord").fill(PASSWORDS["ragnhild"])
    page.get_by_role("button", name="Logga in").click()
    expect(page.get_by_role("dialog", name="Välkommen till Tallingekartan")).to_be_visible()
    page.get_by_role("button", name="Stäng", exact=True).click()
    yield page
    context.close()


@pytest.mark.browser
def test_a_late_answer_to_an_older_text_is_dropped(town: TownProcess, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/sok/rows" in request.url else None)
    town.control.post("/faults", json={"system": KEY, "kind": "late_list", "path": "sok", "seconds": 1})
    box = page.get_by_label("Sök fastighet eller adress")
    with page.expect_response(lambda answer: "q=HAMNEN" in answer.url):
        box.press_sequentially("HAMNEN", delay=30)
        expect(page.get_by_text("Hämtar…", exact=True)).to_be_visible()
        expect(page.locator("#suggest")).to_have_attribute("aria-busy", "true")
        box.fill("KVARNEN 14")
        expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("option")).to_contain_text("KVARNEN 14 – ")
    assert len(asked) == 2  # one for each pause in the typing
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.get_by_label("Information").get_by_role("heading", level=2)).to_have_text("KVARNEN 14")


@pytest.mark.browser
def test_choosing_clicking_and_layers(town: TownProcess, page: Page) -> None:
    home = home_of(town, "normal")
    page.goto(f"/kartan/?fastighet={home['designation']}")
    panel = page.get_by_label("Information")
    expect(panel.get_by_role("heading", level=2)).to_have_text(home["designation"])
    with page.expect_download() as download:
        panel.get_by_role("link", name="Plankarta (PDF)").click()
    assert download.value.suggested_filename.startswith("Plankarta 0199-P")
    page.get_by_role("checkbox", name="Detaljplaner").uncheck()
    expect(panel.get_by_text("Lagret Detaljplaner är släckt.")).to_be_visible()
    page.get_by_title("Stäng information").click()
    expect(panel).to_contain_text("Sök eller klicka i kartan för att välja en fastighet.")
    page.mouse.click(683, 410)  # the map's middle, to which it has flown
    expect(panel.get_by_role("heading", level=2)).to_have_text(home["designation"])
    page.goto("/kartan/?fastighet=EKBACKEN 9:99")
    expect(panel).to_contain_text("Fastigheten EKBACKEN 9:99 finns inte i kartan.")


@pytest.mark.browser
def test_a_session_that_ends_under_the_map(town: TownProcess, page: Page) -> None:
    town.control.post("/faults", json={"system": KEY, "kind": "logged_out", "path": "rows"})
    page.get_by_label("Sök fastighet eller adress").fill("HAMNEN 1")
    expect(page.get_by_text("Du har blivit utloggad. Logga in igen.")).to_be_visible()
