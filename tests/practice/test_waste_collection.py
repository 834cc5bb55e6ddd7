"""Renhållning Framtid as a robot meets it: roles, words of absence, the wizard's rules, what is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from robots.practice import dates
from tests.practice.conftest import TownProcess

BASE = "/renhallning"
SATURDAY = "2026-11-21"
CHROMIUM = Path("/usr/bin/chromium-headless-shell")
SLUDGE = {
    "onskat_datum": "2026-11-24",
    "slanglangd": "25",
    "brunnslock": "Ja",
    "vag": "Ja",
    "ordinarie": "Ja",
    "meddelande": "Grinden är öppen.",
    "referens": "R-0123456789ab",
}


def reset(town: TownProcess, today: str) -> None:
    town.control.post("/reset", json={"seed": 1, "today": today}).raise_for_status()


@pytest.fixture(scope="module")
def saturday(town_process: TownProcess) -> Iterator[TownProcess]:
    """The town on a Saturday, so that workdays matter. Tests that only read share it."""
    reset(town_process, SATURDAY)
    yield town_process
    reset(town_process, date.today().isoformat())


@pytest.fixture
def fresh(saturday: TownProcess) -> TownProcess:
    """The same Saturday, where nothing has happened yet."""
    reset(saturday, SATURDAY)
    return saturday


@pytest.fixture(scope="module")
def visitor(saturday: TownProcess) -> Iterator[httpx.Client]:
    with saturday.browser() as made:
        yield made


def log_in(visitor: httpx.Client, name: str, password: str) -> httpx.Client:
    visitor.cookies.clear()
    visitor.post(f"{BASE}/logga-in", data={"anvandarnamn": name, "losenord": password}).raise_for_status()
    return visitor


@pytest.fixture
def officer(visitor: httpx.Client) -> httpx.Client:
    return log_in(visitor, "ragnhild", "journal-pass")


@pytest.fixture
def reader(visitor: httpx.Client) -> httpx.Client:
    return log_in(visitor, "lasare", "read-pass")


@pytest.fixture
def nobody(visitor: httpx.Client) -> httpx.Client:
    visitor.cookies.clear()
    return visitor


def rows(visitor: httpx.Client, address: str, **asked: str) -> list[list[str]]:
    page = visitor.get(f"{BASE}{address}/rows", params=asked).text
    found = re.findall(r"<tr class[^>]*>(.*?)</tr>", page)
    return [re.findall(r"<td>(.*?)</td>", row) for row in found]


def started(visitor: httpx.Client, facility: str) -> str:
    """The address of a new wizard, without its step."""
    page = visitor.get(f"{BASE}/guide/ny", params={"anlaggning": facility})
    return str(page.url).rpartition("/")[0]


def order(visitor: httpx.Client, facility: str, service: str, **typed: str) -> httpx.Response:
    """Through the first two steps; the answer is the summary when nothing was wrong."""
    address = started(visitor, facility)
    visitor.post(f"{address}/tjanst", data={"tjanst": service})
    return visitor.post(f"{address}/uppgifter", data=typed)


def alerts(page: httpx.Response) -> list[str]:
    return re.findall(r"<li>(.*?)</li>", page.text.partition('role="alert"')[2].partition("</div>")[0])


def test_login_names_the_system_and_says_what_is_wrong(nobody: httpx.Client) -> None:
    page = nobody.get(f"{BASE}/")
    assert page.url.path == f"{BASE}/logga-in"
    assert "<h1>Logga in</h1>" in page.text
    assert "Renhållning Framtid" in page.text
    wrong = nobody.post(f"{BASE}/logga-in", data={"anvandarnamn": "ragnhild", "losenord": "fel"})
    assert wrong.status_code == 401
    assert "Fel användarnamn eller lösenord." in wrong.text
    assert 'value="ragnhild"' in wrong.text


def test_login_leads_to_the_page_that_was_asked_for_and_nowhere_else(nobody: httpx.Client) -> None:
    typed = {"anvandarnamn": "ragnhild", "losenord": "journal-pass"}
    asked = nobody.get(f"{BASE}/kunder?namn=Berg")
    right = nobody.post(f"{BASE}/logga-in", data=typed | {"nasta": asked.url.params["nasta"]})
    assert right.history[0].status_code == 303
    assert right.url.raw_path == b"/renhallning/kunder?namn=Berg"
    away = nobody.post(f"{BASE}/logga-in", data=typed | {"nasta": "https://example.org/"})
    assert away.url.path == f"{BASE}/"


@pytest.mark.parametrize(
    "path", ["/", "/start", "/kunder", "/tomt", "/korlistor/KL1U/stopp/rows", "/guide/x/tjanst", "/y"]
)
def test_an_ended_session_leads_to_the_login_from_every_frame(
    officer: httpx.Client, saturday: TownProcess, path: str
) -> None:
    fault = {"system": "waste_collection", "kind": "logged_out"}
    saturday.control.post("/faults", json=fault).raise_for_status()
    page = officer.get(BASE + path)
    assert page.url.path == f"{BASE}/logga-in"
    assert "Du har blivit utloggad. Logga in igen." in page.text


def test_log_out_ends_the_session(officer: httpx.Client) -> None:
    assert "Du har loggat ut." in officer.get(f"{BASE}/logga-ut").text
    page = officer.get(f"{BASE}/start")
    assert page.url.path == f"{BASE}/logga-in"
    assert "Du har blivit utloggad" not in page.text


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/", "Renhållning Framtid"), ("/kunder", "Kunder"), ("/anlaggningar", "Anläggningar"), ("/tjanster", "Tjänster"),
     ("/bestallningar", "Beställningar"), ("/korlistor", "Körlistor"), ("/tomt", "Detaljer"), ("/start", "Start"),
     ("/bestallningar/7000001", "Beställningskort"), ("/kunder/40000", "Kundkort"), ("/korlistor/KL1U", "Körlista"),
     ("/anlaggningar/AN104000-5", "Anläggningskort")],
)  # fmt: skip
def test_every_page_names_itself_and_its_user(reader: httpx.Client, path: str, heading: str) -> None:
    page = reader.get(BASE + path)
    assert page.status_code == 200
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page.text) == [heading]
    assert "Lasse Läsare (robot)" in page.text


@pytest.mark.parametrize(
    "path", ["/finns-inte", "/anlaggningar/AN1", "/kunder/x", "/bestallningar/1", "/korlistor/Z/stopp/rows"]
)
def test_unknown_addresses_are_answered_in_the_systems_style(officer: httpx.Client, path: str) -> None:
    page = officer.get(BASE + path)
    assert page.status_code == 404
    assert "Sidan hittades inte</h1>" in page.text
    assert "style.css" in page.text


def test_styles_and_scripts_are_served_to_everybody(nobody: httpx.Client) -> None:
    for name in ("style.css", "window.js", "grid.js", "shell.js", "calendar.js"):
        assert nobody.get(f"{BASE}/static/{name}").status_code == 200


def test_search_matches_from_the_beginning_and_pages_hold_25(officer: httpx.Client) -> None:
    assert len(rows(officer, "/anlaggningar")) == 25
    assert rows(officer, "/anlaggningar", sida="2") != rows(officer, "/anlaggningar")
    assert "1200 träffar" in officer.get(f"{BASE}/anlaggningar/rows").text
    (hit,) = rows(officer, "/anlaggningar", anlnr="an1040005")
    assert hit[:2] == ["AN104000-5", "40000"]
    homes = [r[2] for r in rows(officer, "/anlaggningar", fastighet="EKBACKEN 1:1", sortering="2-stigande")]
    assert homes[:2] == ["EKBACKEN 1:1", "EKBACKEN 1:10"], "a prefix has more hits than one: the reader must look"
    assert rows(officer, "/anlaggningar", fastighet="*backen 1:1")


@pytest.mark.parametrize(
    ("address", "asked", "words"),
    [("/anlaggningar", {"anlnr": "AN9"}, "Inga anläggningar hittades."),
     ("/kunder", {"namn": "Qx"}, "Inga kunder hittades."),
     ("/tjanster", {"anlnr": "AN9"}, "Inga tjänster hittades."),
     ("/bestallningar", {"referens": "R-fel"}, "Inga beställningar hittades."),
     ("/korlistor", {"vecka": "Fel"}, "Inga körlistor hittades."),
     ("/anlaggningar/AN104000-5/bestallningar", {}, "Inga beställningar hittades.")],
)  # fmt: skip
def test_absence_is_said_in_words(officer: httpx.Client, address: str, asked: dict[str, str], words: str) -> None:
    page = officer.get(f"{BASE}{address}/rows", params=asked).text
    assert words in page
    assert "<table" not in page


def test_customers_are_found_by_name_number_and_personal_number(officer: httpx.Client, saturday: TownProcess) -> None:
    facility = saturday.control.get("/facilities/AN104000-5").json()
    person = saturday.control.get(f"/people/{facility['customer']}").json()
    for asked in (
        {"namn": person["last_name"], "kundnr": "40000"},
        {"kundnr": "40000"},
        {"persnr": facility["customer"]},
    ):
        (hit,) = rows(officer, "/kunder", **asked)
        assert hit[:3] == ["40000", person["name"], facility["customer"]]
    assert rows(officer, "/kunder/40000/anlaggningar")[0][0] == "AN104000-5"


def card(officer: httpx.Client, facility: str) -> str:
    page = officer.get(f"{BASE}/anlaggningar/{facility}").text
    assert f"<h2>Anläggning {facility}</h2>" in page
    return page


def test_the_facility_card_tells_what_matters(officer: httpx.Client, saturday: TownProcess) -> None:
    blocked = card(officer, saturday.case("missed_bin", "blocked")["facility"])
    assert "Spärrad kund – obetalda fakturor" in blocked
    normal = card(officer, saturday.case("missed_bin")["facility"])
    for words in ("Aktiv", "Ingen dispens", "Fastland", "Ingen avvikelse", "Ingen slamtank"):
        assert f">{words}<" in normal
    assert "Dispens: Uppehåll i hämtning, från 2026-11-01 till 2027-01-31" in card(
        officer, saturday.case("extra_sludge", "dispens")["facility"]
    )
    assert "Ö utan fast förbindelse" in card(officer, saturday.case("extra_sludge", "island")["facility"])
    late = saturday.case("missed_bin", "household_deviation")["facility"]
    deviation = saturday.control.get(f"/facilities/{late}").json()["deviation"]
    assert f"Avvikelse: {deviation}" in card(officer, late)
    assert rows(officer, f"/anlaggningar/{late}/historik")[0][2] == f"Avvikelse: {deviation}"


def test_an_unpaid_invoice_is_what_blocks(officer: httpx.Client, saturday: TownProcess) -> None:
    blocked, normal = (saturday.case("missed_bin", twist)["facility"] for twist in ("blocked", "normal"))
    assert [r[-1] for r in rows(officer, f"/anlaggningar/{blocked}/fakturor")] == ["Obetald"] * 2 + ["Betald"] * 2
    assert {r[-1] for r in rows(officer, f"/anlaggningar/{normal}/fakturor")} == {"Betald"}


def test_carried_out_orders_are_hidden_until_asked_for(officer: httpx.Client, saturday: TownProcess) -> None:
    booked = saturday.case("extra_sludge", "already_booked")["facility"]
    address = f"/anlaggningar/{booked}/bestallningar"
    (still_open,) = rows(officer, address)
    assert still_open[1:4] == ["Extra slamtömning", "2026-11-22", "Planerad"]
    assert rows(officer, address, referens="ÅRSVIS") == []
    (control,) = rows(officer, address, referens="ÅRSVIS", utforda="ja")
    assert control[3] == "Utförd"
    assert control[2].startswith("2026-")
    assert len(rows(officer, address, utforda="ja")) == 2


def test_routes_hold_every_facility_once(officer: httpx.Client) -> None:
    routes = rows(officer, "/korlistor")
    assert len(routes) == 10
    assert sum(int(r[3]) for r in routes) == 1200
    assert rows(officer, f"/korlistor/{routes[0][0]}/stopp")[0][0] == "1"


def test_an_order_is_placed_committed_and_found(fresh: TownProcess, officer: httpx.Client) -> None:
    facility = fresh.case("extra_sludge")["facility"]
    summary = order(officer, facility, "Extra slamtömning", **SLUDGE)
    assert "Kostnad: 1 420 kr" in summary.text
    assert fresh.truth("waste_collection") == []
    done = officer.post(str(summary.url))
    assert done.history[0].status_code == 303
    assert "Beställning 7001234 är registrerad." in done.text
    (made,) = fresh.truth("waste_collection", "order_placed")
    assert (made["about"], made["by"]) == (facility, "ragnhild")
    assert made["facts"] == {
        "order": "7001234", "service": "Extra slamtömning", "date": "2026-11-24", "reference": "R-0123456789ab",
        "message": "Grinden är öppen.", "price": 1420,
    }  # fmt: skip
    (found,) = rows(officer, f"/anlaggningar/{facility}/bestallningar", referens="R-0123456789ab")
    assert found == ["7001234", "Extra slamtömning", "2026-11-24", "Registrerad", "R-0123456789ab", "Ragnhild (robot)"]
    assert "Grinden är öppen." in officer.get(f"{BASE}/bestallningar/7001234").text


def test_nothing_stops_a_second_order(fresh: TownProcess, officer: httpx.Client) -> None:
    facility = fresh.case("extra_sludge", "already_booked")["facility"]
    summary = order(officer, facility, "Extra slamtömning", **SLUDGE)
    for _ in range(2):
        officer.post(str(summary.url))
    assert [c["facts"]["order"] for c in fresh.truth("waste_collection")] == ["7001234", "7001235"]


def test_a_missed_bin_is_free_unless_the_household_was_the_reason(officer: httpx.Client, saturday: TownProcess) -> None:
    for twist, cost in (("normal", "0 kr"), ("household_deviation", "1 245 kr")):
        facility = saturday.case("missed_bin", twist)["facility"]
        summary = order(officer, facility, "Hämtning av missat kärl", missat_datum="2026-11-19")
        assert f"Kostnad: {cost}<" in summary.text
    urgent = order(officer, saturday.case("extra_sludge")["facility"], "Akut slamtömning",
                   **SLUDGE | {"onskat_datum": "2026-11-23", "slanglangd": "20"})  # fmt: skip
    assert "Kostnad: 2 490 kr" in urgent.text


@pytest.mark.parametrize(
    ("service", "typed", "error"),
    [("Extra slamtömning", {"onskat_datum": "i morgon"}, "Önskat datum ska anges som ÅÅÅÅ-MM-DD."),
     ("Extra slamtömning", {"onskat_datum": "2026-11-22"}, "Önskat datum ska vara en arbetsdag."),
     ("Extra slamtömning", {"onskat_datum": "2026-11-27"},
      "Extra slamtömning utförs inom 4 arbetsdagar. Välj en dag från 2026-11-23 till 2026-11-26."),
     ("Akut slamtömning", {"onskat_datum": "2026-11-24"},
      "Akut slamtömning utförs inom 24 timmar. Välj 2026-11-23."),
     ("Extra slamtömning", {"slanglangd": "12,5"}, "Slanglängd ska anges i hela meter, 1–60."),
     ("Extra slamtömning", {"vag": ""}, "Framkomlig väg: välj Ja eller Nej."),
     ("Extra slamtömning", {"referens": "R" * 41}, "Referensen får vara högst 40 tecken."),
     ("Hämtning av missat kärl", {"missat_datum": ""}, "Datum för utebliven hämtning ska anges som ÅÅÅÅ-MM-DD."),
     ("Hämtning av missat kärl", {"missat_datum": "2026-11-22"},
      "Datum för utebliven hämtning får inte ligga i framtiden.")],
)  # fmt: skip
def test_errors_stand_above_the_form_beside_what_was_typed(
    officer: httpx.Client, saturday: TownProcess, service: str, typed: dict[str, str], error: str
) -> None:
    before = saturday.truth("waste_collection")
    page = order(officer, saturday.case("extra_sludge")["facility"], service, **SLUDGE | typed)
    assert alerts(page) == [error]
    for value in typed.values():
        assert value in page.text
    officer.post(str(page.url).replace("uppgifter", "sammanfattning"))
    assert saturday.truth("waste_collection") == before, "a step that was jumped over is not forgiven"


def test_going_back_keeps_what_was_typed(officer: httpx.Client, saturday: TownProcess) -> None:
    page = order(officer, saturday.case("extra_sludge")["facility"], "Extra slamtömning",
                 **SLUDGE | {"onskat_datum": "snart", "riktning": "tillbaka"})  # fmt: skip
    assert page.url.path.endswith("/tjanst")
    assert 'value="Extra slamtömning" checked' in page.text
    again = officer.get(str(page.url).replace("tjanst", "uppgifter"))
    assert 'value="snart"' in again.text
    assert "Grinden är öppen." in again.text


def test_sludge_is_offered_only_where_there_is_a_tank(officer: httpx.Client, saturday: TownProcess) -> None:
    facility = saturday.case("missed_bin")["facility"]
    address = started(officer, facility)
    assert "slamtömning" not in officer.get(f"{address}/tjanst").text
    assert alerts(officer.post(f"{address}/tjanst", data={"tjanst": "Extra slamtömning"})) == ["Välj en tjänst."]


def test_a_blocked_customer_cannot_order(fresh: TownProcess, officer: httpx.Client) -> None:
    facility = fresh.case("missed_bin", "blocked")["facility"]
    assert "Ny beställning" in card(officer, facility)
    address = started(officer, facility)
    refusal = "Kunden är spärrad. Beställning kan inte läggas."
    assert refusal in officer.get(f"{address}/tjanst").text
    assert refusal in officer.post(f"{address}/sammanfattning").text
    assert fresh.truth("waste_collection") == []


def test_a_dispens_must_be_read(officer: httpx.Client, saturday: TownProcess) -> None:
    address = started(officer, saturday.case("extra_sludge", "dispens")["facility"])
    chosen = {"tjanst": "Extra slamtömning"}
    unread = officer.post(f"{address}/tjanst", data=chosen)
    assert alerts(unread) == ["Du måste bekräfta att du har läst varningen."]
    assert "Jag har läst varningen" in unread.text
    assert officer.post(f"{address}/tjanst", data=chosen | {"varning": "ja"}).url.path.endswith("/uppgifter")


def test_a_reader_changes_nothing(fresh: TownProcess, officer: httpx.Client) -> None:
    facility = fresh.case("extra_sludge")["facility"]
    address = str(order(officer, facility, "Extra slamtömning", **SLUDGE).url)
    reader = log_in(officer, "lasare", "read-pass")
    assert "Ny beställning" not in card(reader, facility)
    for page in (reader.post(address), reader.get(f"{BASE}/guide/ny?anlaggning={facility}"), reader.post(f"{BASE}/")):
        assert page.status_code == 403
        assert "Du saknar behörighet att göra ändringar." in page.text
    assert fresh.truth("waste_collection") == []


def test_control_actions_move_orders_on(fresh: TownProcess, officer: httpx.Client) -> None:
    def act(name: str, **values: Any) -> Any:
        return fresh.control.post(f"/systems/waste_collection/{name}", json=values)

    facility = fresh.case("missed_bin", "already_booked")["facility"]
    planned, control = act("orders", facility=facility).json()
    assert (planned["status"], control["reference"]) == ("Planerad", "ÅRSVIS")
    act("cancel", order=planned["number"])
    assert rows(officer, f"/anlaggningar/{facility}/bestallningar")[0][3] == "Makulerad"
    act("carry_out", order=planned["number"])
    assert rows(officer, f"/anlaggningar/{facility}/bestallningar") == []
    assert act("cancel", order="1").status_code == 404


def test_the_maintenance_page_is_the_systems_own(officer: httpx.Client, saturday: TownProcess) -> None:
    saturday.control.post("/faults", json={"system": "waste_collection", "kind": "down"}).raise_for_status()
    page = officer.get(f"{BASE}/")
    assert page.status_code == 503
    assert "Systemet är stängt för underhåll" in page.text


def test_the_calendar_knows_workdays_and_odd_weeks() -> None:
    friday, midsummer = date(2026, 11, 20), date(2026, 6, 18)
    assert dates.urgent_days(friday) == [friday]
    assert dates.urgent_days(date(2026, 11, 19)) == [date(2026, 11, 19), friday]
    assert dates.extra_days(midsummer)[0] == date(2026, 6, 22), "the eve is free as well"
    # 2026 ends with week 53, so that two odd weeks follow each other.
    assert dates.next_collection(date(2026, 12, 29), 0, True) == date(2027, 1, 4)
    assert dates.next_sludge_day(date(2026, 5, 1), 3, 0) == date(2027, 3, 1)
    assert dates.month_span(date(2026, 10, 5), 2) == (date(2026, 10, 1), date(2026, 12, 31))


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no headless Chromium here")
def test_double_click_through_the_frames_to_a_placed_order(fresh: TownProcess) -> None:
    facility = fresh.case("extra_sludge")["facility"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = chromium.new_page()
        page.set_default_timeout(8000)
        page.goto(f"{fresh.base}{BASE}/")
        page.get_by_label("Användarnamn").fill("ragnhild")
        page.get_by_label("Lösenord").fill("journal-pass")
        page.get_by_role("button", name="Logga in").click()
        work = page.frame_locator("iframe[title='Arbetsyta']")
        details = work.frame_locator("iframe[title='Detaljer']")
        window = page.frame_locator("iframe[title='Ny beställning']")

        page.get_by_role("link", name="Anläggningar").click()
        work.locator("td:text-is('Anläggningsnummer') + td input").fill(facility)
        work.get_by_title("Sök").click()
        row = work.locator(f"[aria-busy=false] tr:has(td:text-is('{facility}'))")
        row.click()
        assert row.get_attribute("aria-selected") == "true"
        assert details.get_by_role("heading", name="Detaljer").is_visible(), "one click only selects"
        row.dblclick()
        details.get_by_role("heading", name=f"Anläggning {facility}").wait_for()
        details.get_by_text("Inga beställningar hittades.").wait_for()

        details.get_by_role("button", name="Ny beställning").click()
        window.locator("td:text-is('Extra slamtömning') + td input").check()
        window.get_by_role("button", name="Nästa").click()
        window.get_by_title("Välj datum").click()
        window.locator("[data-day]:enabled").first.click()
        for question in ("Brunnslocket väger högst 15 kg", "Framkomlig väg", "Ordinarie tömning kvarstår"):
            window.locator(f"td:text-is('{question}') + td select").select_option("Ja")
        window.get_by_role("button", name="Nästa").click()
        window.get_by_role("button", name="Bekräfta beställning").click()
        window.get_by_text("Beställning 7001234 är registrerad.").wait_for()
        window.get_by_role("button", name="Stäng").click()
        details.get_by_role("cell", name="7001234").wait_for()
        chromium.close()
    assert [c["facts"]["date"] for c in fresh.truth("waste_collection")] == ["2026-11-23"]
