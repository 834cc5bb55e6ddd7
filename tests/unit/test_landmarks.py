"""What a page is made of, what of it has become otherwise, and how a person is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Connection, select

from robots.errors import ConfigurationError, NotSeen
from robots.evidence.recorder import Recorder
from robots.local_time import moment_of
from robots.scheduler import ticking
from robots.scheduler.mornings import Mornings
from robots.scheduler.scheduler import Scheduler
from robots.settings import Settings
from robots.store import Store
from robots.store.schema import runs
from robots.systems import landmarks
from robots.systems.landmarks import Page, Seen, Step, look_at, read_landmarks
from robots.systems.skeleton import (
    Change,
    Part,
    Sort,
    as_kept,
    changes_kept,
    compare,
    parts_kept,
    sentence,
    steady,
    with_landmarks,
)
from robots.worker import mornings as kept
from robots.worker.morning_check import check_of, checked_systems
from robots.worker.needs import systems_of
from robots.worker.own_tasks import OWN_TASKS
from robots.worker.warm_browser import Window
from tests.architecture.source import system_folders
from tests.sealing import keys_in
from tests.unit.benches import IMPATIENT, Practice, Site, bench
from tests.unit.pages import Answer, Asked, PageServer, page, serving
from tests.unit.runs import new_run


def field(name: str, **more: Any) -> Part:
    return Part("field", name, "text", **more)


CUSTOMER, STREET, SAVE = field("Kundnummer"), field("Gata"), Part("button", "Spara")
FORM = (Part("heading", "Ny kund"), CUSTOMER, STREET, SAVE)


# -- comparing ------------------------------------------------------------------------------------------------------


def said(*now: Part, before: tuple[Part, ...] = FORM) -> list[str]:
    return [sentence(change) for change in compare(before, now)]


def test_what_is_as_it_was_is_not_told() -> None:
    assert said(*FORM) == []


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((FORM[0], field("Kundnr"), STREET, SAVE), "fältet «Kundnummer» heter nu «Kundnr»"),
        ((FORM[0], CUSTOMER, STREET), "knappen «Spara» är borta"),
        ((*FORM, field("Kanal", demanded=True)), "fältet «Kanal» är nytt och måste fyllas i"),
        ((*FORM, Part("column", "Kund")), None),  # a list that has been empty so far
        ((*FORM, Part("button", "»"), Part("link", "Nästa sida")), None),  # there are as many as there are rows
        ((FORM[0], STREET, CUSTOMER, SAVE), "fältet «Gata» har flyttats"),
        ((FORM[0], replace(CUSTOMER, kind="list"), STREET, SAVE), "fältet «Kundnummer» är nu en lista"),
        ((FORM[0], replace(CUSTOMER, demanded=True), STREET, SAVE), "fältet «Kundnummer» måste nu fyllas i"),
        ((*FORM, Part("link", "Hjälp")), "länken «Hjälp» är ny"),
        ((*FORM, CUSTOMER), "fältet «Kundnummer» är nytt"),  # a second one, which a driver would stop at
    ],
)
def test_each_kind_of_change_is_told_in_a_sentence(now: tuple[Part, ...], words: str | None) -> None:
    assert said(*now) == ([words] if words else [])


def test_what_the_page_itself_calls_the_same_is_the_same_wherever_it_stands() -> None:
    before = (field("Datum", hint="d"), field("Adress", hint="a"), field("Namn", hint="n"))
    now = (field("Fullständigt namn", hint="n"), field("Datum", hint="d"), field("Kanal", hint="k"))
    assert said(*now, before=before) == [
        "fältet «Namn» heter nu «Fullständigt namn»", "fältet «Kanal» är nytt", "fältet «Adress» är borta"
    ]  # fmt: skip


def test_two_new_things_in_one_place_are_not_taken_for_an_old_one() -> None:
    now = (FORM[0], field("Id"), field("Kundnr"), STREET, SAVE)
    assert said(*now) == ["fältet «Id» är nytt", "fältet «Kundnr» är nytt", "fältet «Kundnummer» är borta"]


def test_what_a_driver_relies_on_is_told_apart() -> None:
    missing: list[tuple[Sort, str]] = [("field", "Kundnummer"), ("text", "Inga träffar")]
    found = with_landmarks(compare(FORM, (FORM[0], field("Kundnr"), STREET, SAVE)), missing)
    assert [sentence(change) for change in found] == [
        "fältet «Kundnummer», som roboten använder, heter nu «Kundnr»",
        "texten «Inga träffar», som roboten använder, finns inte",
    ]


@pytest.mark.parametrize(
    ("words", "sort", "same"),
    [
        ("Vecka 47 · måndag 23 november 2026", "heading", "Vecka # · # # # #"),
        ("Min korg (3)", "link", "Min korg (#)"),
        ("Förälder 2", "field", "Förälder 2"),
        ("mån 23/11", "column", "# #"),
        ("Riksnorm 2026", "field", "Riksnorm #"),
        ("Monteringsdag", "field", "Monteringsdag"),
    ],
)
def test_what_is_another_each_day_is_no_change(words: str, sort: Sort, same: str) -> None:
    assert steady(words, sort) == same


# -- what the files say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", system_folders("systems") + system_folders("cases"), ids=lambda f: f.name)
def test_every_system_names_its_landmarks(folder: Path) -> None:
    pages = read_landmarks(folder)
    assert pages
    assert all(page.asks or any(page.named.values()) for page in pages)


@pytest.mark.parametrize(
    ("written", "line", "words"),
    [
        ('[Start]\nfields = ["Namn"]\n', 1, "Skriv heading, eller asks"),
        ('[Start]\nheading = "Start"\nfield = ["Namn"]\n', 3, "field"),
        ('[Start]\nheading = "Start"\nway = [{ link = "A", button = "B" }]\n', 3, "Skriv ett av"),
        ('[Start]\nheading = "Start"\nway = [{ button = "A", window = true }]\n', 3, "Skriv heading"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_line(tmp_path: Path, written: str, line: int, words: str) -> None:
    (tmp_path / "landmarks.toml").write_text(written, "utf-8")
    with pytest.raises(ConfigurationError, match=words) as told:
        read_landmarks(tmp_path)
    assert told.value.line == line


# -- looking --------------------------------------------------------------------------------------------------------

SHADOW = """<div id=box></div><script>
  const root = box.attachShadow({mode: 'open'});
  root.innerHTML = '<label>Telefon <input name=tel></label><button>Ring</button>';
</script>"""
OLD = """<h1>Ny kund</h1><form><table>
<tr><td>Kundnummer *</td><td><input name=nr></td></tr><tr><td>Ort</td><td><select name=ort><option>A</select></td></tr>
</table><fieldset><legend>Kund sedan</legend><input name=sedan></fieldset><button>Spara</button></form>
<p><input type=checkbox name=visa> Visa alla</p><p role=status>Listan är ny <button>Stäng</button></p>
<div hidden><input name=dold><button>Dold</button></div>
<table><thead><tr><th>Namn ▲</th><th>Ort</th></tr></thead>
<tbody><tr><td>Anna Ek</td><td><button>Öppna Anna Ek</button></td></tr></tbody></table>"""


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def driver(window: Window, store: Store, tmp_path: Path, site: Site) -> Iterator[Practice]:
    with serving(site) as server:
        yield opened(window, store, tmp_path, server)


def opened(window: Window, store: Store, folder: Path, server: PageServer) -> Practice:
    return Practice(bench(window, store, folder, server.address))


def seen_by(driver: Practice, **page: Any) -> Seen:
    return look_at(driver, Page(title="Prov", heading="Ny kund", **page), pictured=lambda seen: False)


@pytest.mark.browser
def test_a_page_is_read_as_a_person_reads_it_through_frames_and_shadow_roots(site: Site, driver: Practice) -> None:
    site.pages["/"] = page(OLD + SHADOW + '<iframe title=Bild src="/inner"></iframe>')
    site.pages["/inner"] = page("<h2>Bilden</h2><label>Bildtext<textarea name=text></textarea></label>")
    seen = seen_by(driver, fields=["Bildtext", "Telefon"], buttons=["Ring"], columns=["Namn"])
    assert seen.missing == ()
    assert [(part.sort, part.name, part.kind, part.demanded) for part in seen.parts] == [
        ("heading", "Ny kund", "", False), ("field", "Kundnummer", "text", True), ("field", "Ort", "list", False),
        ("field", "Kund sedan", "text", False), ("button", "Spara", "", False), ("field", "Visa alla", "tick", False),
        ("column", "Namn", "", False), ("column", "Ort", "", False),
        ("field", "Telefon", "text", False), ("button", "Ring", "", False),
        ("heading", "Bilden", "", False), ("field", "Bildtext", "long text", False),
    ]  # fmt: skip


@pytest.mark.browser
def test_what_comes_late_is_waited_for_and_what_never_comes_is_missing(site: Site, driver: Practice) -> None:
    late = "document.querySelector('h1').insertAdjacentHTML('afterend', '<label>Text <input></label>')"
    site.pages["/"] = page(f"<h1>Ny kund</h1><script>setTimeout(() => {late}, 900)</script>")
    assert seen_by(driver, fields=["Text"]).missing == ()
    seen = seen_by(driver, fields=["Text", "Referens"], texts=["Inga träffar"])
    assert seen.missing == (("field", "Referens"), ("text", "Inga träffar"))


@pytest.mark.browser
@pytest.mark.parametrize(("awaiting", "names"), [(True, ["Ny kund", "Adress"]), (False, ["Ny kund"])])
def test_what_is_still_on_its_way_belongs_to_the_page_though_it_stands_still(
    site: Site, driver: Practice, monkeypatch: pytest.MonkeyPatch, awaiting: bool, names: list[str]
) -> None:
    """And the control: without a look at what is on its way, the page is taken as it stands."""
    if not awaiting:
        monkeypatch.setattr(landmarks, "_awaited", lambda driver: nullcontext(set()))

    def late(_: Asked) -> Answer:
        time.sleep(1.2)  # a slow system, which no word on its page tells of
        return Answer("Adress")

    fetched = "document.querySelector('h1').insertAdjacentHTML('afterend', `<label>${words} <input></label>`)"
    asks = f"fetch('/late').then(answer => answer.text()).then(words => {fetched})"
    site.pages |= {"/": page(f"<h1>Ny kund</h1><script>{asks}</script>"), "/late": late}
    assert [part.name for part in seen_by(driver).parts] == names


@pytest.mark.browser
def test_a_way_that_leads_nowhere_is_told(site: Site, driver: Practice) -> None:
    site.pages["/"] = page("<h1>Ny kund</h1><a href='/andra'>Vidare</a>")
    seen_by(driver)
    driver.timeout = IMPATIENT  # it is logged in, and what comes is there
    with pytest.raises(NotSeen):
        seen_by(driver, way=[Step(link="Register", heading="Register")])


@pytest.mark.browser
def test_a_picture_shows_no_rows_of_data(site: Site, driver: Practice, store: Store, tmp_path: Path) -> None:
    site.pages["/"] = page(f"<style>body {{ background: #fff }} td {{ background: #f00 }}</style>{OLD}")
    plain = driver.bench.recorder
    driver.bench.recorder = recorder = Recorder(store, tmp_path / "pictures", plain._run_id, 1, keys=keys_in(store))
    seen = look_at(driver, Page(title="Prov", heading="Ny kund"), pictured=lambda seen: True)
    recorder.finish()
    shown = Image.open(BytesIO(recorder.evidence.read(seen.picture))).convert("RGB")
    row = driver.page.locator("tbody td").last.bounding_box()
    caption = driver.page.locator("td").first.bounding_box()
    assert row
    assert caption

    def colour(box: Any) -> tuple[int, ...]:
        pixel = shown.getpixel((int(box["x"] + box["width"] - 3), int(box["y"] + box["height"] / 2)))
        assert isinstance(pixel, tuple)
        return tuple(int(value) for value in pixel)

    assert colour(row)[0] < 100
    assert colour(caption)[0] > 200  # the words beside a field are what is looked at


# -- judging, keeping and telling -----------------------------------------------------------------------------------


def seen(*parts: Part, missing: tuple[tuple[Sort, str], ...] = ()) -> Seen:
    return Seen(parts, missing)


def look(store: Store, what: Seen) -> Any:
    """A run of its own sees the page; the row that it leaves."""
    run_id = new_run(store)
    judged = kept.judge(store, "prov", "Kund", what)
    kept.keep(store, run_id, judged, system="prov", title="Prov", page="Kund", place=0, seen=what)
    (row,) = kept.of_runs(store, [run_id])
    return row


def test_a_page_is_news_once_until_it_is_otherwise_again(store: Store) -> None:
    other = seen(*FORM, field("Kanal"))
    rows = [look(store, what) for what in (seen(*FORM), seen(*FORM), other, other, seen(*FORM[:3]), seen(*FORM))]
    assert [(row.state, row.news) for row in rows] == [
        ("first", False), ("same", False), ("changed", True), ("changed", False), ("changed", True), ("same", False)
    ]  # fmt: skip
    assert [row.seen is None for row in rows] == [False, True, False, False, False, True]


def test_a_page_on_which_a_landmark_is_missing_is_not_taken_for_right_the_first_time(store: Store) -> None:
    row = look(store, seen(*FORM, missing=(("field", "Referens"),)))
    assert (row.state, row.news, row.since) == ("missing", True, None)
    assert kept.told(row) == (
        "Prov: ser inte ut som roboten väntar sig: fältet «Referens», som roboten använder, finns inte (sidan Kund)"
    )
    assert look(store, seen(*FORM)).state == "first"


def test_only_a_person_makes_what_is_new_the_rule(store: Store) -> None:
    look(store, seen(*FORM))
    more = seen(*FORM, field("Kanal"))
    assert [look(store, more).state for _ in range(2)] == ["changed", "changed"]
    assert kept.accept(store, "prov", by="anna") == ["Kund"]
    assert look(store, more).state == "same"


def test_since_when_it_is_otherwise_is_told_as_people_say_it() -> None:
    change = [{"what": "gone", "sort": "button", "name": "Spara", "relied": True}]
    row = SimpleNamespace(title="Renhållning & slam", page="Sök kund", state="missing", changes=change, why="",
                          at=moment_of(moment("2026-11-23 06:00")), since=date(2026, 11, 22))  # fmt: skip
    told: Any = row
    assert kept.told(told) == (
        "Renhållning & slam: ändrad sedan i går: knappen «Spara», som roboten använder, är borta (sidan Sök kund)"
    )
    row.since = date(2026, 11, 20)
    assert "ändrad sedan 2026-11-20:" in kept.told(told)
    row.state, row.why = "unreachable", "Prov svarar 503."
    assert kept.told(told) == "Renhållning & slam: gick inte att nå: Prov svarar 503. (sidan Sök kund)"


def test_what_is_kept_comes_back_as_it_was() -> None:
    change = Change("reworded", "field", "Kundnr", before="Kundnummer", relied=True)
    assert changes_kept(as_kept([change])) == (change,)
    assert parts_kept(as_kept(FORM)) == FORM


# -- by itself ------------------------------------------------------------------------------------------------------


def moment(local: str) -> datetime:
    return datetime.fromisoformat(local)


@pytest.mark.parametrize(
    ("local", "at", "asked"),
    [
        ("2026-11-23 05:59", "06:00", False),
        ("2026-11-23 06:00", "06:00", True),
        ("2026-11-23 07:59", "06:00", True),  # nobody was there in time
        ("2026-11-23 08:00", "06:00", False),  # by now they have met it themselves
        ("2026-11-22 06:30", "06:00", False),  # a Sunday
        ("2026-12-24 06:30", "06:00", False),
        ("2026-11-23 06:30", "", False),
    ],
)
def test_it_is_asked_for_on_workdays_in_time(machine: Settings, store: Store, local: str, at: str, asked: bool) -> None:
    settings = machine.model_copy(update={"morning_check_at": at})
    Mornings(settings, store, now=lambda _: moment_of(moment(local))).look()
    assert bool(asked_for(store)) is asked


def test_each_system_is_looked_at_once_a_morning_however_many_ask(machine: Settings, store: Store) -> None:
    now = "2026-11-23 06:00"

    def told(_: Connection) -> Any:
        return moment_of(moment(now))

    for scheduler in [Mornings(machine, store, now=told) for _ in range(2)]:
        scheduler.look()
        scheduler.look()
    first = asked_for(store)
    assert sorted(first) == sorted(f"morning_check_{key}" for key in checked_systems(machine))
    now = "2026-11-24 06:10"
    Mornings(machine, store, now=told).look()
    assert len(asked_for(store)) == 2 * len(first)


def test_a_scheduler_at_work_asks_for_it(
    machine: Settings, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "MORNING_SECONDS", 0.05)
    settings = machine.model_copy(update={"schedules_dir": tmp_path})
    scheduler = Scheduler(settings, store, now=lambda _: moment_of(moment("2026-11-23 06:00")))
    until = time.monotonic() + 30
    with ticking.ticking(scheduler):
        while not asked_for(store) and time.monotonic() < until:
            time.sleep(0.05)  # another thread asks; the database tells nobody
    assert "morning_check_drawing_archive" in asked_for(store)


def asked_for(store: Store) -> list[str]:
    with store.begin() as connection:
        return list(connection.execute(select(runs.c.task).where(runs.c.source == "schedule")).scalars())


def test_a_system_that_is_down_keeps_no_other_from_being_looked_at(machine: Settings) -> None:
    """Not even the case system: no handover is written by a check."""
    check = check_of("drawing_archive")
    assert systems_of(machine, check) == {"drawing_archive"}
    assert OWN_TASKS[check.name].title == "Morgonkontroll"
    assert {f"morning_check_{folder.name}" for folder in system_folders("systems")} <= set(OWN_TASKS)
    assert "morning_check_bryggeriet" not in OWN_TASKS
    with pytest.raises(ConfigurationError, match="drivrutin"):
        check_of("access")  # a module of the base is no system
