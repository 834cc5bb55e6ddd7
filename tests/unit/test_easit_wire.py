"""How Easit GO's answers are read: collections, empty connections, two kinds of times, pages, and silence."""

from __future__ import annotations

import base64
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from robots.cases.easit_go import Reader
from robots.cases.easit_go.wire import Listing, Names, Row, refusal
from robots.effects import Ledger
from robots.errors import BusinessException, ConfigurationError, DownloadBroken, PageNotRecognised, SeveralMatches
from robots.evidence import Recorder
from robots.fields import CaseNumber
from robots.settings import SystemSettings
from robots.store import Store
from robots.systems.bench import Bench
from robots.systems.login import LoginSessions
from tests.conftest import ROOT
from tests.sealing import keys_in
from tests.unit.benches import KEY
from tests.unit.pages import Answer, Asked, serving
from tests.unit.runs import new_attempt, new_run

NAMES: dict[str, str] = tomllib.loads((ROOT / "config" / "systems.toml").read_text("utf-8"))["easit_go"]["names"]
CASE = CaseNumber("KC-26110042-4")


def prop(name: str, content: str | None, raw: str | None = None) -> dict[str, Any]:
    return {"name": name, "content": content, "rawValue": raw}


def page(properties: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An answer with one item; ``columns`` are those of its properties unless they are given."""
    columns = more.pop("columns", sorted({p["name"] for p in properties}))
    return {
        "columns": {"column": [{"content": name, "datatype": "STRING", "collection": False} for name in columns]},
        "items": {"item": [{"id": "46:1", "property": properties, "attachment": []}]},
        "requestedPage": 1, "page": 1, "pageSize": 25, "totalNumberOfPages": 1, "totalNumberOfItems": 1,
    } | more  # fmt: skip


def listing(told: Any) -> Listing:
    return Listing("vy", httpx.Response(200, json=told))


# -- properties -----------------------------------------------------------------------------------------------------


def test_a_name_that_stands_twice_is_a_collection_and_never_one_of_its_values() -> None:
    (row,) = listing(page([prop("Lösning", "Ringde upp"), prop("Lösning", "Skickade brev")])).rows

    assert [p.content for p in row.each("Lösning")] == ["Ringde upp", "Skickade brev"]
    with pytest.raises(SeveralMatches, match="Ringde upp, Skickade brev"):
        row.text("Lösning")


def test_an_empty_connection_is_nothing_whatever_stands_in_it() -> None:
    (row,) = listing(page([prop("Handläggare", "", "null:2"), prop("Grupp", "Ingen", "null:2")])).rows

    assert (row.text("Handläggare"), row.text("Grupp")) == ("", "")


def test_a_column_that_the_view_does_not_show_is_no_empty_one() -> None:
    """Else a view that somebody has taken the column away from would say of everybody that nothing is protected."""
    (row,) = listing(page([prop("Rubrik", "Ritningar")])).rows

    with pytest.raises(ConfigurationError, match="visar inte kolumnen «Skyddade uppgifter»"):
        row.text("Skyddade uppgifter")


@pytest.mark.parametrize(
    ("raw", "day"),
    [("2026-11-22T23:30:00Z", date(2026, 11, 23)), ("2026-07-01T21:30:00Z", date(2026, 7, 1)),
     ("2026-07-01T22:30:00Z", date(2026, 7, 2))],
)  # fmt: skip
def test_the_day_is_the_one_in_sweden(raw: str, day: date) -> None:
    (row,) = listing(page([prop("Skapad", "22 nov. 2026", raw)])).rows

    assert row.day("Skapad") == day


@pytest.mark.parametrize("told", [[], {"items": {"item": []}}, page([]) | {"totalNumberOfItems": None}, "stängt"])
def test_silence_is_no_absence(told: Any) -> None:
    with pytest.raises(PageNotRecognised, match="svarade inte som väntat"):
        listing(told)


# -- files ----------------------------------------------------------------------------------------------------------

SECRET = "Sekretess på bilaga"


def row_with(value: str | None, *properties: dict[str, Any], columns: tuple[str, ...] = (SECRET,)) -> Row:
    told = page(list(properties), columns=list(columns))
    told["items"]["item"][0]["attachment"] = [{"name": "a.jpg", "value": value, "contentId": "c" * 32}]
    return listing(told).rows[0]


def test_a_file_comes_in_base64_and_is_open_unless_it_is_named_as_secret() -> None:
    value = base64.b64encode(b"bild").decode()

    ((plain, content),) = row_with(value).files(SECRET)
    ((secret, _),) = row_with("", prop(SECRET, "a.jpg", "c" * 32)).files(SECRET)

    assert (plain.name, plain.size, plain.secret, content) == ("a.jpg", 4, False, b"bild")
    assert (secret.size, secret.secret) == (0, True)


def test_a_file_that_was_cut_is_no_file() -> None:
    with pytest.raises(DownloadBroken, match=r"a\.jpg"):
        row_with("YmlsZ").files(SECRET)


def test_a_view_that_does_not_say_what_is_secret_shows_no_files() -> None:
    with pytest.raises(ConfigurationError, match=SECRET):
        row_with("", columns=("Ärendenummer",)).files(SECRET)


# -- results --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "told", "words"),
    [
        (200, {"importItemResult": [{"result": "OK", "skippedOrExceptionMessage": None}]}, ""),
        (200, {"importItemResult": [{"result": "ERROR", "skippedOrExceptionMessage": "Avslutat."}]}, "Avslutat."),
        (200, {"importItemResult": [{"result": "SKIPPED", "skippedOrExceptionMessage": None}]}, "SKIPPED"),
        (200, {"importItemResult": []}, ""),
        (200, {"något": "annat"}, ""),
        (400, {"message": "Import handler x could not be found."}, '400 {"message"'),
    ],
)
def test_only_what_says_no_is_a_no(status: int, told: Any, words: str) -> None:
    found = refusal(httpx.Response(status, json=told))

    assert found.startswith(words)
    assert bool(found) == bool(words)


# -- configuration --------------------------------------------------------------------------------------------------


def test_a_name_that_nobody_has_configured_is_told() -> None:
    missing = {name: value for name, value in NAMES.items() if name != "protected"} | {"skydd": "Skyddad"}

    with pytest.raises(ConfigurationError, match="protected, skydd"):
        Names.of(missing)


# -- pages ----------------------------------------------------------------------------------------------------------


@dataclass
class Desk:
    """An Easit GO with so many events in one case. ``stays``: whatever page is asked for, it gives the first one.
    ``endless``: it tells of more pages than it has."""

    events: int = 120
    stays: bool = False
    shrinks: bool = False
    endless: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def __call__(self, asked: Asked) -> Answer:
        told = json.loads(asked.body)
        assert asked.method == "GET"
        self.keys.add(asked.headers["authorization"])
        self.asked.append(told)
        number, size = 1 if self.stays else told["page"], told["pageSize"]
        gone = 1 if self.shrinks and number > 1 else 0
        rows = range(gone, self.events)
        shown = rows[(number - 1) * size : number * size]
        items = [{"id": f"47:{n}", "property": [prop("Ärende", CASE), prop("Typ", "Notis")]} for n in shown]
        found = page([], columns=["Ärende", "Typ"], page=number, items={"item": items})
        return Answer(json.dumps(
            found | {"totalNumberOfPages": 10**12 if self.endless else -(-len(rows) // size),
                     "totalNumberOfItems": len(rows)}
        ))  # fmt: skip


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def reader(desk: Desk, store: Store, tmp_path: Path) -> Iterator[Reader]:
    run_id = new_run(store)
    ledger = Ledger(
        store, run_id=run_id, attempt_id=new_attempt(store, run_id), task="prov", case_number=None, subject="prov"
    )
    with serving(desk) as server:
        reader = Reader(
            Bench(
                settings=SystemSettings(url=server.address, names=NAMES), title="Easit GO", robot_user="ada",
                ask_password=lambda: SecretStr("nyckel"), logins=LoginSessions(store, KEY, "ada", "prov"),
                ledger=ledger,
                recorder=Recorder(store, tmp_path, run_id, 1, keys=keys_in(store), pictures=False),
            )
        )  # fmt: skip
        yield reader
        reader.close()


Look = Callable[[], Any]


@pytest.fixture
def look(reader: Reader) -> Look:
    """All events of one kind: more than one page of them."""
    return lambda: reader._events(CASE, "Typ", "Notis")


def test_all_pages_are_read_and_each_is_asked_for(look: Look, desk: Desk) -> None:
    assert len(look()) == 120
    assert [asked["page"] for asked in desk.asked] == [1, 2, 3]


def test_a_page_that_comes_instead_of_another_is_not_read_twice(look: Look, desk: Desk) -> None:
    desk.stays = True
    with pytest.raises(PageNotRecognised, match="visar sida 1 i stället för sida 2"):
        look()


def test_pages_that_have_nothing_are_not_asked_for_without_end(look: Look, desk: Desk) -> None:
    desk.endless = True
    with pytest.raises(PageNotRecognised, match="visar ingenting på sida 4 av"):
        look()


def test_a_list_that_changes_while_it_is_read_is_no_list(look: Look, desk: Desk) -> None:
    """The first event is gone when the second page comes: number 50 has moved to the page that was read already."""
    desk.shrinks = True
    with pytest.raises(PageNotRecognised, match="säger 119 och 120 rader men visade 119"):
        look()


def test_rows_that_are_not_what_was_asked_for_are_not_taken(reader: Reader) -> None:
    """A filter that the system did not apply."""
    with pytest.raises(PageNotRecognised, match="andra händelser"):
        reader._events(CASE, "Typ", "Anteckning")


def test_the_key_goes_as_a_user_name_and_a_body_goes_with_a_get(reader: Reader, desk: Desk) -> None:
    desk.events = 0
    with pytest.raises(BusinessException, match="finns inte"):
        reader.read(CASE)

    (asked,) = desk.asked
    assert asked["columnFilter"] == [{"columnName": "Ärendenummer", "comparator": "EQUALS", "content": CASE}]
    assert desk.keys == {f"Basic {base64.b64encode(b'nyckel:').decode()}"}
