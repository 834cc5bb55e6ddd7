"""Alfrida Färdtjänst as a robot meets it: roles, drafts and steps, letters and their days, times, what is committed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape

import httpx
import pytest

from tests.practice.conftest import TownProcess, acting_in

BASE, KEY = "/fardtjanst", "mobility_service"
act = acting_in(KEY)
MONDAY = "2026-11-23"
PDF = b"%PDF-1.7\n%%EOF\n"
ANSWERS = {"inkom": "2026-11-18", "satt": "E-tjänst", "insats": "Färdtjänst", "tolk": "Nej", "varaktig": "Ja",
           "hjalpmedel": "Rollator", "svarighet": "Rörelsenedsättning", "intyg": "Bifogas",
           "intyg_datum": "2026-11-01", "intyg_av": "Allmänläkare"}  # fmt: skip
LETTER = {"brevtyp": "Begäran om komplettering", "svar_senast": "2026-12-07", "referens": "R-0123456789ab",
          "brevtext": "Hej! Vi saknar ditt läkarintyg. Skicka in det."}  # fmt: skip


@pytest.fixture(scope="module")
def monday(town_process: TownProcess) -> Iterator[TownProcess]:
    """The town on a Monday, since workdays matter."""
    yield town_process
    town_process.control.post("/reset", json={"seed": 1, "today": date.today().isoformat()}).raise_for_status()


class Shared:
    """Whether the town is as new, apart from what tests leave that change nothing which others look at."""

    as_new = False


def reset(town: TownProcess) -> None:
    town.control.post("/reset", json={"seed": 1, "today": MONDAY}).raise_for_status()


@pytest.fixture
def fresh(monday: TownProcess) -> TownProcess:
    reset(monday)
    Shared.as_new = False
    return monday


@pytest.fixture
def calm(monday: TownProcess) -> Iterator[TownProcess]:
    """For tests in which nothing may be changed: they share one town."""
    if not Shared.as_new:
        reset(monday)
        Shared.as_new = True
    yield monday
    assert monday.truth(KEY) == []


@contextmanager
def visitor(town: TownProcess, name: str, password: str) -> Iterator[httpx.Client]:
    with town.browser() as made:
        made.post(f"{BASE}/logga-in", data={"anvid": name, "losen": password}).raise_for_status()
        yield made


@pytest.fixture
def officer(fresh: TownProcess) -> Iterator[httpx.Client]:
    with visitor(fresh, "ragnhild", "journal-pass") as made:
        yield made


@pytest.fixture
def clerk(calm: TownProcess) -> Iterator[httpx.Client]:
    with visitor(calm, "ragnhild", "journal-pass") as made:
        yield made


@pytest.fixture
def reader(calm: TownProcess) -> Iterator[httpx.Client]:
    with visitor(calm, "lasare", "read-pass") as made:
        yield made


def person(town: TownProcess, twist: str = "normal", errand: str = "mobility_application") -> str:
    return str(town.case(errand, twist)["citizen"])


def investigation(town: TownProcess, twist: str = "normal") -> str:
    return str(act(town, "investigations", person=person(town, twist, "mobility_supplement"))[0]["number"])


def file_of(browser: httpx.Client, personal_number: str) -> str:
    return browser.post(f"{BASE}/personer", data={"personnummer": personal_number}).url.path


def begin(browser: httpx.Client, personal_number: str, key: str = "k", reference: str = "R-1") -> str:
    """The address of the draft."""
    form = {"referens": reference, "nyckel": key}
    page = browser.post(f"{file_of(browser, personal_number)}/ny-utredning", data=form)
    return page.url.path.removesuffix("/steg/1")


def save(browser: httpx.Client, draft: str, **values: str) -> None:
    for name, value in (ANSWERS | values).items():
        browser.post(f"{draft}/falt", data={"falt": name, "varde": value}).raise_for_status()


def register(browser: httpx.Client, draft: str, *files: str, **more: str) -> httpx.Response:
    chosen = {name: (f"{name}.pdf", PDF, "application/pdf") for name in files or ("ansokan", "lakarintyg")}
    return browser.post(f"{draft}/registrera", data=more, files=chosen)


def alerts(page: httpx.Response) -> list[str]:
    return [unescape(w) for w in re.findall(r"<li>(.*?)</li>", page.text.partition('role="alert"')[2])]


def words(page: httpx.Response) -> str:
    return unescape(page.text)


# -- the way in -----------------------------------------------------------------------------------------------------


def test_login_has_its_own_words(calm: TownProcess) -> None:
    with calm.browser() as nobody:
        assert "<h1>Logga in</h1>" in nobody.get(f"{BASE}/utredningar").text
        wrong = nobody.post(f"{BASE}/logga-in", data={"anvid": "ragnhild", "losen": "fel"})
        assert wrong.status_code == 401
        assert "Felaktigt användar-id eller lösenord." in wrong.text
        closed = nobody.post(f"{BASE}/logga-in", data={"anvid": "utestangd", "losen": "closed-pass"})
        assert closed.status_code == 401


@pytest.mark.parametrize(
    ("path", "heading"),
    [("/", "Startsida"), ("/personer", "Personsök"), ("/utredningar", "Utredningar"), ("/bokningar", "Bokningar"),
     ("/bevakningar", "Bevakningar"), ("/finns-inte", "Sidan finns inte"), ("/akt/A-1", "Personakten finns inte"),
     ("/utredningar/FT-1", "Utredningen finns inte"), ("/utkast/x/steg/1", "Utkastet finns inte")],
)  # fmt: skip
def test_every_page_names_itself(reader: httpx.Client, path: str, heading: str) -> None:
    assert f"<h1>{heading}</h1>" in reader.get(BASE + path).text


def test_a_session_that_ended_says_so(officer: httpx.Client, fresh: TownProcess) -> None:
    fresh.control.post("/faults", json={"system": KEY, "kind": "logged_out"}).raise_for_status()
    assert "Din session har avslutats. Logga in på nytt." in officer.get(f"{BASE}/utredningar").text


def test_who_may_only_read_is_refused_every_change(reader: httpx.Client, calm: TownProcess) -> None:
    file, number = file_of(reader, person(calm)), investigation(calm)
    one, draft = f"{BASE}/utredningar/{number}", act(calm, "leave_draft", person=person(calm))
    forms = (f"{file}/ny-utredning", f"{one}/brev/nytt", f"{one}/tider", f"{BASE}/utkast/{draft}/steg/1")

    assert [reader.get(address).status_code for address in forms] == [403] * 4
    posts = (*forms, f"{BASE}/utkast/{draft}/falt", f"{BASE}/utkast/{draft}/registrera", f"{one}/beslut")
    assert [reader.post(address, data=LETTER).status_code for address in posts] == [403] * 7
    assert "Ny utredning" not in reader.get(file).text
    assert "Nytt brev" not in reader.get(one).text


def test_nobody_who_journals_may_decide(clerk: httpx.Client, calm: TownProcess) -> None:
    address = f"{BASE}/utredningar/{investigation(calm, 'supplement_came')}/beslut"

    for page in (clerk.get(address), clerk.post(address, data={"beslut": "Bifall"})):
        assert page.status_code == 403
        assert "Du saknar delegation att bedöma och besluta" in page.text
    (one,) = act(calm, "investigations", person=person(calm, "supplement_came", "mobility_supplement"))
    assert one["status"] == "Utreds"


# -- looking --------------------------------------------------------------------------------------------------------


def test_a_person_is_found_by_number_and_no_address_holds_it(clerk: httpx.Client, calm: TownProcess) -> None:
    number = person(calm)
    page = clerk.post(f"{BASE}/personer", data={"personnummer": number.replace("-", "")[2:]})
    assert re.fullmatch(rf"{BASE}/akt/A-\d+", page.url.path)
    assert f"<td>{number}</td>" in page.text
    assert "Ingen person hittades" in clerk.post(f"{BASE}/personer", data={"personnummer": "19250103-9800"}).text
    assert clerk.post(f"{BASE}/personer", data={"personnummer": "123"}).status_code == 422


def test_a_protected_person_is_shown_without_name_and_address(clerk: httpx.Client, calm: TownProcess) -> None:
    number = person(calm, "protected")
    told = calm.control.get(f"/people/{number}").json()
    page = clerk.get(file_of(clerk, number))
    assert "SKYDDADE PERSONUPPGIFTER" in page.text
    assert told["name"] not in page.text
    assert told["street"] not in page.text


@pytest.mark.parametrize(
    ("twist", "said"),
    [("normal", "Inget skrivet"), ("certificate_missing", "Inget intyg bifogat"), ("health_free_text", "mycket värk"),
     ("deceased", "AVLIDEN"), ("certificate_not_specialist", "Allmänläkare")],
)  # fmt: skip
def test_the_file_says_what_is_special(clerk: httpx.Client, calm: TownProcess, twist: str, said: str) -> None:
    assert said in clerk.get(file_of(clerk, person(calm, twist))).text


def test_papers_of_an_application_are_pdfs(clerk: httpx.Client, calm: TownProcess) -> None:
    page = clerk.get(file_of(clerk, person(calm)))
    found = [clerk.get(a) for a in re.findall(r'href="([^"]+/handling/[^"]+)"', page.text)]
    assert len(found) == 2
    assert all(f.content.startswith(b"%PDF-") for f in found)


def test_the_list_is_paged_and_shows_concluded_ones_when_asked(clerk: httpx.Client) -> None:
    def numbers(**asked: str) -> list[str]:
        return re.findall(r">(FT-\d+-\d+)</a>", clerk.get(f"{BASE}/utredningar", params=asked).text)

    assert len(numbers()) == len(numbers(sida="2")) == 20
    assert not set(numbers()) & set(numbers(sida="2"))
    assert numbers(referens="MIGRERAD-0001") == []
    assert len(numbers(referens="migrerad-0001", avslutade="ja")) == 1
    assert "Inga utredningar hittades." in clerk.get(f"{BASE}/utredningar", params={"referens": "R-x"}).text


# -- the wizard -----------------------------------------------------------------------------------------------------


def test_an_investigation_is_registered_once(officer: httpx.Client, fresh: TownProcess) -> None:
    draft = begin(officer, person(fresh))
    save(officer, draft)
    assert fresh.truth(KEY) == [], "what is saved in a draft is not registered"

    page = register(officer, draft)

    assert "Utredningen är registrerad." in page.text
    (made,) = fresh.truth(KEY)
    assert (made["kind"], made["about"]) == ("investigation_opened", person(fresh))
    assert made["facts"] | ANSWERS == made["facts"]
    assert made["facts"]["papers"] == ["Ansökan", "Läkarintyg"]
    assert register(officer, draft).status_code == 404
    assert len(fresh.truth(KEY)) == 1
    assert act(fresh, "drafts", person=person(fresh)) == []


def test_a_step_counts_what_is_saved_and_nothing_else(officer: httpx.Client, fresh: TownProcess) -> None:
    draft = begin(officer, person(fresh))
    page = officer.post(f"{draft}/steg/1", data={"riktning": "nasta", **ANSWERS})
    assert page.status_code == 422
    assert alerts(page) == ["Ansökan inkom: fyll i uppgiften.", "Ansökan gjord via: välj ett alternativ.",
                            "Behov av tolk: välj ett alternativ."]  # fmt: skip
    assert officer.get(f"{draft}/steg/4").url.path.endswith("/steg/1")


def test_going_back_keeps_the_values(officer: httpx.Client, fresh: TownProcess) -> None:
    draft = begin(officer, person(fresh))
    save(officer, draft)
    page = officer.post(f"{draft}/steg/3", data={"riktning": "tillbaka"})
    assert page.url.path.endswith("/steg/2")
    assert 'value="Rollator"' in page.text
    assert "<option selected>Rörelsenedsättning</option>" in page.text


@pytest.mark.parametrize(
    ("values", "step", "said"),
    [({"inkom": "18/11"}, 1, "Ansökan inkom ska anges som ÅÅÅÅ-MM-DD."),
     ({"inkom": "2026-11-24"}, 1, "Ansökan inkom får inte ligga i framtiden."),
     ({"insats": "Taxi"}, 1, "Sökt insats: Taxi kan inte väljas."),
     ({"hjalpmedel": "x" * 201}, 2, "Hjälpmedel får vara högst 200 tecken."),
     ({"svarighet": "Synnedsättning"}, 3, "Synnedsättning kräver intyg från specialistläkare."),
     ({"intyg": "Saknas"}, 3, "Läkarintyget saknas: välj Inget intyg och ange inget datum."),
     ({"intyg_datum": ""}, 3, "Läkarintyget bifogas: ange vem som har utfärdat det och när.")],
)  # fmt: skip
def test_what_a_step_refuses(
    clerk: httpx.Client, calm: TownProcess, values: dict[str, str], step: int, said: str
) -> None:
    draft = begin(clerk, person(calm))
    save(clerk, draft, **values)
    assert alerts(clerk.post(f"{draft}/steg/{step}", data={"riktning": "nasta"})) == [said]
    assert alerts(register(clerk, draft)) == [said]


def test_papers_are_demanded(officer: httpx.Client, fresh: TownProcess) -> None:
    draft = begin(officer, person(fresh))
    save(officer, draft)
    assert alerts(register(officer, draft, "ansokan")) == ["Läkarintyg: välj en fil."]
    wrong = {"ansokan": ("a.pdf", b"hej", "application/pdf"), "lakarintyg": ("b.pdf", PDF, "application/pdf")}
    page = officer.post(f"{draft}/registrera", files=wrong)
    assert alerts(page) == ["Ansökan: filen ska vara en PDF på högst 10 MB."]
    save(officer, draft, intyg="Saknas", intyg_av="Inget intyg", intyg_datum="")
    assert "Ofullständig ansökan" in register(officer, draft, "ansokan").text


def test_a_draft_is_offered_and_a_form_sent_twice_begins_one(officer: httpx.Client, fresh: TownProcess) -> None:
    number = person(fresh)
    assert begin(officer, number) == begin(officer, number)
    assert len(act(fresh, "drafts", person=number)) == 1
    offered = officer.get(f"{file_of(officer, number)}/ny-utredning")
    assert "Det finns redan utkast för personen." in offered.text
    assert begin(officer, number, key="another") != begin(officer, number)
    assert len(act(fresh, "drafts", person=number)) == 2, "whoever asks for a new one gets it"
    for draft in act(fresh, "drafts", person=number):
        officer.post(f"{BASE}/utkast/{draft['id']}/ta-bort")
    assert "Inga utkast finns för personen." in officer.get(f"{file_of(officer, number)}/ny-utredning").text


@pytest.mark.parametrize(
    ("twist", "said"), [("deceased", "Personen är avliden."), ("not_resident", "inte folkbokförd")]
)
def test_for_some_nothing_can_be_begun(officer: httpx.Client, fresh: TownProcess, twist: str, said: str) -> None:
    number = person(fresh, twist)
    address = f"{file_of(officer, number)}/ny-utredning"
    assert "Börja" not in officer.get(address).text
    page = officer.post(address, data={"referens": "R-1"})
    assert page.status_code == 409
    assert said in page.text
    left = f"{BASE}/utkast/{act(fresh, 'leave_draft', person=number, reference='R-2')}"
    save(officer, left)
    assert said in register(officer, left).text
    assert fresh.truth(KEY) == []


def test_a_second_open_investigation_must_be_confirmed(officer: httpx.Client, fresh: TownProcess) -> None:
    draft = begin(officer, person(fresh, "open_investigation_already"))
    save(officer, draft)
    assert "Personen har redan en öppen utredning: FT-2026-" in words(register(officer, draft))
    assert fresh.truth(KEY) == []
    register(officer, draft, anda="ja")
    assert len(fresh.truth(KEY)) == 1


# -- letters --------------------------------------------------------------------------------------------------------


def send(browser: httpx.Client, number: str, **values: str) -> httpx.Response:
    return browser.post(f"{BASE}/utredningar/{number}/brev/nytt", data=LETTER | values)


def test_a_letter_is_sent_and_its_answer_watched(officer: httpx.Client, fresh: TownProcess) -> None:
    number = investigation(fresh)
    page = send(officer, number)
    (made,) = fresh.truth(KEY, "letter_sent")
    assert (made["about"], made["facts"]["due"]) == (number, "2026-12-07")
    assert f"<td>{made['facts']['letter']}</td>" in page.text
    assert f">{number}</a></td><td>Svar på begäran om komplettering</td>" in officer.get(f"{BASE}/bevakningar").text
    assert "Väntar på komplettering" in officer.get(f"{BASE}/utredningar/{number}").text
    found = officer.get(f"{BASE}/utredningar/{number}/brev", params={"referens": "r-0123456789AB"}).text
    assert found.count("<td>BR-") == 1


@pytest.mark.parametrize(
    ("twist", "kind", "said"),
    [("normal", "Påminnelse", "Påminnelse kan inte skickas innan begäran om komplettering har skickats."),
     ("reminder_due", "Sista påminnelse", "Sista påminnelse kan inte skickas innan påminnelse har skickats."),
     ("normal", "", "Brevtyp: välj ett alternativ.")],
)  # fmt: skip
def test_letters_come_in_their_order(clerk: httpx.Client, calm: TownProcess, twist: str, kind: str, said: str) -> None:
    assert alerts(send(clerk, investigation(calm, twist), brevtyp=kind)) == [said]


@pytest.mark.parametrize(("twist", "kind"), [("reminder_due", "Påminnelse"), ("final_notice_due", "Sista påminnelse")])
def test_a_reminder_waits_until_the_answer_is_late(
    officer: httpx.Client, fresh: TownProcess, twist: str, kind: str
) -> None:
    number = investigation(fresh, twist)
    send(officer, number, brevtyp=kind)
    assert [m["facts"]["letter_kind"] for m in fresh.truth(KEY)] == [kind]
    assert alerts(send(officer, number, brevtyp=kind)) == [
        f"{kind} kan inte skickas förrän svarstiden har gått ut (2026-12-07)."
    ]


@pytest.mark.parametrize("due", ["2026-12-02", "2026-12-05", "2026-12-24", "2027-01-04", "snart", ""])
def test_the_day_for_an_answer_is_a_workday_in_time(clerk: httpx.Client, calm: TownProcess, due: str) -> None:
    page = send(clerk, investigation(calm), svar_senast=due)
    assert alerts(page) == ["Svar senast ska vara en arbetsdag 10 till 30 dagar fram i tiden."]


@pytest.mark.parametrize(
    ("twist", "said"), [("supplement_came", "Inget saknas i utredningen."), ("protected", "Skatteverkets förmedling")]
)
def test_some_get_no_letter(clerk: httpx.Client, calm: TownProcess, twist: str, said: str) -> None:
    page = send(clerk, investigation(calm, twist))
    assert page.status_code == 409
    assert said in page.text


def test_a_text_is_demanded_and_the_template_has_its_day(clerk: httpx.Client, calm: TownProcess) -> None:
    number = investigation(calm)
    assert alerts(send(clerk, number, brevtext="Hej")) == ["Brevtexten ska vara 20 till 3000 tecken."]
    told = json.loads(clerk.get(f"{BASE}/utredningar/{number}/brevmall", params={"typ": "Påminnelse"}).text)
    assert told["svar_senast"] == "2026-12-07"
    assert told["svar_senast"] in told["text"]


@pytest.mark.parametrize("how", ["locked", "concluded"])
def test_what_a_colleague_holds_or_has_ended_is_not_changed(
    officer: httpx.Client, fresh: TownProcess, how: str
) -> None:
    number = investigation(fresh)
    if how == "locked":
        act(fresh, "lock", number=number)
        said = "Utredningen redigeras av Siv Malm. Du kan bara läsa."
    else:
        act(fresh, "decide", number=number, outcome="Avslag")
        said = "Utredningen är avslutad och kan inte ändras."
    assert said in send(officer, number).text
    assert said in officer.get(f"{BASE}/utredningar/{number}/tider").text
    assert fresh.truth(KEY) == []
    act(fresh, "unlock", number=number)
    send(officer, number)
    assert len(fresh.truth(KEY)) == (how == "locked")


# -- interview times ------------------------------------------------------------------------------------------------


def book(browser: httpx.Client, number: str, time: str, form: str = "Besök") -> httpx.Response:
    typed = {"tid": time, "form": form, "referens": "R-1", "fran": MONDAY}
    return browser.post(f"{BASE}/utredningar/{number}/tider", data=typed)


def test_a_time_is_booked_once_and_gone_from_the_list(officer: httpx.Client, fresh: TownProcess) -> None:
    number, citizen = investigation(fresh, "supplement_came"), person(fresh, "open_investigation_already")
    other = act(fresh, "investigations", person=citizen)[0]["number"]
    listed = officer.get(f"{BASE}/utredningar/{number}/tider/rows", params={"fran": MONDAY}).text
    time = re.findall(r'value="(T\d+)"', listed)[0]

    assert "Intervjun är bokad" in book(officer, number, time).text

    (made,) = fresh.truth(KEY)
    assert (made["kind"], made["about"]) == ("interview_booked", number)
    assert "Intervju är redan bokad:" in book(officer, number, time).text
    assert "är inte längre ledig" in alerts(book(officer, other, time))[0]
    assert f'value="{time}"' not in officer.get(f"{BASE}/utredningar/{other}/tider/rows?fran={MONDAY}").text
    assert len(fresh.truth(KEY)) == 1


def test_what_a_booking_refuses(clerk: httpx.Client, calm: TownProcess) -> None:
    number = investigation(calm, "supplement_came")
    assert alerts(book(clerk, number, "T999", "")) == [
        "Ledig tid: välj en tid i listan.", "Mötesform: välj ett alternativ.",
    ]  # fmt: skip
    assert "Ansökan är inte komplett." in book(clerk, investigation(calm), "T001").text
    far = clerk.get(f"{BASE}/utredningar/{number}/tider/rows", params={"fran": "2027-06-01"}).text
    assert "Inga lediga tider den här veckan." in far
