"""Ekonomiportalen Saldo as a robot meets it: roles, lazy lists, what is hidden, exports, and what is committed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from robots.practice.customer_ledger.ledger import ocr_fault, ocr_for
from robots.practice.identifiers import luhn
from tests.practice.conftest import TownProcess, acting_in

BASE = "/reskontra"
KEY = "customer_ledger"
act = acting_in(KEY)


@pytest.fixture(scope="module")
def saldo(town_process: TownProcess) -> TownProcess:
    """The town as new. Tests that only read share it."""
    town_process.control.post("/reset", json={"seed": 1}).raise_for_status()
    return town_process


@pytest.fixture
def fresh(saldo: TownProcess) -> Iterator[TownProcess]:
    """For a test that changes something, which none after it may notice."""
    yield saldo
    saldo.control.post("/reset", json={"seed": 1}).raise_for_status()


@pytest.fixture
def visitor(saldo: TownProcess) -> Iterator[httpx.Client]:
    with saldo.browser() as made:
        yield made


def log_in(visitor: httpx.Client, name: str, password: str) -> httpx.Client:
    visitor.post(f"{BASE}/logga-in", data={"anvandarnamn": name, "losenord": password}).raise_for_status()
    return visitor


@pytest.fixture
def officer(visitor: httpx.Client) -> httpx.Client:
    return log_in(visitor, "ragnhild", "journal-pass")


@pytest.fixture
def reader(visitor: httpx.Client) -> httpx.Client:
    return log_in(visitor, "lasare", "read-pass")


def asked_about(town: TownProcess, twist: str = "normal") -> dict[str, Any]:
    told: dict[str, Any] = act(town, "asked_about", case=town.case("invoice_question", twist)["number"])
    return told


def invoice(town: TownProcess, twist: str = "normal") -> dict[str, Any]:
    told: dict[str, Any] = asked_about(town, twist)["invoice"]
    return told


def words(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def rows(visitor: httpx.Client, listing: str, **asked: str) -> list[list[str]]:
    page = visitor.get(f"{BASE}/lista/{listing}/rows", params=asked).text
    return [[unescape(c) for c in re.findall(r"<td[^>]*>(.*?)</td>", r)]
            for r in re.findall(r"<tr class[^>]*>(.*?)</tr>", page)]  # fmt: skip


# -- the way in -----------------------------------------------------------------------------------------------------


def test_login_is_in_the_systems_own_words(visitor: httpx.Client) -> None:
    page = visitor.get(f"{BASE}/")
    assert page.url.path == f"{BASE}/logga-in"
    assert "<h1>Logga in</h1>" in page.text
    wrong = visitor.post(f"{BASE}/logga-in", data={"anvandarnamn": "ragnhild", "losenord": "fel"})
    assert (wrong.status_code, "Fel användarnamn eller lösenord." in wrong.text) == (401, True)


@pytest.mark.parametrize("path", ["/", "/panel/start", "/lista/fakturor/rows", "/panel/faktura/1", "/finns-inte"])
def test_nobody_sees_anything_without_a_session(visitor: httpx.Client, path: str) -> None:
    assert visitor.get(BASE + path).url.path == f"{BASE}/logga-in"


def test_a_user_without_a_role_stays_outside(visitor: httpx.Client) -> None:
    answer = visitor.post(f"{BASE}/logga-in", data={"anvandarnamn": "utestangd", "losenord": "closed-pass"})
    assert answer.status_code == 401


def test_the_portal_is_closed_for_maintenance_in_its_own_words(saldo: TownProcess, visitor: httpx.Client) -> None:
    saldo.control.post("/faults", json={"system": KEY, "kind": "down", "seconds": 5}).raise_for_status()
    page = visitor.get(f"{BASE}/")
    assert (page.status_code, "<h1>Portalen är stängd</h1>" in page.text) == (503, True)


@pytest.mark.parametrize(
    "path", ["/x", "/panel/lista/x", "/lista/x/rows", "/panel/faktura/1", "/panel/kund/1", "/lista/x/export.csv"]
)
def test_an_unknown_address_is_answered_in_the_systems_style(reader: httpx.Client, path: str) -> None:
    page = reader.get(BASE + path)
    assert (page.status_code, "Sidan hittades inte" in page.text) == (404, True)


# -- panels and lists -----------------------------------------------------------------------------------------------


def test_the_portal_itself_has_no_panel_in_it(reader: httpx.Client) -> None:
    page = reader.get(f"{BASE}/").text
    assert "<h1>Ekonomiportalen Saldo</h1>" in page
    assert "<h2>" not in page
    assert "<form" not in page


@pytest.mark.parametrize(
    ("panel", "heading"),
    [("start", "Start"), ("lista/kunder", "Kunder"), ("lista/fakturor", "Fakturor"),
     ("lista/betalningar", "Betalningar"), ("lista/noteringar", "Noteringar")],
)  # fmt: skip
def test_every_panel_names_itself(reader: httpx.Client, panel: str, heading: str) -> None:
    assert f"<h2>{heading}</h2>" in reader.get(f"{BASE}/panel/{panel}").text


def test_a_list_comes_in_portions_and_tells_how_many_there_are(reader: httpx.Client) -> None:
    first = rows(reader, "kunder")
    second = rows(reader, "kunder", fran="25")
    assert (len(first), len(second)) == (25, 25)
    assert not {r[0] for r in first} & {r[0] for r in second}
    page = reader.get(f"{BASE}/lista/kunder/rows").text
    assert re.search(r"Antal: 1\u00a0\d{3} träffar", page)
    assert "Antal" not in reader.get(f"{BASE}/lista/kunder/rows", params={"fran": "25"}).text


@pytest.mark.parametrize(
    ("listing", "asked", "absent"),
    [("kunder", {"namn": "Xyz"}, "Inga kunder hittades."), ("fakturor", {"fakturanr": "9"}, "Inga fakturor hittades."),
     ("betalningar", {"kundnr": "9"}, "Inga betalningar hittades."),
     ("noteringar", {"referens": "R-0"}, "Inga noteringar hittades.")],
)  # fmt: skip
def test_a_list_says_in_words_that_it_is_empty(
    reader: httpx.Client, listing: str, asked: dict[str, str], absent: str
) -> None:
    assert absent in words(reader.get(f"{BASE}/lista/{listing}/rows", params=asked))


@pytest.mark.parametrize(("column", "number"), [(4, False), (6, True)])
def test_a_list_is_sorted_by_what_its_column_means(reader: httpx.Client, column: int, number: bool) -> None:
    def keys(order: str) -> list[Any]:
        shown = [r[column] for r in rows(reader, "fakturor", sortering=f"{column}-{order}", avslutade="ja")]
        return [int(re.sub(r"\D", "", s)) for s in shown] if number else shown

    assert keys("stigande") == sorted(keys("stigande"))
    assert keys("fallande") == sorted(keys("fallande"), reverse=True)
    assert keys("stigande") != keys("fallande")


@pytest.mark.parametrize("twist", ["normal", "paid", "inkasso", "dispute"])
def test_a_closed_invoice_is_hidden_until_the_box_is_ticked(
    saldo: TownProcess, reader: httpx.Client, twist: str
) -> None:
    ocr = asked_about(saldo, twist)["ocr"]
    assert len(rows(reader, "fakturor", ocr=ocr)) == (0 if twist == "paid" else 1)
    assert len(rows(reader, "fakturor", ocr=ocr, avslutade="ja")) == 1
    if twist == "paid":
        assert "Avslutade visas inte." in reader.get(f"{BASE}/lista/fakturor/rows", params={"ocr": ocr}).text


def test_an_ocr_number_is_checked_before_it_is_looked_for(saldo: TownProcess, reader: httpx.Client) -> None:
    right = asked_about(saldo)["ocr"]
    body = right[:-2] + str((int(right[-2]) + 1) % 10)
    for wrong, fault in (
        (right[:-1] + str((int(right[-1]) + 1) % 10), "kontrollsiffran stämmer inte"),
        (body + str(luhn(body)), "längdsiffran stämmer inte"),
        ("12", "minst fem siffror"),
    ):
        page = reader.get(f"{BASE}/lista/fakturor/rows", params={"ocr": wrong, "avslutade": "ja"})
        assert fault in words(page)
        assert 'role="alert"' in page.text


def test_ocr_numbers_end_in_their_length_and_a_check_digit() -> None:
    assert ocr_for("62000001")[-2] == "0"
    assert ocr_for("855000001")[-2] == "1"
    assert ocr_fault(ocr_for("62000001")) == ocr_fault(ocr_for("855000001")) == ""


# -- cards ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("twist", "said"),
    [("normal", ["Status Obetald", "Inga kravåtgärder", "Ingen tvist", "Inget anstånd"]),
     ("paid", ["Status Betald", "Kvar att betala 0,00"]),
     ("inkasso", ["Status Inkasso", "Krav Överlämnad till Norrskog Inkasso AB"]),
     ("dispute", ["Status Tvist", "Tvist Kunden bestrider fakturan"]),
     ("child_care_debt", ["Avser Barnomsorg", "Status Påmind", "Krav Påminnelse skickad"])],
)  # fmt: skip
def test_the_card_says_how_the_invoice_stands(
    saldo: TownProcess, reader: httpx.Client, twist: str, said: list[str]
) -> None:
    told = invoice(saldo, twist)
    shown = words(reader.get(f"{BASE}/panel/faktura/{told['number']}/uppgifter"))
    for phrase in [*said, f"OCR-nummer {told['ocr']}", f"Förfallodatum {told['due']}"]:
        assert phrase in shown


def test_whose_invoice_it_is(saldo: TownProcess) -> None:
    for twist, same in (("normal", True), ("wrong_payer", False)):
        citizen = saldo.case("invoice_question", twist)["citizen"]
        assert (invoice(saldo, twist)["customer"] == citizen) is same


def test_an_invoice_that_nobody_has_sent_is_not_there(saldo: TownProcess, reader: httpx.Client) -> None:
    told = asked_about(saldo, "unknown_ocr")
    assert told["invoice"] is None
    assert ocr_fault(told["ocr"]) == ""
    assert rows(reader, "fakturor", ocr=told["ocr"], avslutade="ja") == []


def test_a_protected_customer_has_no_name_in_the_ledger(saldo: TownProcess, reader: httpx.Client) -> None:
    case = saldo.case("extra_sludge", "protected")
    name = saldo.control.get(f"/people/{case['citizen']}").json()["name"]
    (row,) = rows(reader, "kunder", orgnr=case["citizen"])
    assert row[1] == row[3] == "Skyddade personuppgifter"
    card = words(reader.get(f"{BASE}/panel/kund/{row[0]}"))
    assert name not in card
    assert "Kunden har skyddade personuppgifter." in card


def test_payments_stand_on_the_card_or_are_said_to_be_missing(saldo: TownProcess, reader: httpx.Client) -> None:
    paid, unpaid = (invoice(saldo, twist)["number"] for twist in ("paid", "normal"))
    assert "Autogiro" in words(reader.get(f"{BASE}/panel/faktura/{paid}/betalningar"))
    assert "Inga betalningar är registrerade." in words(reader.get(f"{BASE}/panel/faktura/{unpaid}/betalningar"))


# -- files ----------------------------------------------------------------------------------------------------------


def test_a_list_is_exported_whole_for_a_swedish_excel(saldo: TownProcess, reader: httpx.Client) -> None:
    told = invoice(saldo)
    answer = reader.get(f"{BASE}/lista/fakturor/export.csv",
                        params={"kundnr": told["customer_number"], "avslutade": "ja"})  # fmt: skip
    lines = answer.content.decode("cp1252").splitlines()
    assert lines[0].startswith("Fakturanummer;OCR-nummer;Kundnummer;Avser;")
    assert len(lines) == 1 + len(act(saldo, "invoices", person=told["customer"])) > 26
    (mine,) = (line.split(";") for line in lines if line.startswith(told["number"]))
    assert mine[6] == f"{told['amount'] // 100},{told['amount'] % 100:02d}"
    assert "attachment" in answer.headers["content-disposition"]


def test_a_copy_is_kept_for_two_years(saldo: TownProcess, reader: httpx.Client) -> None:
    ours = sorted(act(saldo, "invoices", person=invoice(saldo)["customer"]), key=lambda i: i["issued"])
    old, new = ours[0]["number"], ours[-1]["number"]
    copy = reader.get(f"{BASE}/faktura/{new}/kopia.pdf")
    assert copy.content.startswith(b"%PDF-")
    assert copy.content == reader.get(f"{BASE}/faktura/{new}/kopia.pdf").content
    assert reader.get(f"{BASE}/faktura/{old}/kopia.pdf").status_code == 404
    shown = reader.get(f"{BASE}/panel/faktura/{old}/uppgifter").text
    assert "Fakturakopian är gallrad." in shown
    assert "kopia.pdf" not in shown


# -- changes --------------------------------------------------------------------------------------------------------


def test_a_note_is_committed_and_found_by_its_reference(fresh: TownProcess, officer: httpx.Client) -> None:
    number = invoice(fresh)["number"]
    answer = officer.post(f"{BASE}/faktura/{number}/notering", data={"text": "Kunden ringde.", "referens": "R-1"})
    assert "Noteringen är sparad." in answer.text
    (made,) = fresh.truth(KEY)
    assert (made["kind"], made["about"], made["by"]) == ("note_added", number, "ragnhild")
    assert made["facts"] == {"text": "Kunden ringde.", "reference": "R-1"}
    (row,) = rows(officer, "noteringar", referens="R-1")
    assert row[1:4] == [number, "Kunden ringde.", "R-1"]


@pytest.mark.parametrize(
    ("typed", "fault"),
    [({"text": " "}, "Skriv en noteringstext."), ({"text": "x" * 301}, "högst 300 tecken"),
     ({"text": "x", "referens": "R" * 41}, "högst 40 tecken")],
)  # fmt: skip
def test_a_note_that_is_wrong_is_refused(
    saldo: TownProcess, officer: httpx.Client, typed: dict[str, str], fault: str
) -> None:
    answer = officer.post(f"{BASE}/faktura/{invoice(saldo)['number']}/notering", data=typed)
    assert (answer.status_code, fault in answer.text) == (422, True)
    assert saldo.truth(KEY) == []


def test_who_may_only_read_gets_no_form_and_no_change(saldo: TownProcess, reader: httpx.Client) -> None:
    number = invoice(saldo)["number"]
    assert "<form" not in reader.get(f"{BASE}/panel/faktura/{number}/noteringar").text
    answer = reader.post(f"{BASE}/faktura/{number}/notering", data={"text": "Kunden ringde."})
    assert (answer.status_code, "Du har läsbehörighet" in answer.text) == (403, True)
    assert saldo.truth(KEY) == []


def test_what_colleagues_and_banks_do_is_seen_at_once(fresh: TownProcess, reader: httpx.Client) -> None:
    told = invoice(fresh)
    assert act(fresh, "pay", invoice=told["number"], amount=10000)["status"] == "Delvis betald"
    assert act(fresh, "pay", invoice=told["number"], amount=told["remaining"] - 10000)["status"] == "Betald"
    assert rows(reader, "fakturor", ocr=told["ocr"]) == []
    act(fresh, "set_status", invoice=told["number"], status="Inkasso")
    act(fresh, "grant_respite", invoice=told["number"], until="2027-03-01")
    shown = words(reader.get(f"{BASE}/panel/faktura/{told['number']}/uppgifter"))
    assert "Status Inkasso" in shown
    assert "Anstånd till 2027-03-01" in shown
